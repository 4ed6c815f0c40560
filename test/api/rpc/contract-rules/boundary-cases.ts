// Requests that differ from a valid one in one place, at the boundary of a rule that stands there.

import { clone, create, type DescField, getOption, type Message } from "@bufbuild/protobuf";
import {
  isReflectList,
  isReflectMessage,
  reflect,
  type ReflectList,
  type ReflectMap,
  type ReflectMessage,
} from "@bufbuild/protobuf/reflect";
import {
  type FieldRules,
  MapRulesSchema,
  oneof as oneofOption,
  RepeatedRulesSchema,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { rulesOf } from "./contract.ts";
import { around, lengthsAround, valuesFor } from "./boundary-values.ts";
import { messageOf } from "./verdicts.ts";

export interface BoundaryCase {
  readonly name: string;
  readonly request: Message;
}

type Change = (message: ReflectMessage) => void;
/** From the request to the message in which something is changed. */
type Way = (request: ReflectMessage) => ReflectMessage;

/** Each place in a request is tried in the first sample that has it. */
export function* boundaryCases(samples: readonly Message[]): Generator<BoundaryCase> {
  const tried = new Set<string>();
  for (const sample of samples) {
    const desc = messageOf(sample);
    for (const { name, way, change } of changes(reflect(desc, sample), desc.name, (request) => request)) {
      const anywhere = name.replaceAll(/\[\d+\]/g, "[]");
      if (tried.has(anywhere)) continue;
      tried.add(anywhere);
      const request = clone(desc, sample);
      change(way(reflect(desc, request)));
      yield { name, request };
    }
  }
}

/** More than the core may quietly allow where no rule says how many. */
const manyEntries = 12_000;
const sizesAround = (min: bigint, max: bigint): readonly number[] => [
  ...lengthsAround(min, max),
  ...(max > 0n ? [] : [manyEntries]),
];
const noLimits = create(RepeatedRulesSchema);
const noPairLimits = create(MapRulesSchema);

interface Changed {
  readonly name: string;
  readonly way: Way;
  readonly change: Change;
}

function* changes(message: ReflectMessage, at: string, way: Way): Generator<Changed> {
  for (const oneof of message.oneofs) {
    const set = message.oneofCase(oneof);
    if (set === undefined || !getOption(oneof, oneofOption).required) continue;
    yield { name: `${at}.${oneof.name} absent`, way, change: (target) => target.clear(set) };
  }
  for (const field of message.fields) {
    const here = `${at}.${field.name}`;
    for (const [what, change] of changesOf(field, rulesOf(field), message)) {
      yield { name: `${here} ${what}`, way, change };
    }
    if (message.isSet(field)) yield* below(message.get(field), { field, here, way });
  }
}

function* below(
  value: unknown,
  { field, here, way }: { readonly field: DescField; readonly here: string; readonly way: Way },
): Generator<Changed> {
  if (isReflectMessage(value)) {
    if (value.desc.typeName.startsWith("sluice.")) {
      yield* changes(value, here, (request) => messageIn(way(request).get(field)));
    }
  } else if (isReflectList(value)) {
    for (const [i, item] of value.entries()) {
      if (!isReflectMessage(item)) continue;
      const wayToItem: Way = (request) => messageIn(listIn(way(request).get(field)).get(i));
      yield* changes(item, `${here}[${i}]`, wayToItem);
    }
  }
}

function messageIn(value: unknown): ReflectMessage {
  if (isReflectMessage(value)) return value;
  throw new Error("There is no message.");
}

function listIn(value: unknown): ReflectList {
  if (isReflectList(value)) return value;
  throw new Error("There is no list.");
}

function* changesOf(
  field: DescField,
  rules: FieldRules,
  message: ReflectMessage,
): Generator<readonly [string, Change]> {
  // Taking away what a oneof holds is another case: the oneof's.
  if (field.oneof === undefined) yield ["absent", (target) => target.clear(field)];
  const isPlain = field.fieldKind !== "list" && field.fieldKind !== "map" && field.oneof === undefined;
  if (!isPlain && !message.isSet(field)) return;
  if (field.fieldKind === "list") yield* changesOfList(field, rules);
  else if (field.fieldKind === "map") yield* changesOfMap(field, rules);
  else {
    for (const value of valuesFor(field, rules)) {
      yield [shown(value), (target) => target.set(field, value)];
    }
  }
}

function* changesOfList(
  field: DescField & { fieldKind: "list" },
  { type }: FieldRules,
): Generator<readonly [string, Change]> {
  const { minItems, maxItems, items } = type.case === "repeated" ? type.value : noLimits;
  for (const length of sizesAround(minItems, maxItems)) {
    yield [`of ${length}`, (target) => resize(target.get(field), length)];
  }
  for (const value of valuesFor(field, items)) {
    yield [`with ${shown(value)}`, (target) => target.get(field).set(0, value)];
  }
}

/** With copies of the first entry, each with a name of its own where entries have names. */
function resize(list: ReflectList, length: number): void {
  const first = list.get(0);
  list.clear();
  for (let i = 0; i < length; i += 1) list.add(isReflectMessage(first) ? copyOf(first, i) : first);
}

function copyOf(message: ReflectMessage, i: number): ReflectMessage {
  const copy = reflect(message.desc, clone(message.desc, message.message));
  const name = copy.fields.find((field) => field.name === "name");
  if (name !== undefined) copy.set(name, `n${i}`);
  return copy;
}

const anyValue = (map: ReflectMap): unknown => [...map.values()][0];

function* changesOfMap(
  field: DescField & { fieldKind: "map" },
  { type }: FieldRules,
): Generator<readonly [string, Change]> {
  const { minPairs, maxPairs, keys, values } = type.case === "map" ? type.value : noPairLimits;
  for (const size of sizesAround(minPairs, maxPairs)) {
    yield [
      `of ${size}`,
      (target) => {
        const map = target.get(field);
        const value = anyValue(map);
        map.clear();
        for (let i = 0; i < size; i += 1) map.set(`k${i}`, value);
      },
    ];
  }
  for (const key of ["", "__proto__", ...(keys === undefined ? [] : around(keys))]) {
    yield [`with the key ${shown(key)}`, (target) => target.get(field).set(key, anyValue(target.get(field)))];
  }
  for (const value of valuesFor(field, values)) {
    yield [`with the value ${shown(value)}`, (target) => target.get(field).set("k", value)];
  }
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 30)}… (${text.length})` : text;
}

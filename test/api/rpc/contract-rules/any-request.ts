// Any request that protobuf allows, with a bias towards those that the rules allow too.

import {
  clone,
  create,
  type DescField,
  type DescMessage,
  fromJsonString,
  getOption,
  type Message,
  ScalarType,
} from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import fc from "fast-check";
import {
  type FieldRules,
  oneof as oneofOption,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { around } from "./boundary-values.ts";
import { rulesOf } from "./contract.ts";

/** Sets one member of a message. */
type Change = (message: ReflectMessage) => void;

/** Parts stand within parts: below this many messages, none is set any more. */
const maxDepth = 7;

/** Any at all, or one of the samples with up to three of its fields set anew. */
export function anyRequest(desc: DescMessage, samples: readonly Message[]): fc.Arbitrary<Message> {
  const own = samples.filter((sample) => sample.$typeName === desc.typeName);
  const settings = fc.constantFrom(...desc.fields).chain((field) => anySetting(field, 0));
  return fc.oneof(
    anyChanges(desc, 0).map((changes) => changed(reflect(desc), changes)),
    fc
      .tuple(fc.constantFrom(...own), fc.array(settings, { maxLength: 3 }))
      .map(([sample, changes]) => changed(reflect(desc, clone(desc, sample)), changes)),
  );
}

function changed(request: ReflectMessage, changes: readonly Change[]): Message {
  for (const change of changes) change(request);
  return request.message;
}

function anyChanges(desc: DescMessage, depth: number): fc.Arbitrary<readonly Change[]> {
  const oneofs = desc.oneofs.map((oneof) => {
    const members = oneof.fields.filter((field) => field.message === undefined || depth < maxDepth);
    const set = fc.constantFrom(...members).chain((field) => anySetting(field, depth));
    return getOption(oneof, oneofOption).required ? mostly(set, nothing) : mostly(nothing, set);
  });
  const fields = desc.fields
    .filter((field) => field.oneof === undefined && (field.message === undefined || depth < maxDepth))
    .map((field) => {
      const rules = rulesOf(field);
      const needed = rules.required || (rules.type.case === "repeated" && rules.type.value.minItems > 0n);
      const set = anySetting(field, depth);
      return needed ? mostly(set, nothing) : fc.oneof(set, nothing);
    });
  return fc.tuple(...oneofs, ...fields);
}

const nothing: fc.Arbitrary<Change> = fc.constant(() => {});

const mostly = <T>(usual: fc.Arbitrary<T>, unusual: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 14, arbitrary: usual }, { weight: 1, arbitrary: unusual });

function anySetting(field: DescField, depth: number): fc.Arbitrary<Change> {
  const rules = rulesOf(field);
  if (field.fieldKind === "list") {
    const { items, minItems = 0n } = rules.type.case === "repeated" ? rules.type.value : {};
    const lengths = { minLength: minItems > 0n ? 1 : 0, maxLength: 3 };
    return fc.array(anyValue(field, items, depth), lengths).map((values) => (target) => {
      for (const value of values) target.get(field).add(value);
    });
  }
  if (field.fieldKind === "map") {
    const { keys, values } = rules.type.case === "map" ? rules.type.value : {};
    const entries = fc.dictionary(anyText(keys), anyValue(field, values, depth), { maxKeys: 2 });
    return entries.map((members) => (target) => {
      for (const [name, value] of Object.entries(members)) target.get(field).set(name, value);
    });
  }
  return anyValue(field, rules, depth).map((value) => (target) => target.set(field, value));
}

function anyValue(field: DescField, rules: FieldRules | undefined, depth: number): fc.Arbitrary<unknown> {
  if (field.enum !== undefined) {
    const known = field.enum.values.map(({ number }) => number).filter((number) => number !== 0);
    return mostly(fc.constantFrom(...known), fc.constantFrom(0, known.length + 1, -1));
  }
  const { message } = field;
  if (message?.typeName === "google.protobuf.Struct") {
    return anyStruct.map((text) => reflect(message, fromJsonString(message, text)));
  }
  if (message !== undefined) return anyBelow(message, depth);
  const limits = rules === undefined ? [] : around(rules);
  const usual = usualValue(field, rules);
  return limits.length === 0 ? usual : mostly(usual, fc.constantFrom(...limits));
}

const anyBelow = (message: DescMessage, depth: number): fc.Arbitrary<unknown> =>
  anyChanges(message, depth + 1).map((changes) => {
    const below = reflect(message, create(message));
    for (const change of changes) change(below);
    return below;
  });

const anyStruct = fc.dictionary(fc.string(), fc.json({ maxDepth: 2 }), { maxKeys: 2 }).map((members) => {
  const texts = Object.entries(members).map(([key, json]) => `${JSON.stringify(key)}:${json}`);
  return `{${texts.join(",")}}`;
});

const usualValues: Partial<Record<ScalarType, fc.Arbitrary<unknown>>> = {
  [ScalarType.BYTES]: fc.uint8Array({ maxLength: 4 }),
  [ScalarType.BOOL]: fc.boolean(),
  [ScalarType.INT32]: fc.constantFrom(1, 2, 7),
  [ScalarType.INT64]: fc.bigInt({ min: -9n, max: 9n }),
  [ScalarType.DOUBLE]: fc.constantFrom(0, 1, 0.5, -0.5),
};

const usualValue = ({ scalar }: DescField, rules: FieldRules | undefined): fc.Arbitrary<unknown> =>
  (scalar === undefined ? undefined : usualValues[scalar]) ?? anyText(rules);

function anyText(rules: FieldRules | undefined): fc.Arbitrary<string> {
  const pattern = rules?.type.case === "string" ? rules.type.value.pattern : "";
  const matching = pattern === "" ? fc.constantFrom("a", "b", "é") : fc.stringMatching(new RegExp(pattern));
  return mostly(matching, fc.string({ unit: "grapheme", maxLength: 6 }));
}

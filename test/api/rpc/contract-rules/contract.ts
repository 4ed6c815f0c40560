// The contract with its rules, as clients have it from proto/: the generated code leaves them out.

import { execFileSync } from "node:child_process";
import {
  createFileRegistry,
  type DescField,
  type DescMessage,
  fromBinary,
  getOption,
} from "@bufbuild/protobuf";
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import {
  field as fieldOption,
  type FieldRules,
  FieldRulesSchema,
  message as messageOption,
  oneof as oneofOption,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";

export const registry = createFileRegistry(
  fromBinary(
    FileDescriptorSetSchema,
    execFileSync("node_modules/.bin/buf", ["build", "--as-file-descriptor-set", "-o", "-"], {
      maxBuffer: 16 * 1024 * 1024,
    }),
  ),
);

export function messageNamed(name: string): DescMessage {
  const found = registry.getMessage(`sluice.v1.${name}`);
  if (found === undefined) throw new Error(`The contract has no ${name}.`);
  return found;
}

/** Of a field that has none they are empty. */
export const rulesOf = (field: DescField): FieldRules => getOption(field, fieldOption);

/** A rule of the contract: where it stands, and its name or its id. */
export interface Rule {
  readonly message: DescMessage;
  /** The field or oneof; absent for a rule of the whole message. */
  readonly member?: string;
  /** As `string.max_len`; for CEL its id. */
  readonly name: string;
}

export const ruleText = ({ message, member, name }: Rule): string =>
  [message.name, member, name].filter((part) => part !== undefined).join(" ");

/** Every rule of a message and of those below it. */
export function rulesBelow(message: DescMessage, seen = new Set<string>()): Rule[] {
  if (seen.has(message.typeName)) return [];
  seen.add(message.typeName);
  return [
    ...getOption(message, messageOption).cel.map(({ id }) => ({ message, name: id })),
    ...message.oneofs
      .filter((oneof) => getOption(oneof, oneofOption).required)
      .map(({ name }) => ({ message, member: name, name: "required" })),
    ...message.fields.flatMap((field) => [
      ...fieldRuleNames(rulesOf(field)).map((name) => ({ message, member: field.name, name })),
      ...(field.message === undefined ? [] : rulesBelow(field.message, seen)),
    ]),
  ];
}

function fieldRuleNames(rules: FieldRules): string[] {
  return [...rules.cel.map(({ id }) => id), ...leaves(reflect(FieldRulesSchema, rules), "")];
}

const notRules = new Set(["cel", "ignore"]);

/** A range is one rule, which protovalidate tells by its lower end. */
const isUpperEnd = (message: ReflectMessage, { name }: DescField): boolean =>
  name === "lte" && message.fields.some((field) => field.name === "gte" && message.isSet(field));

function leaves(message: ReflectMessage, at: string): string[] {
  return message.fields
    .filter((field) => message.isSet(field) && !notRules.has(field.name) && !isUpperEnd(message, field))
    .flatMap((field) =>
      field.fieldKind === "message"
        ? leaves(message.get(field), `${at}${field.name}.`)
        : [`${at}${field.name}`],
    );
}

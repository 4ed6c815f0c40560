// The schema's inputs and the protobuf's requests are one contract: every field and every value of an
// enum stands in both, under the same name.

import { type DescEnum, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import {
  getNamedType,
  type GraphQLInputType,
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLObjectType,
  type GraphQLOutputType,
  isListType,
  isNonNullType,
} from "graphql";
import { expect, test } from "vitest";
import {
  ChatEventSchema,
  ChatRequestSchema,
  ChatResponseSchema,
  ReplyMetaSchema,
  SeamPolicySchema,
  SeamSchema,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import {
  EmbedRequestSchema,
  EmbedResponseSchema,
  VectorSchema,
} from "../../../generated/proto/sluice/v1/embedding_pb.ts";
import { ModelSchema } from "../../../generated/proto/sluice/v1/model_pb.ts";
import { printedSchema, schema } from "../../../src/api/graphql/schema.ts";

const scalarNames: Partial<Record<ScalarType, string>> = {
  [ScalarType.STRING]: "String",
  [ScalarType.BYTES]: "String",
  [ScalarType.BOOL]: "Boolean",
  [ScalarType.INT32]: "Int",
  [ScalarType.INT64]: "Long",
  [ScalarType.DOUBLE]: "Float",
};

function compareInputs(message: DescMessage, input: GraphQLInputObjectType, seen = new Set<string>()): void {
  if (seen.has(input.name)) return;
  seen.add(input.name);
  const fields = input.getFields();
  expect(Object.keys(fields).sort(), input.name).toEqual(message.fields.map((f) => f.localName).sort());
  for (const field of message.fields) {
    const type = fields[field.localName]?.type;
    const named = getNamedType(type);
    const at = `${input.name}.${field.localName}`;
    expect(isList(type), at).toBe(field.fieldKind === "list");
    if (field.fieldKind === "map" || isEmpty(field.message)) expect(named?.name, at).toBe("JSON");
    else if (field.message?.typeName === "google.protobuf.Struct") expect(named?.name, at).toBe("JSON");
    else if (field.message !== undefined) {
      if (!(named instanceof GraphQLInputObjectType)) throw new Error(`${at} is no input type.`);
      compareInputs(field.message, named, seen);
    } else if (field.enum !== undefined) {
      if (!(named instanceof GraphQLEnumType)) throw new Error(`${at} is no enum.`);
      expect(
        named
          .getValues()
          .map((value) => value.name)
          .sort(),
        at,
      ).toEqual(valuesOf(field.enum));
    } else if (field.scalar !== undefined) {
      const name = scalarNames[field.scalar] ?? "";
      expect([name, ...(name === "String" ? ["ID"] : [])], at).toContain(named?.name);
    }
  }
}

const isEmpty = (message: DescMessage | undefined): boolean => message?.fields.length === 0;

function isList(type: GraphQLInputType | undefined): boolean {
  return isNonNullType(type) ? isListType(type.ofType) : isListType(type);
}

/** Without the value 0, which stands for an absent one, and without the prefix. */
const valuesOf = (desc: DescEnum): string[] =>
  desc.values
    .filter((value) => value.number !== 0)
    .map((value) => value.name.slice(desc.sharedPrefix?.length ?? 0))
    .sort();

test("ChatInput mirrors ChatRequest, field for field", () => {
  const input = schema.getType("ChatInput");
  if (!(input instanceof GraphQLInputObjectType)) throw new Error("ChatInput is no input type.");
  const seen = new Set<string>();
  compareInputs(ChatRequestSchema, input, seen);
  expect(seen.size).toBe(16);
});

test("EmbedInput mirrors EmbedRequest, field for field", () => {
  const input = schema.getType("EmbedInput");
  if (!(input instanceof GraphQLInputObjectType)) throw new Error("EmbedInput is no input type.");
  const seen = new Set<string>();
  compareInputs(EmbedRequestSchema, input, seen);
  expect([...seen].sort()).toEqual(["CacheInput", "EmbedInput", "EmbedTextInput", "TokensInput"]);
});

function fieldsOf(name: string): Readonly<Record<string, GraphQLOutputType>> {
  const type = schema.getType(name);
  if (!(type instanceof GraphQLObjectType)) throw new Error(`${name} is no object type.`);
  return Object.fromEntries(Object.entries(type.getFields()).map(([field, { type: of }]) => [field, of]));
}

const namesOf = (message: DescMessage) => message.fields.map(({ localName }) => localName);

test("EmbedReply has the fields of EmbedResponse; a Vector is told as bytes too", () => {
  expect(Object.keys(fieldsOf("EmbedReply")).sort()).toEqual(namesOf(EmbedResponseSchema).sort());
  expect(Object.keys(fieldsOf("Vector")).sort()).toEqual(
    [...namesOf(VectorSchema), "base64", "dimensions"].sort(),
  );
});

/** Enums too; a count of tokens is an Int where protobuf has 64 bits. */
function compareOutputs(message: DescMessage, name: string): void {
  const fields = fieldsOf(name);
  expect(Object.keys(fields).sort(), name).toEqual(message.fields.map((f) => f.localName).sort());
  for (const { localName, message: inner, enum: values } of message.fields) {
    const type = getNamedType(fields[localName]);
    if (inner !== undefined) compareOutputs(inner, type?.name ?? "none");
    if (values === undefined) continue;
    if (!(type instanceof GraphQLEnumType)) throw new Error(`${name}.${localName} is no enum.`);
    expect(
      type
        .getValues()
        .map((value) => value.name)
        .sort(),
      localName,
    ).toEqual(valuesOf(values));
  }
}

test("ReplyMeta tells what the protobuf's ReplyMeta tells", () =>
  compareOutputs(ReplyMetaSchema, "ReplyMeta"));

test("Model tells what the protobuf's Model tells", () => compareOutputs(ModelSchema, "Model"));

test("the events are the protobuf's events", () => {
  const chatEvent = schema.getType("ChatEvent");
  if (chatEvent === undefined || !("resolveType" in chatEvent) || !("getInterfaces" in chatEvent)) {
    throw new Error("ChatEvent is no interface.");
  }
  const inProtobuf = ChatEventSchema.oneofs[0]?.fields.map((field) => field.message?.name).sort();
  expect(
    schema
      .getPossibleTypes(chatEvent)
      .map((type) => type.name)
      .sort(),
  ).toEqual(inProtobuf);
});

test("a Seam tells what the protobuf's Seam tells", () => {
  const { sequence, policy, ...fields } = fieldsOf("Seam");
  expect(sequence).toBeDefined();
  expect(["policy", ...Object.keys(fields)].sort()).toEqual(namesOf(SeamSchema).sort());
  const policies = getNamedType(policy);
  if (!(policies instanceof GraphQLEnumType)) throw new Error("Seam.policy is no enum.");
  const names = policies.getValues().map((value) => value.name);
  expect(names.sort()).toEqual(valuesOf(SeamPolicySchema));
});

test("ChatReply has the fields of ChatResponse, and the text joined", () => {
  const reply = schema.getType("ChatReply");
  const fields = reply !== undefined && "getFields" in reply ? Object.keys(reply.getFields()) : [];
  expect(fields.sort()).toEqual(
    [...ChatResponseSchema.fields.map((field) => field.localName), "text"].sort(),
  );
});

test("the printed schema is sorted and the same every time", () => {
  expect(printedSchema()).toBe(printedSchema());
  expect(printedSchema()).toContain("type Subscription {");
  expect(printedSchema().indexOf("type AttemptRecord")).toBeLessThan(
    printedSchema().indexOf("type ChatReply"),
  );
});

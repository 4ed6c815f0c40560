// Requests that are to be refused on every transport, each with the field that the refusal names.

import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  ChatRequestSchema,
  ImageDetail,
  type MessageSchema,
  Role,
  ToolChoiceMode,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { hello } from "./rpc-fixtures.ts";

export interface BadRequest {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly field: string;
}

const bad = (name: string, init: MessageInitShape<typeof ChatRequestSchema>, field: string): BadRequest => ({
  name,
  bytes: toBinary(ChatRequestSchema, hello(init)),
  field,
});

const withMessage = (message: MessageInitShape<typeof MessageSchema>) =>
  ({ messages: [message] }) satisfies MessageInitShape<typeof ChatRequestSchema>;

const text = { content: { case: "text", value: "Hello" } } as const;

/** A number that the enum does not have. */
const unknownRole = 77;
const messageOfUnknownRole = () => {
  const message = create(ChatRequestSchema, withMessage({ role: Role.USER, parts: [text] }));
  const bytes = toBinary(ChatRequestSchema, message);
  // The role is the message's first field: tag 8, then its number.
  const at = bytes.indexOf(8);
  bytes[at + 1] = unknownRole;
  return bytes;
};

const invalidUtf8 = () => {
  const bytes = toBinary(ChatRequestSchema, hello({ model: "aaaa" }));
  bytes[bytes.indexOf(0x61)] = 0xff;
  return bytes;
};

const nested = (depth: number): { [key: string]: { [key: string]: never } } => {
  let value = {};
  for (let i = 0; i < depth; i += 1) value = { a: value };
  return value;
};

export const badRequests: readonly BadRequest[] = [
  { name: "bytes that are no message", bytes: Buffer.from("this is no protobuf"), field: "body" },
  { name: "a message cut short", bytes: toBinary(ChatRequestSchema, hello()).slice(0, -1), field: "body" },
  { name: "a text that is not UTF-8", bytes: invalidUtf8(), field: "body" },
  { name: "no messages", bytes: new Uint8Array(0), field: "messages" },
  bad("an unknown model", { model: "no-such-model" }, "model"),
  bad("no role", withMessage({ parts: [text] }), "messages[0].role"),
  { name: "an unknown role", bytes: messageOfUnknownRole(), field: "messages[0].role" },
  bad("no parts", withMessage({ role: Role.USER }), "messages[0].parts"),
  bad("a part without content", withMessage({ role: Role.USER, parts: [text, {}] }), "messages[0].parts[1]"),
  bad(
    "an image without a source",
    withMessage({
      role: Role.USER,
      parts: [{ content: { case: "image", value: { detail: ImageDetail.LOW } } }],
    }),
    "messages[0].parts[0].source",
  ),
  bad(
    "a tool's answer in a tool's answer",
    withMessage({
      role: Role.TOOL,
      parts: [
        {
          content: {
            case: "toolResult",
            value: { toolCallId: "a", content: [{ content: { case: "toolResult", value: {} } }] },
          },
        },
      ],
    }),
    "messages[0].parts[0].content[0]",
  ),
  bad("a seed past 2^53", { sampling: { seed: 2n ** 60n } }, "sampling.seed"),
  bad("a temperature out of range", { sampling: { temperature: 3 } }, "sampling.temperature"),
  bad("a response format of no kind", { responseFormat: {} }, "responseFormat"),
  bad(
    "a JSON schema format without a schema",
    { responseFormat: { format: { case: "jsonSchema", value: { name: "a" } } } },
    "responseFormat.schema",
  ),
  bad("a tool's name without its mode", { toolChoice: { name: "a" } }, "toolChoice.name"),
  bad("an unknown tool", { toolChoice: { mode: ToolChoiceMode.TOOL, name: "a" } }, "toolChoice.name"),
  bad("options nested too deeply", { providerOptions: { first: nested(100) } }, "providerOptions.first"),
];

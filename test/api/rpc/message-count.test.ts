// Messages within messages are counted without being made.

import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ChatRequestSchema, Role } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { decodeBinary } from "../../../src/api/rpc/decode-request.ts";
import { hasMoreMessages } from "../../../src/api/rpc/message-count.ts";

const repeated = (pattern: readonly number[], times: number) =>
  Buffer.alloc(pattern.length * times, Buffer.from(pattern));
const has = (bytes: Uint8Array, most: number) => hasMoreMessages(ChatRequestSchema, bytes, most);

test("those of a request, its parts, its maps and the JSON in them", () => {
  const request = create(ChatRequestSchema, {
    messages: [
      { role: Role.USER, parts: [{ content: { case: "text", value: "x".repeat(500) } }] },
      { role: Role.ASSISTANT, parts: [{ content: { case: "text", value: "y" } }] },
    ],
    labels: { a: "1", b: "2" },
    // The entry, the struct; its entry, the value, the list; and two values.
    providerOptions: { vendor: { list: [1, 2] } },
  });
  const bytes = toBinary(ChatRequestSchema, request);
  expect(has(bytes, 12)).toBe(true);
  expect(has(bytes, 13)).toBe(false);
});

test("sixteen million empty messages are refused before they are made", () => {
  const startedMs = performance.now();
  expect(() => decodeBinary(ChatRequestSchema, repeated([0x12, 0x00], 16_000_000))).toThrow(
    "body: holds more than 250000 messages within each other; send fewer",
  );
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});

test("what is no message is left to whoever decodes it, whatever it is", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 3, maxLength: 200 }), (bytes) => {
      expect(typeof has(bytes, 1)).toBe("boolean");
    }),
  );
});

// The hand-written encoder against the general one.

import { toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ChatEventSchema } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { encodeDelta } from "../../../src/api/rpc/encode-delta.ts";
import { fromChatEvent } from "../../../src/api/rpc/event-mapping.ts";

const sequence = fc.oneof(fc.nat(300), fc.nat(), fc.maxSafeNat());
const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ minLength: 120, maxLength: 140 }));

test("gives the bytes that the general encoder gives, lone surrogates included", () => {
  fc.assert(
    fc.property(sequence, fc.nat(), text, (number, index, words) => {
      const event = { type: "part_delta", sequence: number, index, text: words } as const;
      expect([...encodeDelta(event)]).toEqual([...toBinary(ChatEventSchema, fromChatEvent(event))]);
    }),
  );
});

test.each(["", "\ud83c", "🌍", "x".repeat(16_384)])("encodes %j", (words) => {
  const event = { type: "part_delta", sequence: 0, index: 0, text: words } as const;
  expect([...encodeDelta(event)]).toEqual([...toBinary(ChatEventSchema, fromChatEvent(event))]);
});

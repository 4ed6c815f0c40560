// Answers as stores keep them, and their events' JSON: members that a store can lose or mix up, and vectors.

import fc from "fast-check";
import type { CachedAnswer } from "../../src/core/cache/answer-cache.ts";
import { createAnswerJson, type EventJsons } from "../../src/core/cache/answer-json.ts";
import type { PartDelta } from "../../src/core/chat/events.ts";
import type { ProviderEmbedded } from "../../src/core/embed/events.ts";
import type { JsonValue } from "../../src/core/json.ts";
import type { EventJson } from "../../src/core/operation.ts";

const memberOf = (json: JsonValue, name: string): unknown =>
  typeof json === "object" && json !== null ? Object.entries(json).find(([key]) => key === name)?.[1] : null;

const deltaJson: EventJson<PartDelta> = {
  write: ({ type, index, text }) => ({ type, index, text }),
  read(json) {
    const [type, index, text] = ["type", "index", "text"].map((name) => memberOf(json, name));
    if (type !== "part_delta" || typeof index !== "number" || typeof text !== "string") return undefined;
    return { type, index, text };
  },
};

const embeddedJson: EventJson<ProviderEmbedded> = {
  write: ({ type, vectors }) => ({
    type,
    vectors: vectors.map(({ buffer }) => Buffer.from(buffer).toString("base64")),
  }),
  read(json) {
    const vectors = memberOf(json, "vectors");
    if (memberOf(json, "type") !== "embedded" || !Array.isArray(vectors)) return undefined;
    return {
      type: "embedded",
      vectors: vectors.map(
        (each) => new Float32Array(new Uint8Array(Buffer.from(String(each), "base64")).buffer),
      ),
    };
  },
};

export const testEventJsons: EventJsons = { chat: deltaJson, embed: embeddedJson };

export const testAnswerJson = createAnswerJson(testEventJsons);

/** Kept at that time for an hour, in a few bytes. */
export function answerOf(text: string, storedAtMs: number, more: Partial<CachedAnswer> = {}): CachedAnswer {
  return {
    operation: "chat",
    events: [{ type: "part_delta", index: 0, text }],
    provider: "groq",
    model: "llama",
    losses: [{ field: "sampling.topK", detail: "It has no such setting." }],
    costNanos: 1_234n,
    requestId: "018f-of-the-first",
    storedAtMs,
    freshUntilMs: storedAtMs + 3_600_000,
    staleUntilMs: storedAtMs + 3_600_000,
    bytes: 500 + 2 * text.length,
    ...more,
  };
}

const anyText = fc.string({ unit: "binary" });
const anyTimeMs = fc.integer({ min: 0, max: 3_000_000_000_000 });

const anyDelta = fc.record({ type: fc.constant("part_delta"), index: fc.nat(), text: anyText });
const anyEmbedded = fc.record({
  type: fc.constant("embedded"),
  vectors: fc.array(fc.float32Array({ noNaN: true, minLength: 1 }), { maxLength: 3 }),
});

const anyContent = fc.oneof(
  fc.record({ operation: fc.constant("chat" as const), events: fc.array(anyDelta) }),
  fc.record({ operation: fc.constant("embed" as const), events: fc.tuple(anyEmbedded) }),
);

export const anyAnswer: fc.Arbitrary<CachedAnswer> = fc
  .record({
    content: anyContent,
    provider: anyText,
    model: anyText,
    losses: fc.array(fc.record({ field: anyText, detail: anyText })),
    costNanos: fc.option(fc.bigInt({ min: 0n, max: 10n ** 20n })),
    requestId: anyText,
    timesMs: fc.tuple(anyTimeMs, anyTimeMs, anyTimeMs),
    bytes: fc.nat(),
  })
  .map(({ content, timesMs, ...rest }) => {
    const [storedAtMs = 0, freshUntilMs = 0, staleUntilMs = 0] = timesMs.toSorted((a, b) => a - b);
    return Object.assign(rest, content, { storedAtMs, freshUntilMs, staleUntilMs });
  });

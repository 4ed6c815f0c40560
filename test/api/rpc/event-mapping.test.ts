// Arbitrary events go out as bytes and come back as themselves.

import { fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { timestampMs, type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  CacheStatus,
  type ChatEvent as ChatEventMessage,
  ChatEventSchema,
  ChatResponseSchema,
  Degraded,
  FinishReason,
  type MediaSource as MediaSourceMessage,
  type ReplyMeta as ReplyMetaMessage,
  SeamPolicy,
  type Usage as UsageMessage,
  UsageSource,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { fromChatEvent } from "../../../src/api/rpc/event-mapping.ts";
import { fromChatReply } from "../../../src/api/rpc/reply-mapping.ts";
import type { ChatEvent, PartStart } from "../../../src/core/chat/events.ts";
import type { ChatReply } from "../../../src/core/chat/gather.ts";
import type { JsonValue } from "../../../src/core/json.ts";
import { meta } from "./failing-gateway.ts";

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const count = fc.nat(1_000_000);
const json = fc.jsonValue({ maxDepth: 3 }).map((value): JsonValue => JSON.parse(JSON.stringify(value)));

const losses = fc.array(fc.record({ field: text, detail: text }), { maxLength: 2 });

const arbitraryMeta = fc.record({
  requestId: text,
  correlationId: optional(text),
  provider: optional(text),
  model: optional(text),
  modelServed: optional(text),
  route: optional(text),
  attempts: fc.nat(9),
  cacheStatus: fc.constantFrom("hit", "semantic", "miss", "bypass", "stale"),
  latencyMs: optional(fc.double({ min: 0, max: 1e6, noNaN: true })),
  costNanos: optional(fc.bigInt(0n, 10n ** 15n)),
  losses,
  degraded: optional(fc.constantFrom("stale_answer", "fallback_message")),
});

const source = fc.oneof(
  fc.record({
    data: fc
      .uint8Array({ minLength: 1, maxLength: 16 })
      .map((bytes) => Buffer.from(bytes).toString("base64")),
    mediaType: text,
  }),
  fc.record({ url: text, mediaType: optional(text) }),
);

const part: fc.Arbitrary<PartStart> = fc.oneof(
  fc.constantFrom<PartStart[]>({ kind: "text" }, { kind: "reasoning" }, { kind: "refusal" }),
  fc.record({ kind: fc.constant("tool_call"), id: text, name: text }),
  fc.record({
    kind: fc.constant("citation"),
    citation: fc.record({ url: optional(text), title: optional(text), citedText: optional(text), raw: json }),
  }),
  fc.record({ kind: fc.constant("image"), source }),
  fc.record({ kind: fc.constant("opaque"), vendor: text, type: text, json }),
);

const usage = fc.record({
  input: fc.record({
    total: optional(count),
    uncached: optional(count),
    cacheRead: optional(count),
    cacheWrite: optional(count),
    audio: optional(count),
  }),
  output: fc.record({
    total: optional(count),
    text: optional(count),
    reasoning: optional(count),
    audio: optional(count),
  }),
  source: fc.constantFrom("reported", "counted", "estimated"),
});

const index = fc.nat(50);
const event: fc.Arbitrary<ChatEvent> = fc.oneof(
  fc.record({
    type: fc.constant("started"),
    id: text,
    provider: text,
    model: text,
    createdAtMs: fc.nat(2 ** 31),
    meta: arbitraryMeta,
  }),
  fc.record({ type: fc.constant("part_started"), index, part }),
  fc.record({
    type: fc.constant("part_delta"),
    index,
    text: fc.string({ unit: "grapheme" }),
    logprobs: optional(json),
  }),
  fc.record({
    type: fc.constant("part_finished"),
    index,
    signature: optional(text),
    redactedData: optional(text),
    vendor: optional(text),
  }),
  fc.record({ type: fc.constant("usage"), usage }),
  fc.record({
    type: fc.constant("seam"),
    provider: text,
    model: text,
    policy: fc.constantFrom("restart", "continue"),
    losses,
  }),
  fc.record({
    type: fc.constant("finished"),
    reason: fc.constantFrom("stop", "length", "tool_calls", "content_filter", "refusal"),
    rawReason: optional(text),
    stopSequence: optional(text),
    meta: arbitraryMeta,
  }),
);

const nameOf = (names: Readonly<Record<string, number>>, value: number) =>
  Object.entries(names)
    .find(([, number]) => number === value)?.[0]
    .toLowerCase();

const orAbsent = (value: string) => (value === "" ? undefined : value);
const jsonOf = (value: Value | undefined) => (value === undefined ? undefined : toJson(ValueSchema, value));
const numberOf = (value: bigint | undefined) => (value === undefined ? undefined : Number(value));

const backLosses = ({ losses: told }: Pick<ReplyMetaMessage, "losses">) =>
  told.map(({ field, detail }) => ({ field, detail }));

const backMeta = (message: ReplyMetaMessage | undefined) =>
  message && {
    requestId: message.requestId,
    correlationId: orAbsent(message.correlationId),
    provider: orAbsent(message.provider),
    model: orAbsent(message.model),
    modelServed: orAbsent(message.modelServed),
    route: orAbsent(message.route),
    attempts: message.attempts,
    cacheStatus: nameOf(CacheStatus, message.cacheStatus),
    latencyMs: message.latencyMs,
    costNanos: message.costNanos,
    losses: backLosses(message),
    degraded: message.degraded === Degraded.UNSPECIFIED ? undefined : nameOf(Degraded, message.degraded),
  };

const backUsage = ({ input, output, source }: UsageMessage) => ({
  input: {
    total: numberOf(input?.total),
    uncached: numberOf(input?.uncached),
    cacheRead: numberOf(input?.cacheRead),
    cacheWrite: numberOf(input?.cacheWrite),
    audio: numberOf(input?.audio),
  },
  output: {
    total: numberOf(output?.total),
    text: numberOf(output?.text),
    reasoning: numberOf(output?.reasoning),
    audio: numberOf(output?.audio),
  },
  source: nameOf(UsageSource, source),
});

const backSource = ({ source, mediaType }: MediaSourceMessage) =>
  source.case === "data"
    ? { data: Buffer.from(source.value).toString("base64"), mediaType }
    : { url: source.value, mediaType: orAbsent(mediaType) };

function backPart(message: Extract<ChatEventMessage["event"], { case: "partStarted" }>["value"]["part"]) {
  switch (message.case) {
    case "text":
    case "reasoning":
    case "refusal":
      return { kind: message.case };
    case "toolCall":
      return { kind: "tool_call", id: message.value.id, name: message.value.name };
    case "citation": {
      const { url, title, citedText, raw } = message.value;
      const citation = {
        url: orAbsent(url),
        title: orAbsent(title),
        citedText: orAbsent(citedText),
        raw: jsonOf(raw),
      };
      return { kind: "citation", citation };
    }
    case "image":
      return { kind: "image", source: backSource(message.value) };
    case "opaque":
      return {
        kind: "opaque",
        vendor: message.value.vendor,
        type: message.value.type,
        json: jsonOf(message.value.json),
      };
    case undefined:
      return undefined;
  }
}

function back({ event: { case: kind, value } }: ChatEventMessage): object | undefined {
  switch (kind) {
    case "started": {
      const { id, provider, model, createdAt } = value;
      const createdAtMs = createdAt && timestampMs(createdAt);
      return { type: "started", id, provider, model, createdAtMs, meta: backMeta(value.meta) };
    }
    case "partStarted":
      return { type: "part_started", index: value.index, part: backPart(value.part) };
    case "partDelta":
      return { type: "part_delta", index: value.index, text: value.text, logprobs: jsonOf(value.logprobs) };
    case "partFinished":
      return {
        type: "part_finished",
        index: value.index,
        signature: orAbsent(value.signature),
        redactedData: orAbsent(value.redactedData),
        vendor: orAbsent(value.vendor),
      };
    case "usage":
      return { type: "usage", usage: backUsage(value) };
    case "seam": {
      const { provider, model, policy } = value;
      return { type: "seam", provider, model, policy: nameOf(SeamPolicy, policy), losses: backLosses(value) };
    }
    case "finished":
      return {
        type: "finished",
        reason: nameOf(FinishReason, value.reason),
        rawReason: orAbsent(value.rawReason),
        stopSequence: orAbsent(value.stopSequence),
        meta: backMeta(value.meta),
      };
    case undefined:
      return undefined;
  }
}

test("every event comes back as it was", () => {
  fc.assert(
    fc.property(event, fc.nat(), (sent, sequence) => {
      const message = fromBinary(
        ChatEventSchema,
        toBinary(ChatEventSchema, fromChatEvent({ ...sent, sequence })),
      );
      expect(message.sequence).toBe(BigInt(sequence));
      expect(back(message)).toEqual(sent);
    }),
    { numRuns: 1_000 },
  );
});

test("a cost that is not known is absent", () => {
  const sent = fromChatEvent({
    type: "finished",
    reason: "stop",
    meta: { ...meta, costNanos: null },
    sequence: 0,
  });
  const { event: received } = fromBinary(ChatEventSchema, toBinary(ChatEventSchema, sent));
  expect(received.case === "finished" && received.value.meta?.costNanos).toBeUndefined();
});

test("a whole reply comes over with every kind of part", () => {
  const reply: ChatReply = {
    id: "id-1",
    provider: "first",
    model: "m-2026",
    createdAtMs: 1_750_000_000_123,
    parts: [
      { kind: "reasoning", text: "Hm", signature: "sig", redactedData: "xyz", vendor: "anthropic" },
      { kind: "text", text: "Hello", logprobs: [{ token: "Hello", logprob: -0.5, top: [null, true] }] },
      { kind: "refusal", text: "No" },
      { kind: "tool_call", id: "c1", name: "look", argumentsJson: "{}" },
      {
        kind: "tool_call",
        id: "c2",
        name: "look",
        argumentsJson: "{}",
        signature: "thought",
        vendor: "gemini",
      },
      { kind: "citation", citation: { url: "https://example.com", raw: { a: 1 } } },
      { kind: "image", source: { data: "AQID", mediaType: "image/png" } },
      { kind: "opaque", vendor: "first", type: "odd", json: [1, "a"] },
    ],
    finishReason: "tool_calls",
    rawReason: "tool_use",
    stopSequence: "END",
    meta,
  };
  const sent = toBinary(ChatResponseSchema, fromChatReply(reply));
  expect(toJson(ChatResponseSchema, fromBinary(ChatResponseSchema, sent))).toEqual({
    id: "id-1",
    provider: "first",
    model: "m-2026",
    createdAt: "2025-06-15T15:06:40.123Z",
    parts: [
      { reasoning: { text: "Hm", signature: "sig", redactedData: "xyz", vendor: "anthropic" } },
      { text: "Hello", logprobs: [{ token: "Hello", logprob: -0.5, top: [null, true] }] },
      { refusal: "No" },
      { toolCall: { id: "c1", name: "look", argumentsJson: "{}" } },
      { toolCall: { id: "c2", name: "look", argumentsJson: "{}", signature: "thought", vendor: "gemini" } },
      { citation: { url: "https://example.com", raw: { a: 1 } } },
      { image: { data: "AQID", mediaType: "image/png" } },
      { opaque: { vendor: "first", type: "odd", json: [1, "a"] } },
    ],
    finishReason: "FINISH_REASON_TOOL_CALLS",
    rawReason: "tool_use",
    stopSequence: "END",
    meta: {
      requestId: "id-1",
      correlationId: "mine",
      provider: "first",
      model: "m",
      modelServed: "m-2026",
      route: "default",
      attempts: 2,
      cacheStatus: "CACHE_STATUS_BYPASS",
      latencyMs: 12.5,
      costNanos: "1500",
      losses: [{ field: "sampling.topK", detail: "The provider has no such setting." }],
    },
  });
});

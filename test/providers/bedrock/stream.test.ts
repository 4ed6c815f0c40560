import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import { createBedrockStreamDecoder } from "../../../src/providers/bedrock/stream.ts";
import type { AwsEventFrame } from "../../../src/providers/upstream/aws-event-stream.ts";
import { failureOf } from "../../support/failure-of.ts";

const claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

const event = (type: string, body: JsonValue): AwsEventFrame => ({
  headers: { ":message-type": "event", ":event-type": type, ":content-type": "application/json" },
  body: JSON.stringify(body),
});

const start = event("messageStart", { role: "assistant", p: "abcd" });
const begin = (index: number, held: JsonObject) =>
  event("contentBlockStart", { contentBlockIndex: index, start: held });
const delta = (index: number, held: JsonObject) =>
  event("contentBlockDelta", { contentBlockIndex: index, delta: held, p: "abc" });
const end = (index: number) => event("contentBlockStop", { contentBlockIndex: index });
const stop = (stopReason: string, fields: JsonObject = {}) => event("messageStop", { stopReason, ...fields });
const metadata = event("metadata", {
  usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7, serverToolUsage: {} },
  metrics: { latencyMs: 7 },
  p: "abcdef",
});

function decode(...frames: readonly AwsEventFrame[]) {
  const decoder = createBedrockStreamDecoder(claude);
  const events: ProviderChatEvent[] = [];
  for (const frame of frames) events.push(...decoder.decode(frame));
  const complete = decoder.isComplete();
  events.push(...(complete ? [] : (decoder.end?.() ?? [])));
  return { events, complete, whole: decoder.isComplete(), untold: decoder.untoldUsage() };
}

const usage = {
  type: "usage",
  usage: {
    input: { total: 3, uncached: 3, cacheRead: undefined, cacheWrite: undefined },
    output: { total: 4 },
    source: "reported",
  },
};

describe("a stream of Bedrock's", () => {
  test("begins with messageStart and is whole with the metadata", () => {
    const frames = [
      start,
      delta(0, { text: "Hal" }),
      delta(0, { text: "lo" }),
      end(0),
      stop("end_turn"),
      metadata,
    ];
    const { events, complete } = decode(...frames);
    expect(complete).toBe(true);
    expect(events).toEqual([
      { type: "started" },
      { type: "part_started", index: 0, part: { kind: "text" } },
      { type: "part_delta", index: 0, text: "Hal" },
      { type: "part_delta", index: 0, text: "lo" },
      { type: "part_finished", index: 0 },
      usage,
      { type: "finished", reason: "stop", rawReason: "end_turn", stopSequence: undefined },
    ]);
  });

  test("is whole at its end where the metadata lacks, and not before messageStop", () => {
    const { events, complete, whole } = decode(start, delta(0, { text: "a" }), stop("end_turn"));
    expect({ complete, whole, last: events.at(-1)?.type }).toEqual({
      complete: false,
      whole: true,
      last: "finished",
    });
    expect(events.some(({ type }) => type === "usage")).toBe(false);
    expect(decode(start, delta(0, { text: "a" }), end(0)).whole).toBe(false);
    expect(decode(start, metadata)).toMatchObject({ whole: false, untold: usage });
    expect(decode().whole).toBe(false);
  });

  test("has reasoning with its signature, which may come in pieces, and encrypted reasoning", () => {
    const { events } = decode(
      start,
      delta(0, { reasoningContent: { text: "Hm" } }),
      delta(0, { reasoningContent: { signature: "s1" } }),
      delta(0, { reasoningContent: { signature: "s2" } }),
      end(0),
      delta(1, { reasoningContent: { redactedContent: "aGFs" } }),
      delta(1, { reasoningContent: { redactedContent: "bG8=" } }),
      end(1),
      delta(2, { text: "Hi" }),
    );
    expect(events.slice(3, 8)).toEqual([
      { type: "part_finished", index: 0, signature: "s1s2", redactedData: undefined, vendor: "anthropic" },
      { type: "part_started", index: 1, part: { kind: "reasoning" } },
      { type: "part_finished", index: 1, signature: undefined, redactedData: "aGFsbG8=", vendor: "bedrock" },
      { type: "part_started", index: 2, part: { kind: "text" } },
      { type: "part_delta", index: 2, text: "Hi" },
    ]);
  });

  test("has tool calls, whose empty input is an empty object", () => {
    const { events } = decode(
      start,
      begin(0, { toolUse: { toolUseId: "t1", name: "f" } }),
      delta(0, { toolUse: { input: "" } }),
      delta(0, { toolUse: { input: '{"a":' } }),
      delta(0, { toolUse: { input: "1}" } }),
      end(0),
      begin(1, { toolUse: { toolUseId: "t2", name: "g" } }),
      delta(1, { toolUse: { input: "" } }),
      end(1),
      stop("tool_use"),
      metadata,
    );
    expect(events.slice(1, -2)).toEqual([
      { type: "part_started", index: 0, part: { kind: "tool_call", id: "t1", name: "f" } },
      { type: "part_delta", index: 0, text: '{"a":' },
      { type: "part_delta", index: 0, text: "1}" },
      { type: "part_finished", index: 0 },
      { type: "part_started", index: 1, part: { kind: "tool_call", id: "t2", name: "g" } },
      { type: "part_delta", index: 1, text: "{}" },
      { type: "part_finished", index: 1 },
    ]);
    expect(events.at(-1)).toMatchObject({ reason: "tool_calls" });
  });

  test("may leave a block without an end, and empty text without a part", () => {
    const { events } = decode(
      start,
      delta(0, { text: "" }),
      end(0),
      begin(1, { toolUse: { toolUseId: "t1", name: "f" } }),
      delta(1, { toolUse: { input: '{"a' } }),
      stop("max_tokens"),
      metadata,
    );
    expect(events.slice(1, -2)).toEqual([
      { type: "part_started", index: 0, part: { kind: "tool_call", id: "t1", name: "f" } },
      { type: "part_delta", index: 0, text: '{"a' },
      { type: "part_finished", index: 0 },
    ]);
  });

  test("may write its blocks by turns: each text stays with its own", () => {
    const { events } = decode(
      start,
      delta(0, { reasoningContent: { text: "A" } }),
      delta(0, { reasoningContent: { signature: "s" } }),
      delta(1, { text: "B" }),
      stop("end_turn"),
    );
    expect(events[3]).toMatchObject({ type: "part_finished", index: 0, signature: "s" });
    expect(events[5]).toEqual({ type: "part_delta", index: 1, text: "B" });
  });

  test("cites, shows an image, and hands on what the core has no place for", () => {
    const citation = { title: "T", source: "https://example.com/s", sourceContent: [{ text: "so" }] };
    const { events } = decode(
      start,
      delta(0, { text: "a" }),
      delta(0, { citation }),
      delta(0, { brandNew: 1 }),
      end(0),
      begin(1, { image: { format: "png" } }),
      delta(1, { image: { source: { bytes: "aGFs" } } }),
      delta(1, { image: { source: { bytes: "bG8=" } } }),
      end(1),
      begin(2, { toolUse: { toolUseId: "t1", name: "web", type: "server_tool_use" } }),
      delta(2, { toolUse: { input: "{}" } }),
      end(2),
      event("brandNewEvent", { x: 1 }),
      stop("guardrail_intervened", {
        additionalModelResponseFields: { delta: { stop_sequence: null }, y: 2 },
      }),
      event("metadata", { trace: { guardrail: { z: 1 } } }),
    );
    expect(events.flatMap((told) => (told.type === "part_started" ? [told.part] : []))).toEqual([
      { kind: "text" },
      {
        kind: "citation",
        citation: { url: "https://example.com/s", title: "T", citedText: "so", raw: citation },
      },
      { kind: "opaque", vendor: "bedrock", type: "brandNew", json: 1 },
      { kind: "image", source: { data: "aGFsbG8=", mediaType: "image/png" } },
      {
        kind: "opaque",
        vendor: "bedrock",
        type: "toolUse",
        json: {
          start: { toolUse: { toolUseId: "t1", name: "web", type: "server_tool_use" } },
          deltas: [{ toolUse: { input: "{}" } }],
        },
      },
      { kind: "opaque", vendor: "bedrock", type: "brandNewEvent", json: { x: 1 } },
      {
        kind: "opaque",
        vendor: "bedrock",
        type: "additionalModelResponseFields",
        json: { delta: { stop_sequence: null }, y: 2 },
      },
      { kind: "opaque", vendor: "bedrock", type: "trace", json: { guardrail: { z: 1 } } },
    ]);
    expect(events.at(-1)).toMatchObject({ reason: "content_filter", rawReason: "guardrail_intervened" });
  });

  test("tells the sequence that stopped it, inside of delta", () => {
    const fields = { additionalModelResponseFields: { delta: { stop_sequence: "|" } } };
    const { events } = decode(start, stop("stop_sequence", fields), metadata);
    expect(events.at(-1)).toMatchObject({ reason: "stop", stopSequence: "|" });
    expect(events.some(({ type }) => type === "part_started")).toBe(false);
  });

  test("is broken where the model failed before it wrote anything, with the usage to be told", () => {
    const decoder = createBedrockStreamDecoder(claude);
    for (const frame of [start, stop("malformed_model_output")]) decoder.decode(frame);
    expect(failureOf(() => decoder.decode(metadata))).toBe("broken_reply");
    expect(decoder.untoldUsage()).toEqual(usage);
  });

  test("fails by an exception or an error in its midst", () => {
    const exception = {
      headers: { ":message-type": "exception", ":exception-type": "throttlingException" },
      body: '{"message":"Slow down."}',
    };
    expect(failureOf(() => decode(start, exception))).toBe("rate_limited");
    expect(failureOf(() => decode(exception))).toBe("rate_limited");
    const error = {
      headers: { ":message-type": "error", ":error-code": "InternalFailure", ":error-message": "Oops" },
      body: "",
    };
    expect(failureOf(() => decode(start, error))).toBe("unavailable");
  });

  test("is broken where it is not of the format", () => {
    const tool = begin(0, { toolUse: { toolUseId: "t1", name: "f" } });
    for (const frames of [
      [delta(0, { text: "a" })],
      [start, start],
      [start, tool, tool],
      [start, begin(0, { toolUse: { name: "f" } })],
      [start, delta(0, { toolUse: { input: "{" } })],
      [start, event("contentBlockDelta", { delta: { text: "a" } })],
      [start, event("contentBlockDelta", { contentBlockIndex: 0 })],
      [start, event("contentBlockDelta", [])],
      [{ headers: {}, body: "{}" }],
      [{ ...start, body: "{" }],
    ]) {
      expect(failureOf(() => decode(...frames))).toBe("broken_reply");
    }
  });

  test("says nothing after its end", () => {
    const decoder = createBedrockStreamDecoder(claude);
    for (const frame of [start, stop("end_turn"), metadata]) decoder.decode(frame);
    expect(decoder.decode(metadata)).toEqual([]);
  });

  test("fails only as a provider does, whatever comes", () => {
    const held = fc.oneof(
      fc.constantFrom<JsonObject>(
        { text: "a" },
        { reasoningContent: { text: "b" } },
        { reasoningContent: { signature: "s" } },
        { toolUse: { input: "{}" } },
        { toolUse: { toolUseId: "t", name: "f" } },
        { image: { format: "png" } },
      ),
      fc
        .jsonValue({ maxDepth: 2 })
        .map((value): JsonObject => ({ other: JSON.parse(JSON.stringify(value)) })),
    );
    const index = fc.nat(2);
    const frame = fc.oneof(
      fc.constantFrom(start, stop("end_turn"), metadata),
      fc.tuple(index, held).map(([at, value]) => begin(at, value)),
      fc.tuple(index, held).map(([at, value]) => delta(at, value)),
      index.map((at) => end(at)),
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), (frames) => {
        let told: readonly ProviderChatEvent[] = [];
        failureOf(() => {
          told = decode(start, ...frames).events;
        });
        const open = new Set<number>();
        for (const each of told) {
          if (each.type === "part_started") open.add(each.index);
          if (each.type === "part_delta") expect(open.has(each.index)).toBe(true);
          if (each.type === "part_finished") expect(open.delete(each.index)).toBe(true);
          if (each.type === "finished") expect(open.size).toBe(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});

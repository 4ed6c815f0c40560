import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { createAnthropicStreamDecoder } from "../../../src/providers/anthropic/stream.ts";
import { decodeStream } from "../../../src/providers/decode-stream.ts";
import type { SseFrame } from "../../../src/providers/upstream/sse.ts";

const frame = (data: { readonly type: string; readonly [member: string]: unknown }): SseFrame => ({
  event: data.type,
  data: JSON.stringify(data),
});

const start = frame({
  type: "message_start",
  message: {
    id: "msg_1",
    type: "message",
    role: "assistant",
    content: [],
    model: "claude-x-1",
    stop_reason: null,
    usage: { input_tokens: 10, cache_read_input_tokens: 4, cache_creation_input_tokens: 0, output_tokens: 1 },
  },
});
const open = (index: number, content_block: object) =>
  frame({ type: "content_block_start", index, content_block });
const delta = (index: number, change: object) => frame({ type: "content_block_delta", index, delta: change });
const close = (index: number) => frame({ type: "content_block_stop", index });
const text = (index: number, words: string) => delta(index, { type: "text_delta", text: words });
const json = (index: number, partial_json: string) =>
  delta(index, { type: "input_json_delta", partial_json });
const change = (stop_reason: string, more: object = {}) =>
  frame({
    type: "message_delta",
    delta: { stop_reason, stop_sequence: null, ...more },
    usage: { output_tokens: 7 },
  });
const stop = frame({ type: "message_stop" });
const ping: SseFrame = { event: "ping", data: '{"type": "ping"}' };

function decodeAll(frames: readonly SseFrame[]): readonly ProviderChatEvent[] {
  const decoder = createAnthropicStreamDecoder();
  return frames.flatMap((one) => decoder.decode(one));
}

function failureOf(frames: readonly SseFrame[]): ProviderError {
  try {
    decodeAll(frames);
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
  throw new Error("the stream was taken");
}

const startedEvent = {
  type: "started",
  model: "claude-x-1",
  usage: {
    input: { total: 14, uncached: 10, cacheRead: 4, cacheWrite: 0 },
    output: { total: 1, text: undefined, reasoning: undefined },
    source: "reported",
  },
};
const usageEvent = {
  type: "usage",
  usage: {
    input: { total: 14, uncached: 10, cacheRead: 4, cacheWrite: 0 },
    output: { total: 7, text: undefined, reasoning: undefined },
    source: "reported",
  },
};

/** The parts of a stream: what stands between `started` and `usage`. */
const partsOf = (frames: readonly SseFrame[]) =>
  decodeAll([start, ...frames, change("end_turn"), stop]).slice(1, -2);

const whole = (index: number, type: string, block: object) => [
  { type: "part_started", index, part: { kind: "opaque", vendor: "anthropic", type, json: block } },
  { type: "part_finished", index },
];

describe("an Anthropic stream", () => {
  test("gives text as it comes, passes pings over, and ends with usage and reason", () => {
    const frames = [
      start,
      open(0, { type: "text", text: "" }),
      ping,
      text(0, "Hel"),
      text(0, "lo"),
      close(0),
    ];
    expect(decodeAll([...frames, change("end_turn"), stop])).toEqual([
      startedEvent,
      { type: "part_started", index: 0, part: { kind: "text" } },
      { type: "part_delta", index: 0, text: "Hel" },
      { type: "part_delta", index: 0, text: "lo" },
      { type: "part_finished", index: 0 },
      usageEvent,
      { type: "finished", reason: "stop", rawReason: "end_turn", stopSequence: undefined },
    ]);
  });

  test("gives reasoning its signature at its end, also without any text", () => {
    const frames = [
      open(0, { type: "thinking", thinking: "", signature: "" }),
      delta(0, { type: "thinking_delta", thinking: "Hm" }),
      delta(0, { type: "signature_delta", signature: "sig" }),
      close(0),
      open(1, { type: "thinking", thinking: "" }),
      delta(1, { type: "signature_delta", signature: "alone" }),
      close(1),
      open(2, { type: "redacted_thinking", data: "c2VjcmV0" }),
      close(2),
    ];
    expect(partsOf(frames)).toEqual([
      { type: "part_started", index: 0, part: { kind: "reasoning" } },
      { type: "part_delta", index: 0, text: "Hm" },
      { type: "part_finished", index: 0, signature: "sig", vendor: "anthropic" },
      { type: "part_started", index: 1, part: { kind: "reasoning" } },
      { type: "part_finished", index: 1, signature: "alone", vendor: "anthropic" },
      { type: "part_started", index: 2, part: { kind: "reasoning" } },
      { type: "part_finished", index: 2, redactedData: "c2VjcmV0", vendor: "anthropic" },
    ]);
  });

  test("gives a tool call's arguments in fragments, and {} where none or only empty ones came", () => {
    const frames = [
      open(0, { type: "tool_use", id: "toolu_1", name: "add", input: {} }),
      json(0, ""),
      json(0, '{"a"'),
      json(0, ":1}"),
      close(0),
      open(1, { type: "tool_use", id: "toolu_2", name: "now", input: {} }),
      json(1, ""),
      close(1),
    ];
    expect(partsOf(frames)).toEqual([
      { type: "part_started", index: 0, part: { kind: "tool_call", id: "toolu_1", name: "add" } },
      { type: "part_delta", index: 0, text: '{"a"' },
      { type: "part_delta", index: 0, text: ":1}" },
      { type: "part_finished", index: 0 },
      { type: "part_started", index: 1, part: { kind: "tool_call", id: "toolu_2", name: "now" } },
      { type: "part_delta", index: 1, text: "{}" },
      { type: "part_finished", index: 1 },
    ]);
  });

  test("gathers a block that it does not know and gives it whole at its end", () => {
    const frames = [
      open(0, { type: "server_tool_use", id: "srv_1", name: "web_search", input: {} }),
      json(0, '{"query":'),
      json(0, '"x"}'),
      close(0),
      open(1, { type: "compaction", content: null }),
      delta(1, { type: "compaction_delta", content: "So " }),
      delta(1, { type: "compaction_delta", content: "far" }),
      close(1),
    ];
    expect(partsOf(frames)).toEqual([
      ...whole(0, "server_tool_use", {
        type: "server_tool_use",
        id: "srv_1",
        name: "web_search",
        input: { query: "x" },
      }),
      ...whole(1, "compaction", { type: "compaction", content: "So far" }),
    ]);
  });

  test("gives citations as parts of their own beside the open text", () => {
    const citation = {
      type: "web_search_result_location",
      url: "https://e.org/",
      title: "E",
      cited_text: "e",
    };
    const frames = [
      open(0, { type: "text", text: "", citations: [] }),
      delta(0, { type: "citations_delta", citation }),
      text(0, "E."),
      close(0),
    ];
    expect(partsOf(frames)).toEqual([
      { type: "part_started", index: 0, part: { kind: "text" } },
      {
        type: "part_started",
        index: 1,
        part: {
          kind: "citation",
          citation: { url: "https://e.org/", title: "E", citedText: "e", raw: citation },
        },
      },
      { type: "part_finished", index: 1 },
      { type: "part_delta", index: 0, text: "E." },
      { type: "part_finished", index: 0 },
    ]);
  });

  test("tells why a request was refused, and hands on the vendor's details", () => {
    const details = { type: "refusal", category: "cyber", explanation: "Not this." };
    const events = decodeAll([start, change("refusal", { stop_details: details }), stop]);
    expect(events.slice(1)).toEqual([
      { type: "part_started", index: 0, part: { kind: "refusal" } },
      { type: "part_delta", index: 0, text: "Not this." },
      { type: "part_finished", index: 0 },
      {
        type: "part_started",
        index: 1,
        part: { kind: "opaque", vendor: "anthropic", type: "stop_details", json: details },
      },
      { type: "part_finished", index: 1 },
      usageEvent,
      { type: "finished", reason: "refusal", rawReason: "refusal", stopSequence: undefined },
    ]);
  });

  test("hands on an event and a delta that it does not know", () => {
    const frames = [
      frame({ type: "weather", sky: "blue" }),
      open(0, { type: "text", text: "" }),
      delta(0, { type: "style_delta", bold: true }),
      close(0),
    ];
    expect(
      partsOf(frames).flatMap((event) =>
        event.type === "part_started" && event.part.kind === "opaque" ? [event.part.json] : [],
      ),
    ).toEqual([
      { type: "weather", sky: "blue" },
      { type: "style_delta", bold: true },
    ]);
  });

  test("ends a block that the token limit cut", () => {
    const frames = [start, open(0, { type: "text", text: "" }), text(0, "Cu"), change("max_tokens"), stop];
    expect(decodeAll(frames).slice(-3)).toEqual([
      { type: "part_finished", index: 0 },
      usageEvent,
      { type: "finished", reason: "length", rawReason: "max_tokens", stopSequence: undefined },
    ]);
  });

  test("ignores a message_start that came twice, but not a second message", () => {
    expect(decodeAll([start, start, change("end_turn"), stop]).map((event) => event.type)).toEqual([
      "started",
      "usage",
      "finished",
    ]);
    const other = frame({ type: "message_start", message: { id: "msg_2", usage: {} } });
    expect(failureOf([start, other]).failure).toBe("broken_reply");
  });

  test("throws the vendor's error from mid-stream, and can still tell the usage", () => {
    const decoder = createAnthropicStreamDecoder();
    decoder.decode(start);
    const error = frame({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } });
    expect(() => decoder.decode(error)).toThrow(/overloaded_error.*Overloaded/);
    expect(decoder.untoldUsage()).toEqual({ type: "usage", usage: startedEvent.usage });
  });

  test("tells no usage a second time after its end", () => {
    const decoder = createAnthropicStreamDecoder();
    for (const one of [start, change("end_turn"), stop]) decoder.decode(one);
    expect([decoder.isComplete(), decoder.untoldUsage(), decoder.decode(start)]).toEqual([
      true,
      undefined,
      [],
    ]);
  });

  test.each<[string, readonly SseFrame[]]>([
    ["data that is no JSON", [start, { event: "content_block_delta", data: '{"type":' }]],
    ["data that is no object", [start, { event: undefined, data: "[]" }]],
    ["an event without a type", [start, { event: undefined, data: "{}" }]],
    ["a block before the message", [open(0, { type: "text", text: "" })]],
    ["a delta for no block", [start, text(0, "x")]],
    ["a block that begins twice", [start, open(0, { type: "text" }), open(0, { type: "text" })]],
    ["a tool call without a name", [start, open(0, { type: "tool_use", id: "toolu_1" })]],
  ])("is broken by %s", (_, frames) => {
    expect(failureOf(frames).failure).toBe("broken_reply");
  });

  test("is the same however its frames are batched", async () => {
    const frames = [
      start,
      open(0, { type: "text", text: "" }),
      text(0, "a"),
      ping,
      close(0),
      change("end_turn"),
      stop,
    ];
    const expected = decodeAll(frames);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: frames.length }), { maxLength: 8 }), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), frames.length];
        async function* batches() {
          for (let i = 1; i < at.length; i++) yield frames.slice(at[i - 1], at[i]);
        }
        const events: ProviderChatEvent[] = [];
        for await (const event of decodeStream(batches(), createAnthropicStreamDecoder())) events.push(event);
        expect(events).toEqual(expected);
      }),
    );
  });

  test("gives the same arguments however they are cut into fragments", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (fragments) => {
        const events = partsOf([
          open(0, { type: "tool_use", id: "t", name: "n", input: {} }),
          ...fragments.map((fragment) => json(0, fragment)),
          close(0),
        ]);
        const whole = events.map((event) => (event.type === "part_delta" ? event.text : "")).join("");
        expect(whole).toBe(fragments.join("") || "{}");
      }),
    );
  });

  test("never throws anything but a ProviderError, whatever the vendor sends", () => {
    const types = ["message_start", "content_block_start", "content_block_delta", "content_block_stop"];
    const anyEvent = fc.record(
      {
        type: fc.constantFrom(...types, "message_delta", "message_stop", "error", "ping", "new"),
        index: fc.oneof(fc.nat({ max: 2 }), fc.jsonValue()),
        content_block: fc.oneof(
          fc.record({
            type: fc.constantFrom("text", "thinking", "tool_use", "other"),
            input: fc.jsonValue(),
          }),
          fc.jsonValue(),
        ),
        delta: fc.oneof(
          fc.record({
            type: fc.constantFrom("text_delta", "input_json_delta", "citations_delta", "x"),
            text: fc.jsonValue(),
            partial_json: fc.string(),
          }),
          fc.jsonValue(),
        ),
        message: fc.jsonValue(),
        usage: fc.jsonValue(),
        error: fc.jsonValue(),
      },
      { requiredKeys: ["type"] },
    );
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
        try {
          decodeAll([start, ...events.map(frame)]);
        } catch (error) {
          expect(error).toBeInstanceOf(ProviderError);
        }
      }),
    );
  });
});

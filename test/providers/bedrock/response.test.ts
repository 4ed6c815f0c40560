import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../../src/core/json.ts";
import { readBedrockAnswer } from "../../../src/providers/bedrock/response.ts";
import { failureOf } from "../../support/failure-of.ts";

const claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

const read = (content: JsonValue, members: Readonly<Record<string, JsonValue>> = {}, model = claude) =>
  readBedrockAnswer(
    JSON.stringify({
      output: { message: { role: "assistant", content } },
      stopReason: "end_turn",
      ...members,
    }),
    model,
  );

const longOf = (cacheDetails?: JsonValue) => {
  const counts = { inputTokens: 2, outputTokens: 5, cacheWriteInputTokens: 100 };
  const usage = cacheDetails === undefined ? counts : { ...counts, cacheDetails };
  const event = read([], { usage }).find((each) => each.type === "usage");
  return event?.type === "usage" ? event.usage.input.cacheWriteLong : "no usage";
};

describe("a whole answer of Bedrock's", () => {
  test("has a part for each block", () => {
    const events = read([
      { reasoningContent: { reasoningText: { text: "Hm.", signature: "s1" } } },
      { reasoningContent: { redactedContent: "cmVk" } },
      { text: "One." },
      { text: "Two." },
      { text: "" },
      { toolUse: { toolUseId: "t1", name: "f", input: { a: 1 }, type: "tool_use" } },
    ]);
    expect(events.slice(1, -1)).toEqual([
      { type: "part_started", index: 0, part: { kind: "reasoning" } },
      { type: "part_delta", index: 0, text: "Hm." },
      { type: "part_finished", index: 0, signature: "s1", redactedData: undefined, vendor: "anthropic" },
      { type: "part_started", index: 1, part: { kind: "reasoning" } },
      { type: "part_finished", index: 1, signature: undefined, redactedData: "cmVk", vendor: "bedrock" },
      { type: "part_started", index: 2, part: { kind: "text" } },
      { type: "part_delta", index: 2, text: "One." },
      { type: "part_finished", index: 2 },
      { type: "part_started", index: 3, part: { kind: "text" } },
      { type: "part_delta", index: 3, text: "Two." },
      { type: "part_finished", index: 3 },
      { type: "part_started", index: 4, part: { kind: "tool_call", id: "t1", name: "f" } },
      { type: "part_delta", index: 4, text: '{"a":1}' },
      { type: "part_finished", index: 4 },
    ]);
    expect(events[0]).toEqual({ type: "started" });
  });

  test("has signatures of its own where the model is another maker's", () => {
    const content = [{ reasoningContent: { reasoningText: { text: "Hm.", signature: "s1" } } }];
    expect(read(content, {}, "amazon.nova-premier-v1:0")[3]).toMatchObject({
      signature: "s1",
      vendor: "bedrock",
    });
  });

  test("cites, shows images, and hands on what the core has no place for", () => {
    const web = {
      title: "T",
      sourceContent: [{ text: "said " }, { text: "so" }],
      location: { web: { url: "https://example.com/", domain: "example.com" } },
    };
    const parts = read(
      [
        { citationsContent: { content: [{ text: "As said." }], citations: [web] } },
        { image: { format: "png", source: { bytes: "aGFsbG8=" } } },
        { toolUse: { toolUseId: "t1", name: "nova_grounding", input: {}, type: "server_tool_use" } },
        { toolResult: { toolUseId: "t1", content: [] } },
        { brandNew: 7 },
      ],
      {
        trace: { guardrail: {} },
        additionalModelResponseFields: { x: 1 },
        metrics: { latencyMs: 7 },
        p: "abc",
      },
    ).flatMap((event) => (event.type === "part_started" ? [event.part] : []));
    expect(parts).toEqual([
      { kind: "text" },
      {
        kind: "citation",
        citation: { url: "https://example.com/", title: "T", citedText: "said so", raw: web },
      },
      { kind: "image", source: { data: "aGFsbG8=", mediaType: "image/png" } },
      {
        kind: "opaque",
        vendor: "bedrock",
        type: "toolUse",
        json: { toolUseId: "t1", name: "nova_grounding", input: {}, type: "server_tool_use" },
      },
      { kind: "opaque", vendor: "bedrock", type: "toolResult", json: { toolUseId: "t1", content: [] } },
      { kind: "opaque", vendor: "bedrock", type: "brandNew", json: 7 },
      { kind: "opaque", vendor: "bedrock", type: "trace", json: { guardrail: {} } },
      { kind: "opaque", vendor: "bedrock", type: "additionalModelResponseFields", json: { x: 1 } },
    ]);
  });

  test("tells the sequence that stopped it", () => {
    const fields = { additionalModelResponseFields: { stop_sequence: "|" } };
    const events = read([{ text: "a" }], { stopReason: "stop_sequence", ...fields });
    expect(events.at(-1)).toEqual({
      type: "finished",
      reason: "stop",
      rawReason: "stop_sequence",
      stopSequence: "|",
    });
    expect(events.filter((event) => event.type === "part_started")).toHaveLength(1);
  });

  test.each([
    ["end_turn", "stop"],
    ["tool_use", "tool_calls"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["guardrail_intervened", "content_filter"],
    ["content_filtered", "content_filter"],
    ["brand_new", "stop"],
  ])("ends for the reason %s as %s", (stopReason, reason) => {
    expect(read([], { stopReason }).at(-1)).toMatchObject({ reason, rawReason: stopReason });
  });

  test("is broken where the model failed before it wrote anything", () => {
    const failed = { stopReason: "malformed_tool_use" };
    expect(failureOf(() => read([], failed))).toBe("broken_reply");
    expect(read([{ text: "I call" }], failed).at(-1)).toMatchObject({
      reason: "stop",
      rawReason: "malformed_tool_use",
    });
  });

  test("counts the cache's tokens besides the others", () => {
    const usage = { inputTokens: 2, outputTokens: 5, cacheReadInputTokens: 10, cacheWriteInputTokens: 100 };
    expect(read([], { usage })).toContainEqual({
      type: "usage",
      usage: {
        input: { total: 112, uncached: 2, cacheRead: 10, cacheWrite: 100 },
        output: { total: 5 },
        source: "reported",
      },
    });
  });

  test("tells what of the cache's tokens is kept for an hour, where the vendor lists it", () => {
    const short = { ttl: "5m", inputTokens: 60 };
    expect(longOf([short, { ttl: "1h", inputTokens: 40 }])).toBe(40);
    expect(longOf([short])).toBe(0);
    expect(longOf([])).toBeUndefined();
    expect(longOf()).toBeUndefined();
    expect(longOf([{ ttl: "1h", inputTokens: -4 }])).toBeUndefined();
  });

  test.each([
    [null, undefined],
    [{}, undefined],
    [{ inputTokens: -1, outputTokens: "7" }, undefined],
    [{ inputTokens: 3, cacheReadInputTokens: 1e300 }, { uncached: 3 }],
    [
      { inputTokens: Number.MAX_SAFE_INTEGER, cacheReadInputTokens: 5 },
      { uncached: Number.MAX_SAFE_INTEGER, cacheRead: 5 },
    ],
  ])("makes no number of the counts %j", (usage, input) => {
    const told = read([], { usage }).find((event) => event.type === "usage");
    expect(told === undefined ? undefined : told.usage.input).toEqual(input);
  });

  test("is broken where it is none", () => {
    for (const text of ["", "null", "{}", '{"output":{"message":{}}}', "<html>"]) {
      expect(failureOf(() => readBedrockAnswer(text, claude))).toBe("broken_reply");
    }
    expect(failureOf(() => read(["text"]))).toBe("broken_reply");
    expect(failureOf(() => read([{ toolUse: { name: "f" } }]))).toBe("broken_reply");
    let deep: JsonValue = 1;
    for (let i = 0; i < 100; i += 1) deep = [deep];
    expect(failureOf(() => read([{ toolUse: { toolUseId: "t", name: "f", input: deep } }]))).toBe(
      "broken_reply",
    );
  });
});

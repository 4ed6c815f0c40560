import type { JsonValue } from "../../../src/core/json.ts";
import { describe, expect, test } from "vitest";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { readAnthropicAnswer } from "../../../src/providers/anthropic/response.ts";

const answer = (members: object): string =>
  JSON.stringify({ id: "msg_1", type: "message", role: "assistant", model: "claude-x-1", ...members });

function failureOf(text: string): ProviderError {
  try {
    readAnthropicAnswer(text);
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
  throw new Error("the answer was taken");
}

describe("a whole Anthropic answer", () => {
  test("gives every block as a part, in order", () => {
    const text = answer({
      content: [
        { type: "thinking", thinking: "Hm", signature: "sig" },
        { type: "redacted_thinking", data: "eA==" },
        { type: "text", text: "Hi" },
        { type: "tool_use", id: "toolu_1", name: "add", input: { a: 1 } },
        { type: "tool_use", id: "toolu_2", name: "now", input: {} },
      ],
      stop_reason: "tool_use",
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 9, output_tokens_details: { thinking_tokens: 4 } },
    });
    expect(readAnthropicAnswer(text)).toEqual([
      { type: "started", model: "claude-x-1" },
      { type: "part_started", index: 0, part: { kind: "reasoning" } },
      { type: "part_delta", index: 0, text: "Hm" },
      { type: "part_finished", index: 0, signature: "sig", vendor: "anthropic" },
      { type: "part_started", index: 1, part: { kind: "reasoning" } },
      { type: "part_finished", index: 1, redactedData: "eA==", vendor: "anthropic" },
      { type: "part_started", index: 2, part: { kind: "text" } },
      { type: "part_delta", index: 2, text: "Hi" },
      { type: "part_finished", index: 2 },
      { type: "part_started", index: 3, part: { kind: "tool_call", id: "toolu_1", name: "add" } },
      { type: "part_delta", index: 3, text: '{"a":1}' },
      { type: "part_finished", index: 3 },
      { type: "part_started", index: 4, part: { kind: "tool_call", id: "toolu_2", name: "now" } },
      { type: "part_delta", index: 4, text: "{}" },
      { type: "part_finished", index: 4 },
      {
        type: "usage",
        usage: {
          input: { total: 3, uncached: 3 },
          output: { total: 9, text: 5, reasoning: 4 },
          source: "reported",
        },
      },
      { type: "finished", reason: "tool_calls", rawReason: "tool_use" },
    ]);
  });

  test("adds cached tokens to the input's total", () => {
    const usage = {
      input_tokens: 3,
      cache_read_input_tokens: 5,
      cache_creation_input_tokens: 7,
      output_tokens: 1,
    };
    const events = readAnthropicAnswer(answer({ content: [], stop_reason: "end_turn", usage }));
    expect(events[1]).toMatchObject({
      usage: { input: { total: 15, uncached: 3, cacheRead: 5, cacheWrite: 7 } },
    });
  });

  test("tells what of the cached tokens is kept for an hour", () => {
    expect(longOf({ ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 4 })).toBe(4);
    expect(longOf({ ephemeral_5m_input_tokens: 7, ephemeral_1h_input_tokens: 0 })).toBe(0);
    expect(longOf(undefined)).toBeUndefined();
    expect(longOf({ ephemeral_1h_input_tokens: "4" })).toBeUndefined();
  });

  test("takes only whole counts from 0 on", () => {
    const usage = { input_tokens: -3, output_tokens: 1.5, cache_read_input_tokens: "9" };
    const events = readAnthropicAnswer(answer({ content: [], stop_reason: "end_turn", usage }));
    expect(events.map((event) => event.type)).toEqual(["started", "finished"]);
  });

  test("hands on the container and unknown blocks", () => {
    const container = { id: "container_1", expires_at: "2026-01-01T00:00:00Z" };
    const block = { type: "hologram", rays: [1, 2] };
    const events = readAnthropicAnswer(answer({ content: [block], container, stop_reason: "end_turn" }));
    expect(events.flatMap((event) => (event.type === "part_started" ? [event.part] : []))).toEqual([
      { kind: "opaque", vendor: "anthropic", type: "hologram", json: block },
      { kind: "opaque", vendor: "anthropic", type: "container", json: container },
    ]);
  });

  test.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["pause_turn", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["tool_use", "tool_calls"],
    ["refusal", "refusal"],
    ["something_new", "stop"],
  ])("that stops with %s finishes with %s", (stop_reason, reason) => {
    const events = readAnthropicAnswer(answer({ content: [], stop_reason, stop_sequence: "END" }));
    expect(events.at(-1)).toEqual({ type: "finished", reason, rawReason: stop_reason, stopSequence: "END" });
  });

  test("that is an error all the same is thrown as that error", () => {
    const text = JSON.stringify({ type: "error", error: { type: "rate_limit_error", message: "Slow down" } });
    expect(failureOf(text)).toMatchObject({ failure: "rate_limited" });
  });

  const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`;
  test.each([
    ["is empty", ""],
    ["is a page", "<html></html>"],
    ["is an array", "[]"],
    ["has no content", answer({})],
    ["has a block that is none", answer({ content: ["x"] })],
    ["has a tool call without an id", answer({ content: [{ type: "tool_use", name: "n", input: {} }] })],
    ["is nested too deep", `{"content":[{"type":"tool_use","id":"i","name":"n","input":${deep}}]}`],
    ["has an unknown block nested too deep", `{"content":[{"type":"x","y":${deep}}]}`],
  ])("is broken when it %s", (_, text) => {
    expect(failureOf(text).failure).toBe("broken_reply");
  });
});

const longOf = (creation: JsonValue | undefined) => {
  const usage = {
    input_tokens: 3,
    cache_creation_input_tokens: 7,
    cache_creation: creation,
    output_tokens: 1,
  };
  const [, event] = readAnthropicAnswer(answer({ content: [], stop_reason: "end_turn", usage }));
  return event?.type === "usage" ? event.usage.input.cacheWriteLong : "no usage";
};

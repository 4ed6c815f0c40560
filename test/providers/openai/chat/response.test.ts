import { expect, test } from "vitest";
import { ProviderError } from "../../../../src/core/provider-error.ts";
import { openAiMember, openRouterMember } from "../../../../src/providers/openai/chat/members.ts";
import { readOpenAiAnswer } from "../../../../src/providers/openai/chat/response.ts";

const answer = (message: object | undefined, more: object = {}, beside: object = {}): string =>
  JSON.stringify({
    id: "chatcmpl-1",
    model: "gpt-x",
    choices: [{ index: 0, message, finish_reason: "stop", ...more }],
    ...beside,
  });

const failureOf = (text: string): string | undefined => {
  try {
    readOpenAiAnswer(text, openAiMember);
  } catch (error) {
    if (error instanceof ProviderError) return error.failure;
    throw error;
  }
  return undefined;
};

test("a whole answer gives the same events as a stream", () => {
  const text = answer(
    { role: "assistant", content: "Hi" },
    {},
    { usage: { prompt_tokens: 2, completion_tokens: 1 } },
  );
  expect(readOpenAiAnswer(text, openAiMember)).toEqual([
    { type: "started", model: "gpt-x" },
    { type: "part_started", index: 0, part: { kind: "text" } },
    { type: "part_delta", index: 0, text: "Hi" },
    { type: "part_finished", index: 0 },
    { type: "usage", usage: { input: { total: 2 }, output: { total: 1 }, source: "reported" } },
    { type: "finished", reason: "stop", rawReason: "stop" },
  ]);
});

test("reasoning comes before the text, whatever the order of the members", () => {
  const message = {
    content: "Hi",
    reasoning: "Hm",
    reasoning_details: [
      { type: "reasoning.summary", summary: "Hm", index: 0 },
      { type: "reasoning.encrypted", data: "xyz", index: 0 },
    ],
  };
  expect(readOpenAiAnswer(answer(message), openRouterMember).slice(1, 5)).toEqual([
    { type: "part_started", index: 0, part: { kind: "reasoning" } },
    { type: "part_delta", index: 0, text: "Hm" },
    { type: "part_finished", index: 0, redactedData: "xyz", vendor: "openrouter" },
    { type: "part_started", index: 1, part: { kind: "text" } },
  ]);
});

test("content as a list of pieces", () => {
  const content = [
    { type: "text", text: "a" },
    { type: "reference", reference_ids: [1] },
  ];
  expect(readOpenAiAnswer(answer({ content }), openAiMember)).toContainEqual({
    type: "part_started",
    index: 1,
    part: {
      kind: "opaque",
      vendor: "openai",
      type: "content",
      json: { type: "reference", reference_ids: [1] },
    },
  });
});

test("tool calls, also of another type", () => {
  const calls = [
    { id: "a", type: "function", function: { name: "f", arguments: "{}" }, extra_content: { proof: "p" } },
    { id: "b", type: "custom", custom: { name: "g", input: "x" } },
  ];
  const events = readOpenAiAnswer(answer({ content: null, tool_calls: calls }), openAiMember);
  const parts = events.flatMap((event) => (event.type === "part_started" ? [event.part] : []));
  expect(parts).toEqual([
    { kind: "tool_call", id: "a", name: "f" },
    {
      kind: "opaque",
      vendor: "openai",
      type: "tool_calls.extra_content",
      json: { id: "a", extra_content: { proof: "p" } },
    },
    { kind: "opaque", vendor: "openai", type: "tool_calls", json: calls[1] },
  ]);
});

test("an empty answer with a finish reason is an answer without parts", () => {
  expect(readOpenAiAnswer(answer({ content: null }), openAiMember)).toEqual([
    { type: "started", model: "gpt-x" },
    { type: "finished", reason: "stop", rawReason: "stop" },
  ]);
});

test("without a finish reason an answer counts only if it holds something", () => {
  const events = readOpenAiAnswer(answer({ content: "a" }, { finish_reason: null }), openAiMember);
  expect(events.at(-1)).toEqual({ type: "finished", reason: "stop", rawReason: undefined });
  expect(failureOf(answer({ content: "" }, { finish_reason: null }))).toBe("broken_reply");
});

test("what is no answer is a broken reply", () => {
  expect(failureOf("")).toBe("broken_reply");
  expect(failureOf("<html>")).toBe("broken_reply");
  expect(failureOf("[]")).toBe("broken_reply");
  expect(failureOf('{"choices":[]}')).toBe("broken_reply");
  expect(failureOf(answer(undefined))).toBe("broken_reply");
  expect(failureOf(answer({ tool_calls: ["x"] }))).toBe("broken_reply");
});

test("an answer that was filtered away whole may lack its message", () => {
  const events = readOpenAiAnswer(answer(undefined, { finish_reason: "content_filter" }), openAiMember);
  expect(events.at(-1)).toMatchObject({ reason: "content_filter" });
});

test("an error inside a 200 is that error", () => {
  expect(failureOf('{"error":{"message":"x","code":429}}')).toBe("rate_limited");
  expect(failureOf(answer({ content: "a" }, { error: { code: 502, message: "x" } }))).toBe("unavailable");
});

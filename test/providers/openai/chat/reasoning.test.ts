import { expect, test } from "vitest";
import { groqMember, openRouterMember } from "../../../../src/providers/openai/chat/members.ts";
import { read, chunk, detail, finish, start, delta, stop } from "./read-chunks.ts";

test("reasoning, then text; Groq's channel is a note; usage stands in x_groq or beside it", () => {
  const { events } = read(
    [
      chunk({ reasoning: "Hm", channel: "analysis" }),
      chunk({ content: "Yes" }),
      { ...finish("stop"), x_groq: { id: "req", usage: { prompt_tokens: 3, completion_tokens: 2 } } },
      "[DONE]",
    ],
    groqMember,
  );
  expect(events.slice(1)).toEqual([
    start(0, "reasoning"),
    delta(0, "Hm"),
    stop(0),
    start(1, "text"),
    delta(1, "Yes"),
    stop(1),
    { type: "usage", usage: { input: { total: 3 }, output: { total: 2 }, source: "reported" } },
    { type: "finished", reason: "stop", rawReason: "stop" },
  ]);
});

test("OpenRouter's reasoning details: text once, its signature, what is encrypted", () => {
  const { events } = read(
    [
      chunk({ content: "", reasoning: "Hm", reasoning_details: [detail({ text: "Hm" })] }),
      chunk({ content: "", reasoning_details: [detail({ signature: "sig" })] }),
      chunk({ reasoning_details: [{ type: "reasoning.encrypted", data: "xyz", index: 1 }] }),
      chunk({ content: "Yes" }),
      finish("stop"),
      finish("stop"),
      "[DONE]",
    ],
    openRouterMember,
  );
  expect(events.slice(1, -1)).toEqual([
    start(0, "reasoning"),
    delta(0, "Hm"),
    { type: "part_finished", index: 0, signature: "sig", vendor: "openrouter" },
    start(1, "reasoning"),
    { type: "part_finished", index: 1, redactedData: "xyz", vendor: "openrouter" },
    start(2, "text"),
    delta(2, "Yes"),
    stop(2),
  ]);
});

test("each piece of reasoning keeps its own proof", () => {
  const { events } = read(
    [
      chunk({
        reasoning_details: [detail({ text: "A" }), detail({ signature: "1" }), detail({ signature: "2" })],
      }),
      chunk({ reasoning_details: [detail({ text: "B" })] }),
      "[DONE]",
    ],
    openRouterMember,
  );
  expect(events.slice(1, -1)).toEqual([
    start(0, "reasoning"),
    delta(0, "A"),
    { type: "part_finished", index: 0, signature: "1", vendor: "openrouter" },
    start(1, "reasoning"),
    { type: "part_finished", index: 1, signature: "2", vendor: "openrouter" },
    start(2, "reasoning"),
    delta(2, "B"),
    stop(2),
  ]);
});

import { expect, test } from "vitest";
import type { JsonObject } from "../../../../src/core/json.ts";
import {
  azureMember,
  compatibleMember,
  groqMember,
  openAiMember,
} from "../../../../src/providers/openai/chat/members.ts";
import { readUsage } from "../../../../src/providers/openai/chat/usage.ts";
import { chunk, read, usageChunk, usageOf } from "./read-chunks.ts";

const unknown = { total: undefined, uncached: undefined, cacheRead: undefined, cacheWrite: undefined };

test.each([
  [undefined],
  [null],
  ["many"],
  [[]],
  [{}],
  [{ total_tokens: 5 }],
  [{ prompt_tokens: -1, completion_tokens: 1.5 }],
  [{ prompt_tokens: "3", completion_tokens: 1e300 }],
])("usage that is %j is none", (usage) => {
  expect(readUsage(usage === undefined ? {} : { usage }, openAiMember)).toBeUndefined();
});

test("a count that is none is unknown, and so is what hangs on it", () => {
  const usage = {
    prompt_tokens: -5,
    completion_tokens: 4,
    total_tokens: -1,
    prompt_tokens_details: { cached_tokens: 2 },
    completion_tokens_details: { reasoning_tokens: -3 },
  };
  expect(readUsage({ usage }, openAiMember)).toEqual({
    input: { ...unknown, cacheRead: 2 },
    output: { total: 4, text: undefined, reasoning: undefined },
    source: "reported",
  });
});

test("details that do not fit into their total are unknown", () => {
  // As Azure's deployments of Grok tell it: more cached tokens than the prompt has.
  const cached = { prompt_tokens: 78, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 158 } };
  expect(readUsage({ usage: cached }, azureMember)?.input).toEqual({ ...unknown, total: 78 });
  const thought = { completion_tokens: 3, completion_tokens_details: { reasoning_tokens: 5 } };
  expect(readUsage({ usage: thought }, openAiMember)?.output).toEqual({
    total: 3,
    text: undefined,
    reasoning: undefined,
  });
});

test("cached tokens by each of their names", () => {
  const counts = { prompt_tokens: 10, completion_tokens: 1 };
  const named: readonly JsonObject[] = [
    { prompt_tokens_details: { cached_tokens: 4 } },
    { prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6 },
    { cached_tokens: 4 },
  ];
  for (const more of named) {
    expect(readUsage({ usage: { ...counts, ...more } }, compatibleMember)?.input).toMatchObject({
      cacheRead: 4,
      uncached: 6,
    });
  }
});

test("the chunk's own usage wins over the one beside it", () => {
  const beside = { x_groq: { usage: { prompt_tokens: 1, completion_tokens: 1 } } };
  expect(readUsage(beside, groqMember)?.input.total).toBe(1);
  const both = { ...beside, usage: { prompt_tokens: 2, completion_tokens: 1 } };
  expect(readUsage(both, groqMember)?.input.total).toBe(2);
  expect(readUsage(beside, openAiMember)).toBeUndefined();
});

test("a usage that says nothing does not take the place of one that was told", () => {
  const { events } = read([
    chunk({ content: "Hi" }),
    usageChunk({ prompt_tokens: 3, completion_tokens: 2 }),
    usageChunk({ prompt_tokens: null }),
    "[DONE]",
  ]);
  expect(usageOf(events)).toMatchObject({ input: { total: 3 }, output: { total: 2 } });
});

test("usage that stands in the choice is taken where there is none beside the choices", () => {
  const inChoice = { finish_reason: "stop", usage: { prompt_tokens: 3, completion_tokens: 2 } };
  const told = read([chunk({ content: "a" }, inChoice), "[DONE]"], compatibleMember).events;
  expect(usageOf(told)).toMatchObject({ input: { total: 3 }, output: { total: 2 } });
  expect(told.filter(({ type }) => type === "part_started")).toHaveLength(1);
  const both = [
    chunk({ content: "a" }, inChoice),
    usageChunk({ prompt_tokens: 4, completion_tokens: 2 }),
    "[DONE]",
  ];
  expect(usageOf(read(both, compatibleMember).events)).toMatchObject({ input: { total: 4 } });
});

test("sound is told on both sides, and what is more than there was is none", () => {
  const usage = {
    prompt_tokens: 30,
    completion_tokens: 20,
    prompt_tokens_details: { audio_tokens: 25, text_tokens: 5 },
    completion_tokens_details: { audio_tokens: 20 },
  };
  expect(readUsage({ usage }, openAiMember)).toMatchObject({ input: { audio: 25 }, output: { audio: 20 } });
  const more = { ...usage, prompt_tokens_details: { audio_tokens: 31 }, completion_tokens: 19 };
  expect(readUsage({ usage: more }, openAiMember)).toMatchObject({
    input: { total: 30, audio: undefined },
    output: { total: 19, audio: undefined },
  });
  const none = { ...usage, prompt_tokens_details: { audio_tokens: 0 }, completion_tokens_details: {} };
  expect(readUsage({ usage: none }, openAiMember)).toMatchObject({
    input: { audio: 0 },
    output: { audio: undefined },
  });
});

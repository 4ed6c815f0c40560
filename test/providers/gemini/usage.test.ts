import { expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import { readUsage } from "../../../src/providers/gemini/usage.ts";

const entry = (modality: string, tokenCount: JsonValue) => ({ modality, tokenCount });

const audioOf = (told: JsonObject) => {
  const usage = readUsage({ promptTokenCount: 100, candidatesTokenCount: 10, ...told });
  return {
    input: usage?.input.audio,
    cacheRead: usage?.input.cacheReadAudio,
    output: usage?.output.audio,
  };
};

const unknown = { input: undefined, cacheRead: undefined, output: undefined };

test("sound is what the lists by modality have of it, in the prompt, the cache and the answer", () => {
  expect(
    audioOf({
      promptTokensDetails: [entry("TEXT", 10), entry("AUDIO", 80), entry("AUDIO", 10)],
      cachedContentTokenCount: 50,
      cacheTokensDetails: [entry("AUDIO", 40), entry("TEXT", 10)],
      candidatesTokensDetails: [entry("AUDIO", 10)],
    }),
  ).toEqual({ input: 90, cacheRead: 40, output: 10 });
});

test("a list without sound says that there was none; no list says nothing", () => {
  expect(audioOf({ promptTokensDetails: [entry("TEXT", 100)] })).toEqual({ ...unknown, input: 0 });
  expect(audioOf({})).toEqual(unknown);
  expect(audioOf({ promptTokensDetails: [] })).toEqual(unknown);
});

test("what the vendor's own tools read is counted in, and unknown where they tell nothing of it", () => {
  const promptTokensDetails = [entry("AUDIO", 5)];
  const tools = { promptTokensDetails, toolUsePromptTokenCount: 7 };
  expect(audioOf({ ...tools, toolUsePromptTokensDetails: [entry("AUDIO", 2), entry("TEXT", 5)] }).input).toBe(
    7,
  );
  expect(audioOf(tools).input).toBeUndefined();
  expect(audioOf({ promptTokensDetails, toolUsePromptTokenCount: 0 }).input).toBe(5);
});

test.each([[entry("AUDIO", -1)], [entry("AUDIO", "5")], [{ modality: "AUDIO" }], [entry("AUDIO", 1e300)]])(
  "a count that is none leaves it unknown: %j",
  (told) => {
    expect(audioOf({ promptTokensDetails: [entry("AUDIO", 5), told] })).toEqual(unknown);
  },
);

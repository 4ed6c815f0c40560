import { expect, test } from "vitest";
import type { JsonValue } from "../../../../src/core/json.ts";
import { readUsage } from "../../../../src/providers/openai/responses/usage.ts";

test("the input counts what was cached, the output counts reasoning", () => {
  const usage = {
    input_tokens: 100,
    input_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
    output_tokens: 50,
    output_tokens_details: { reasoning_tokens: 20 },
    total_tokens: 150,
  };
  expect(readUsage({ usage })).toEqual({
    input: { total: 100, uncached: 30, cacheRead: 60, cacheWrite: 10 },
    output: { total: 50, text: 30, reasoning: 20 },
    source: "reported",
  });
});

test("reasoning that is counted beside the output shows in the sum of all", () => {
  const usage = {
    input_tokens: 10,
    output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 20 },
    total_tokens: 35,
  };
  expect(readUsage({ usage })?.output).toEqual({ total: 25, text: 5, reasoning: 20 });
});

test("zero is a count, nothing is not", () => {
  expect(readUsage({ usage: { input_tokens: 0, output_tokens: 0 } })).toEqual({
    input: { total: 0, uncached: undefined, cacheRead: undefined, cacheWrite: undefined },
    output: { total: 0, text: undefined, reasoning: undefined },
    source: "reported",
  });
  const untold: readonly JsonValue[] = [null, [], "5", {}, { total_tokens: 5 }];
  for (const usage of untold) expect(readUsage({ usage })).toBeUndefined();
  expect(readUsage({})).toBeUndefined();
});

test.each([-1, 1.5, 1e300, "7", null, {}])("a count that cannot be one is unknown: %j", (count) => {
  const usage = {
    input_tokens: count,
    output_tokens: 4,
    input_tokens_details: { cached_tokens: count },
    output_tokens_details: { reasoning_tokens: count },
  };
  expect(readUsage({ usage })).toEqual({
    input: { total: undefined, uncached: undefined, cacheRead: undefined, cacheWrite: undefined },
    output: { total: 4, text: undefined, reasoning: undefined },
    source: "reported",
  });
});

test("parts that do not fit into their total leave the rest unknown", () => {
  const usage = {
    input_tokens: 5,
    input_tokens_details: { cached_tokens: 9 },
    output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 9 },
  };
  expect(readUsage({ usage })).toMatchObject({
    input: { total: 5, uncached: undefined, cacheRead: 9 },
    output: { total: 5, text: undefined, reasoning: undefined },
  });
});

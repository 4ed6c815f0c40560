// `usageMetadata`: the prompt's count includes what was cached; thoughts are counted beside the candidates, and what
// the vendor's own tools gave the model beside the prompt. Source: ai.google.dev/api/generate-content#usagemetadata

import type { Usage } from "../../core/chat/usage.ts";
import type { JsonValue } from "../../core/json.ts";
import { countIn, objectIn } from "../vendor-json.ts";

/** Undefined when the vendor tells no count. */
export function readUsage(value: JsonValue | undefined): Usage | undefined {
  const told = objectIn(value);
  if (told === undefined) return undefined;
  const prompt = countIn(told["promptTokenCount"]);
  const thoughts = countIn(told["thoughtsTokenCount"]);
  const inputTotal = sum(prompt, told["toolUsePromptTokenCount"]);
  const text =
    countIn(told["candidatesTokenCount"]) ??
    // A count of 0 is left out; the total tells whether it was one.
    rest(countIn(told["totalTokenCount"]), sum(inputTotal, told["thoughtsTokenCount"]));
  if (inputTotal === undefined && text === undefined && thoughts === undefined) return undefined;
  const cacheRead = countIn(told["cachedContentTokenCount"]);
  return {
    input: {
      total: inputTotal,
      uncached: cacheRead === undefined ? undefined : rest(inputTotal, cacheRead),
      cacheRead,
    },
    output: { total: sum(text, told["thoughtsTokenCount"]), text, reasoning: thoughts },
    source: "reported",
  };
}

/** What is not told is 0 in the sum; what is told as no count makes it unknown. */
function sum(first: number | undefined, told: JsonValue | undefined): number | undefined {
  const second = told === undefined || told === null ? 0 : countIn(told);
  return first === undefined || second === undefined ? undefined : countIn(first + second);
}

const rest = (total: number | undefined, part: number | undefined): number | undefined =>
  total === undefined || part === undefined || part > total ? undefined : total - part;

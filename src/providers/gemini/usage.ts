// `usageMetadata`: the prompt's count includes what was cached; thoughts are counted beside the candidates, and what
// the vendor's own tools gave the model beside the prompt. What of it is sound stands in lists by modality.
// Source: ai.google.dev/api/generate-content#usagemetadata

import type { Usage } from "../../core/chat/usage.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { countIn, listIn, objectIn } from "../vendor-json.ts";

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
      audio: promptAudio(told),
      cacheReadAudio: audioIn(told["cacheTokensDetails"]),
    },
    output: {
      total: sum(text, told["thoughtsTokenCount"]),
      text,
      reasoning: thoughts,
      audio: audioIn(told["candidatesTokensDetails"]),
    },
    source: "reported",
  };
}

function promptAudio(told: JsonObject): number | undefined {
  const own = audioIn(told["promptTokensDetails"]);
  const tools = countIn(told["toolUsePromptTokenCount"]);
  if (own === undefined || tools === undefined || tools === 0) return own;
  const ofTools = audioIn(told["toolUsePromptTokensDetails"]);
  return ofTools === undefined ? undefined : countIn(own + ofTools);
}

/** The list has no entry for what there was none of; without a list nothing is known. */
function audioIn(details: JsonValue | undefined): number | undefined {
  const entries = listIn(details);
  if (entries.length === 0) return undefined;
  let total: number | undefined = 0;
  for (const entry of entries) {
    const told = objectIn(entry);
    if (told?.["modality"] !== "AUDIO") continue;
    const count = countIn(told["tokenCount"]);
    total = total === undefined || count === undefined ? undefined : countIn(total + count);
  }
  return total;
}

/** What is not told is 0 in the sum; what is told as no count makes it unknown. */
function sum(first: number | undefined, told: JsonValue | undefined): number | undefined {
  const second = told === undefined || told === null ? 0 : countIn(told);
  return first === undefined || second === undefined ? undefined : countIn(first + second);
}

const rest = (total: number | undefined, part: number | undefined): number | undefined =>
  total === undefined || part === undefined || part > total ? undefined : total - part;

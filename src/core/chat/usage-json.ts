import { objectOf, optional } from "../json-form.ts";
import { wholeNumber, wordOf } from "../json-values.ts";
import type { Usage, UsageSource } from "./usage.ts";

const tokens = optional(wholeNumber);

export const usageForm = objectOf<Usage>({
  input: objectOf<Usage["input"]>({
    total: tokens,
    uncached: tokens,
    cacheRead: tokens,
    cacheWrite: tokens,
    audio: tokens,
    cacheWriteLong: tokens,
    cacheReadAudio: tokens,
  }),
  output: objectOf<Usage["output"]>({ total: tokens, text: tokens, reasoning: tokens, audio: tokens }),
  source: wordOf<UsageSource>({ reported: 0, counted: 0, estimated: 0 }),
});

// Costs worked out by hand from the list's prices: dollars per million tokens times tokens are micro-dollars, and
// 1 micro-dollar is 1000 nano-dollars. Each comment says the sum.

import { describe, expect, it } from "vitest";
import type { Usage } from "../../../src/core/chat/usage.ts";
import { costNanos } from "../../../src/core/pricing/price.ts";
import { createPriceList } from "../../../src/providers/catalog/price-list.ts";
import { priceListIds } from "../../../src/providers/provider-table.ts";

const list = createPriceList(priceListIds);

interface Case {
  readonly about: string;
  readonly kind: string;
  readonly model: string;
  readonly at?: string;
  readonly input: Usage["input"];
  readonly output: Usage["output"];
  /** Null: not known. */
  readonly nanos: bigint | null;
}

function costOf({ kind, model, at = "2026-09-25T12:00:00Z", input, output }: Case): bigint | null {
  const atMs = Date.parse(at);
  const price = list.find({ provider: kind, kind, model, atMs, inputTokens: input.total });
  if (price === undefined) throw new Error(`no price of ${model}`);
  return costNanos({ input, output, source: "reported" }, price) ?? null;
}

const openAiChat: readonly Case[] = [
  {
    about: "plain: 1000 read, 500 written",
    kind: "groq",
    model: "llama-3.3-70b-versatile",
    input: { total: 1_000 },
    output: { total: 500 },
    // 1000 × 0.59 + 500 × 0.79 = 590 + 395 µ$
    nanos: 985_000n,
  },
  {
    about: "a part of the prompt from the cache",
    kind: "openai",
    model: "gpt-5-mini",
    input: { total: 10_000, uncached: 2_000, cacheRead: 8_000 },
    output: { total: 100, text: 36, reasoning: 64 },
    // 2000 × 0.25 + 8000 × 0.025 + 100 × 2 = 500 + 200 + 200 µ$; reasoning costs what any output does
    nanos: 900_000n,
  },
  {
    about: "one token of each: less than a micro-dollar",
    kind: "openai",
    model: "gpt-5-nano",
    input: { total: 1 },
    output: { total: 1 },
    // 0.05 + 0.4 µ$
    nanos: 450n,
  },
  {
    about: "reasoning at a price of its own",
    kind: "openrouter",
    model: "perplexity/sonar-deep-research",
    input: { total: 200 },
    output: { total: 1_500, text: 500, reasoning: 1_000 },
    // 200 × 2 + 500 × 8 + 1000 × 3 = 400 + 4000 + 3000 µ$
    nanos: 7_400_000n,
  },
  {
    about: "reasoning at a price of its own, and nobody tells how much of it there was",
    kind: "openrouter",
    model: "perplexity/sonar-deep-research",
    input: { total: 200 },
    output: { total: 1_500 },
    nanos: null,
  },
];

const sound: readonly Case[] = [
  {
    about: "sound read and written beside text",
    kind: "openai",
    model: "gpt-audio",
    input: { total: 1_000, audio: 800 },
    output: { total: 300, audio: 250 },
    // 200 × 2.5 + 800 × 32 + 50 × 10 + 250 × 64 = 500 + 25 600 + 500 + 16 000 µ$
    nanos: 42_600_000n,
  },
  {
    about: "no sound to a model that could have taken it",
    kind: "openai",
    model: "gpt-audio",
    input: { total: 1_000, audio: 0 },
    output: { total: 300, audio: 0 },
    // 1000 × 2.5 + 300 × 10 = 2500 + 3000 µ$
    nanos: 5_500_000n,
  },
  {
    about: "sound of which nobody tells how much there was",
    kind: "openai",
    model: "gpt-audio",
    input: { total: 1_000 },
    output: { total: 300, audio: 0 },
    nanos: null,
  },
  {
    about: "sound in the cache and outside it",
    kind: "gemini",
    model: "gemini-2.5-flash",
    input: { total: 5_000, cacheRead: 2_000, audio: 3_000, cacheReadAudio: 1_500 },
    output: { total: 100 },
    // outside: 1500 of text × 0.3 + 1500 of sound × 1 = 450 + 1500 µ$
    // inside: 500 of text × 0.03 + 1500 of sound × 0.1 = 15 + 150 µ$; written: 100 × 2.5 = 250 µ$
    nanos: 2_365_000n,
  },
  {
    about: "sound that may stand in the cache or outside it",
    kind: "gemini",
    model: "gemini-2.5-flash",
    input: { total: 5_000, cacheRead: 2_000, audio: 1_000 },
    output: { total: 100 },
    nanos: null,
  },
  {
    about: "nothing but sound: it stands on both sides of the cache",
    kind: "gemini",
    model: "gemini-2.5-flash",
    input: { total: 5_000, cacheRead: 2_000, audio: 5_000 },
    output: { total: 0 },
    // 3000 × 1 + 2000 × 0.1 = 3000 + 200 µ$
    nanos: 3_200_000n,
  },
];

const claude: readonly Case[] = [
  {
    about: "read from and written to the cache",
    kind: "anthropic",
    model: "claude-haiku-4-5-20251001",
    input: { total: 3_100, uncached: 100, cacheRead: 2_000, cacheWrite: 1_000, cacheWriteLong: 0 },
    output: { total: 200 },
    // 100 × 1 + 2000 × 0.1 + 1000 × 1.25 + 200 × 5 = 100 + 200 + 1250 + 1000 µ$
    nanos: 2_550_000n,
  },
  {
    about: "written to the cache for minutes and for an hour",
    kind: "anthropic",
    model: "claude-haiku-4-5-20251001",
    input: { total: 1_100, uncached: 100, cacheRead: 0, cacheWrite: 1_000, cacheWriteLong: 600 },
    output: { total: 200 },
    // 100 × 1 + 400 × 1.25 + 600 × 2 + 200 × 5 = 100 + 500 + 1200 + 1000 µ$
    nanos: 2_800_000n,
  },
  {
    about: "written to the cache, and nobody tells for how long",
    kind: "anthropic",
    model: "claude-haiku-4-5-20251001",
    input: { total: 1_100, uncached: 100, cacheWrite: 1_000 },
    output: { total: 200 },
    nanos: null,
  },
];

const tiersAndTimes: readonly Case[] = [
  {
    about: "a prompt of just the length up to which it is cheaper",
    kind: "gemini",
    model: "gemini-2.5-pro",
    input: { total: 200_000 },
    output: { total: 1_000 },
    // 200 000 × 1.25 + 1000 × 10 = 250 000 + 10 000 µ$
    nanos: 260_000_000n,
  },
  {
    about: "a prompt of one token more: all of the call costs more",
    kind: "gemini",
    model: "gemini-2.5-pro",
    input: { total: 200_001, cacheRead: 1 },
    output: { total: 1_000 },
    // 200 000 × 2.5 + 1 × 0.25 + 1000 × 15 = 500 000 + 0.25 + 15 000 µ$
    nanos: 515_000_250n,
  },
  {
    about: "the day before a price changed",
    kind: "openai",
    model: "o3",
    at: "2025-06-09T23:59:00Z",
    input: { total: 1_000 },
    output: { total: 100 },
    // 1000 × 10 + 100 × 40 = 10 000 + 4000 µ$
    nanos: 14_000_000n,
  },
  {
    about: "the day on which it changed",
    kind: "openai",
    model: "o3",
    at: "2025-06-10T00:00:00Z",
    input: { total: 1_000 },
    output: { total: 100 },
    // 1000 × 2 + 100 × 8 = 2000 + 800 µ$
    nanos: 2_800_000n,
  },
];

const embeddingsAndPictures: readonly Case[] = [
  {
    about: "embeddings: nothing is written",
    kind: "openai",
    model: "text-embedding-3-small",
    input: { total: 12_345 },
    output: { total: 0 },
    // 12 345 × 0.02 = 246.9 µ$
    nanos: 246_900n,
  },
  {
    about: "texts to a model that could have taken sound",
    kind: "gemini",
    model: "gemini-embedding-2",
    input: { total: 1_000, audio: 0 },
    output: { total: 0 },
    // 1000 × 0.2 = 200 µ$
    nanos: 200_000n,
  },
  {
    about: "an answer that may be a picture",
    kind: "gemini",
    model: "gemini-2.5-flash-image",
    input: { total: 10 },
    output: { total: 1_307 },
    nanos: null,
  },
  {
    about: "nothing written by a model that could have drawn",
    kind: "gemini",
    model: "gemini-2.5-flash-image",
    input: { total: 10 },
    output: { total: 0 },
    // 10 × 0.3 = 3 µ$
    nanos: 3_000n,
  },
];

describe("the cost of", () => {
  it.each([...openAiChat, ...sound, ...claude, ...tiersAndTimes, ...embeddingsAndPictures])(
    "$kind's $model: $about",
    (each) => {
      expect(costOf(each)).toBe(each.nanos);
    },
  );
});

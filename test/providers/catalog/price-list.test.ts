import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { costNanos, type Price } from "../../../src/core/pricing/price.ts";
import { picosAToken } from "../../../src/core/pricing/pico-price.ts";
import { createPriceList, priceListVersion } from "../../../src/providers/catalog/price-list.ts";
import { priceListIds } from "../../../src/providers/provider-table.ts";

const atMs = Date.UTC(2026, 8, 25);
const find = (
  kind: string,
  model: string,
  over: { readonly atMs?: number; readonly inputTokens?: number } = {},
) => createPriceList(priceListIds).find({ provider: "mine", kind, model, atMs, ...over });

/** Without what it does not tell. */
const told = (price: Price | undefined) =>
  Object.fromEntries(Object.entries(price ?? {}).filter(([, value]) => value !== undefined));

test.each([
  [1, 1_000_000n],
  [0.15, 150_000n],
  [0.075, 75_000n],
  [1.1, 1_100_000n],
  [0.000001, 1n],
  [1e-7, 0n],
  [0.0000025, 2n],
  [0.0000035, 4n],
  [0.08333333333333334, 83_333n],
  [1e21, 1_000_000_000_000_000_000_000_000_000n],
])("%d dollars per million tokens are %d pico-dollars a token", (dollars, picos) => {
  expect(picosAToken(dollars)).toBe(picos);
});

test("prices of a model, by a dated name too", () => {
  const price = {
    version: "genai-prices@0.1.8/openai/gpt-5-mini",
    inputPicos: 250_000n,
    outputPicos: 2_000_000n,
    cacheReadPicos: 25_000n,
  };
  expect(told(find("openai", "gpt-5-mini"))).toEqual(price);
  expect(told(find("openai", "gpt-5-mini-2025-08-07"))).toEqual(price);
  expect(find("anthropic", "claude-haiku-4-5-20251001")).toMatchObject({
    inputPicos: 1_000_000n,
    outputPicos: 5_000_000n,
    cacheReadPicos: 100_000n,
    cacheWritePicos: 1_250_000n,
  });
});

test("a model has the price of the provider that sells it", () => {
  expect(find("groq", "llama-3.3-70b-versatile")).toMatchObject({
    inputPicos: 590_000n,
    outputPicos: 790_000n,
  });
  // Azure has some of its own, and its makers' prices for the rest.
  expect(find("azure", "gpt-5-mini")).toMatchObject({ inputPicos: 250_000n });
  expect(find("bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0")).toMatchObject({
    inputPicos: 1_100_000n,
  });
  expect(find("bedrock", "global.anthropic.claude-haiku-4-5-20251001-v1:0")).toMatchObject({
    inputPicos: 1_000_000n,
  });
  expect(find("openrouter", "meta-llama/llama-3.3-70b-instruct")).toMatchObject({
    inputPicos: 50_000n,
    outputPicos: 240_000n,
  });
});

test("what is not listed has no price", () => {
  expect(find("openai", "no-such-model")).toBeUndefined();
  expect(find("groq", "gpt-5-mini")).toBeUndefined();
  expect(find("my-kind", "gpt-5-mini")).toBeUndefined();
  // Charged by the hour.
  expect(find("groq", "whisper-large-v3")).toBeUndefined();
});

test("what has a price apart: reasoning, sound, what is cached for an hour, pictures", () => {
  expect(find("openrouter", "perplexity/sonar-deep-research")).toMatchObject({
    outputPicos: 8_000_000n,
    reasoningPicos: 3_000_000n,
  });
  expect(find("gemini", "gemini-2.5-flash")).toMatchObject({
    inputPicos: 300_000n,
    inputAudioPicos: 1_000_000n,
    cacheReadPicos: 30_000n,
    cacheReadAudioPicos: 100_000n,
    outputMixed: undefined,
  });
  expect(find("openai", "gpt-audio")).toMatchObject({
    inputAudioPicos: 32_000_000n,
    outputAudioPicos: 64_000_000n,
  });
  expect(find("anthropic", "claude-haiku-4-5")).toMatchObject({
    cacheWritePicos: 1_250_000n,
    cacheWriteLongPicos: 2_000_000n,
  });
  expect(find("gemini", "gemini-2.5-flash-image")).toMatchObject({
    outputPicos: 2_500_000n,
    outputMixed: true,
  });
});

test("long prompts have the price of their tier", () => {
  expect(find("openai", "gpt-5.4", { inputTokens: 271_999 })).toMatchObject({ inputPicos: 2_500_000n });
  expect(told(find("openai", "gpt-5.4", { inputTokens: 272_000 }))).toEqual({
    version: "genai-prices@0.1.8/openai/gpt-5.4>271999",
    inputPicos: 5_000_000n,
    outputPicos: 22_500_000n,
    cacheReadPicos: 500_000n,
  });
});

test("a price is the one of its day", () => {
  expect(find("openai", "o3", { atMs: Date.UTC(2025, 5, 9) })).toMatchObject({
    version: "genai-prices@0.1.8/openai/o3",
    inputPicos: 10_000_000n,
  });
  expect(find("openai", "o3", { atMs: Date.UTC(2025, 5, 10) })).toMatchObject({
    version: "genai-prices@0.1.8/openai/o3@2025-06-10",
    inputPicos: 2_000_000n,
  });
});

const at = (hours: number, minutes: number) =>
  find("deepseek", "deepseek-chat", { atMs: Date.UTC(2026, 0, 5, hours, minutes) });

test("a price is the one of its time of day", () => {
  expect(at(0, 29)).toMatchObject({ inputPicos: 135_000n });
  expect(at(0, 30)).toMatchObject({
    version: "genai-prices@0.1.8/deepseek/deepseek-chat@00:30:00Z",
    inputPicos: 270_000n,
  });
  expect(at(16, 29)).toMatchObject({ inputPicos: 270_000n });
  expect(at(16, 30)).toMatchObject({
    version: "genai-prices@0.1.8/deepseek/deepseek-chat",
    inputPicos: 135_000n,
  });
});

test("the model that answered tells more than the one that was asked for", () => {
  const list = createPriceList(priceListIds);
  const query = { provider: "mine", kind: "azure", model: "my-deployment", atMs };
  expect(list.find(query)).toBeUndefined();
  expect(list.find({ ...query, modelServed: "gpt-5-mini-2025-08-07" })).toMatchObject({
    inputPicos: 250_000n,
  });
  expect(list.find({ ...query, model: "gpt-5-mini", modelServed: "unheard-of" })).toMatchObject({
    inputPicos: 250_000n,
  });
});

test("the second question is answered from memory, and many models do not fill it", () => {
  const list = createPriceList(priceListIds);
  const query = { provider: "mine", kind: "openai", model: "gpt-5-mini", atMs };
  expect(list.find(query)).toBe(list.find(query));
  for (let i = 0; i < 2_100; i += 1) list.find({ ...query, model: `no-such-${i}` });
  expect(list.find(query)).toMatchObject({ inputPicos: 250_000n });
});

test("the cost of a call, worked out by hand", () => {
  const price = find("openai", "gpt-5-mini");
  if (price === undefined) throw new Error("no price");
  const usage = {
    input: { total: 1_000, cacheRead: 400 },
    output: { total: 50 },
    source: "reported",
  } as const;
  // 600 × 0.25 + 400 × 0.025 + 50 × 2 = 260 dollars per million calls: 260 000 nano-dollars.
  expect(costNanos(usage, price)).toBe(260_000n);
});

test("the version is the installed package's", async () => {
  const manifest: unknown = JSON.parse(
    await readFile(new URL("../../../package.json", import.meta.url), "utf8"),
  );
  expect(manifest).toMatchObject({ dependencies: { "@pydantic/genai-prices": priceListVersion } });
});

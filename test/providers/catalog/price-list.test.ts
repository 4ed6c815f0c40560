import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { costNanos } from "../../../src/core/pricing/price.ts";
import { picosAToken } from "../../../src/providers/catalog/pico-price.ts";
import { createPriceList, priceListVersion } from "../../../src/providers/catalog/price-list.ts";
import { priceListIds } from "../../../src/providers/provider-table.ts";

const atMs = Date.UTC(2026, 8, 25);
const find = (
  kind: string,
  model: string,
  over: { readonly atMs?: number; readonly inputTokens?: number } = {},
) => createPriceList(priceListIds).find({ kind, model, atMs, ...over });

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
    version: "genai-prices@0.1.8/gpt-5-mini",
    inputPicos: 250_000n,
    outputPicos: 2_000_000n,
    cacheReadPicos: 25_000n,
    cacheWritePicos: undefined,
  };
  expect(find("openai", "gpt-5-mini")).toEqual(price);
  expect(find("openai", "gpt-5-mini-2025-08-07")).toEqual(price);
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
  // Reasoning, or pictures, at a price of their own.
  expect(find("openrouter", "perplexity/sonar-deep-research")).toBeUndefined();
  expect(find("gemini", "gemini-2.5-flash-image")).toBeUndefined();
});

test("long prompts have the price of their tier", () => {
  expect(find("openai", "gpt-5.4", { inputTokens: 271_999 })).toMatchObject({ inputPicos: 2_500_000n });
  expect(find("openai", "gpt-5.4", { inputTokens: 272_000 })).toEqual({
    version: "genai-prices@0.1.8/gpt-5.4>271999",
    inputPicos: 5_000_000n,
    outputPicos: 22_500_000n,
    cacheReadPicos: 500_000n,
    cacheWritePicos: undefined,
  });
});

test("a price is the one of its day", () => {
  expect(find("openai", "o3", { atMs: Date.UTC(2025, 5, 9) })).toMatchObject({ inputPicos: 10_000_000n });
  expect(find("openai", "o3", { atMs: Date.UTC(2025, 5, 10) })).toMatchObject({ inputPicos: 2_000_000n });
});

test("the second question is answered from memory, and many models do not fill it", () => {
  const list = createPriceList(priceListIds);
  const query = { kind: "openai", model: "gpt-5-mini", atMs };
  expect(list.find(query)).toBe(list.find(query));
  for (let i = 0; i < 2_100; i += 1) list.find({ kind: "openai", model: `no-such-${i}`, atMs });
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

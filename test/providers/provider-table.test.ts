import { expect, test } from "vitest";
import { providerTable } from "../../src/providers/provider-table.ts";
import { createPriceList } from "../../src/providers/price-list.ts";

test("the default route's order", () => {
  const kinds = Object.values(providerTable).sort((a, b) => a.defaultOrder - b.defaultOrder);
  expect(kinds.map(({ kind }) => kind)).toEqual(["groq", "openai", "anthropic", "openrouter"]);
});

test("every kind stands under its name, can be made, and its default model has a price", async () => {
  const prices = createPriceList();
  for (const [name, entry] of Object.entries(providerTable)) {
    const { kind, defaultBaseUrl, defaultModel } = entry;
    expect(kind).toBe(name);
    expect(prices.find({ kind, model: defaultModel, atMs: Date.UTC(2026, 8, 25) })).toBeDefined();
    await entry.create({ baseUrl: defaultBaseUrl, apiKey: "key" }).close?.();
  }
});

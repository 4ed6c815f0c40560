// What the reading of the list takes for granted, held to the installed list: a new one may bring something new.

import { findProvider, type ModelInfo, type ModelPrice } from "@pydantic/genai-prices";
import { expect, test } from "vitest";
import type { Price } from "../../../src/core/pricing/price.ts";
import { createPriceList } from "../../../src/providers/catalog/price-list.ts";
import { priceListIds } from "../../../src/providers/provider-table.ts";

const entries = [...priceListIds].flatMap(([kind, providerId]) =>
  (findProvider({ providerId })?.models ?? []).map((model) => ({ kind, model })),
);

const pricesOf = ({ prices }: ModelInfo): readonly ModelPrice[] =>
  Array.isArray(prices) ? prices.map((each) => each.prices) : [prices];

/** Models with such a price, by name. */
const modelsWith = (holds: (price: ModelPrice) => boolean): string[] =>
  entries.filter(({ model }) => pricesOf(model).some(holds)).map(({ model }) => model.id);

const apart = (price: ModelPrice, key: string, plain: string): boolean =>
  price[key] !== undefined && price[key] !== price[plain];

test("there are hundreds of models", () => {
  expect(entries.length).toBeGreaterThan(500);
});

test("no price by the token is left unread, but those of pictures and films that are read", () => {
  const keys = new Set(entries.flatMap(({ model }) => pricesOf(model).flatMap(Object.keys)));
  const unread = [...keys].filter((key) => key.endsWith("_mtok")).toSorted();
  expect(unread).toEqual([
    "cache_audio_read_mtok",
    "cache_image_read_mtok",
    "cache_read_mtok",
    "cache_write_1h_mtok",
    "cache_write_mtok",
    "input_audio_mtok",
    "input_image_mtok",
    "input_mtok",
    "input_video_mtok",
    "output_audio_mtok",
    "output_image_mtok",
    "output_mtok",
    "output_reasoning_mtok",
    "output_video_mtok",
  ]);
});

test("only models that neither chat nor embed by this gateway read pictures at a price of their own, but one", () => {
  const models = modelsWith(
    (price) =>
      apart(price, "input_image_mtok", "input_mtok") || apart(price, "input_video_mtok", "input_mtok"),
  );
  // To that one only texts are sent.
  const others = models.filter((id) => !/gpt-image|realtime|-live-/.test(id));
  expect([...new Set(others)]).toEqual(["gemini-embedding-2"]);
});

test("where sound and the cache have prices, sound in the cache has one", () => {
  const missing = modelsWith(
    (price) =>
      price["input_audio_mtok"] !== undefined &&
      price["cache_read_mtok"] !== undefined &&
      price["cache_audio_read_mtok"] === undefined,
  );
  expect(missing).toEqual([]);
});

test("what was priced otherwise has another version, at any time and for any length of prompt", () => {
  const list = createPriceList(priceListIds);
  const byVersion = new Map<string, Price>();
  let prices = 0;
  const times = ["2025-01-01", "2025-06-20", "2026-03-20", "2026-09-25", "2027-02-01"].flatMap((day) =>
    [0, 2, 7, 12, 20].map((hour) => Date.parse(`${day}T00:00:00Z`) + hour * 3_600_000),
  );
  for (const { kind, model } of entries) {
    for (const atMs of Array.isArray(model.prices) ? times : times.slice(0, 1)) {
      for (const inputTokens of [0, 150_000, 250_000, 600_000]) {
        const price = list.find({ provider: "mine", kind, model: model.id, atMs, inputTokens });
        if (price === undefined) continue;
        prices += 1;
        const before = byVersion.get(price.version) ?? price;
        byVersion.set(price.version, before);
        expect(price, price.version).toEqual(before);
      }
    }
  }
  expect(prices).toBeGreaterThan(2_000);
});

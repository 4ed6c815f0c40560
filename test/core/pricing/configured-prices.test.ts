import { expect, test } from "vitest";
import { type ConfiguredPrice, withConfiguredPrices } from "../../../src/core/pricing/configured-prices.ts";
import { noOtherNames } from "../../../src/core/pricing/other-names.ts";
import type { Price, PriceList, PriceQuery } from "../../../src/core/pricing/price.ts";

const price = (version: string): Price => ({ version, inputPicos: 1n });

const list: PriceList = {
  find: ({ model }) => (model.startsWith("listed") ? price(`list/${model}`) : undefined),
};

const always = (provider: string, model: string | undefined, version: string): ConfiguredPrice => ({
  provider,
  model,
  versions: [{ fromMs: undefined, price: price(version), tiers: [] }],
});

const found = (configured: readonly ConfiguredPrice[], query: Partial<PriceQuery>): string | undefined =>
  withConfiguredPrices(configured, list, noOtherNames).find({
    provider: "mine",
    kind: "openai",
    model: "listed",
    atMs: 1_000,
    ...query,
  })?.version;

const version = (fromMs: number, name: string) => ({ fromMs, price: price(name), tiers: [] });

test("without any, the list is asked", () => {
  expect(withConfiguredPrices([], list, noOtherNames)).toBe(list);
});

test("a model's own price stands before those of all models, and both before the list's", () => {
  const both = [always("mine", undefined, "all"), always("mine", "listed", "own")];
  expect(found(both, {})).toBe("own");
  expect(found(both, { model: "other" })).toBe("all");
  expect(found([], {})).toBe("list/listed");
});

test("a price is the configured provider's, not its kind's and no other's of the kind", () => {
  const configured = [always("theirs", "listed", "own"), always("openai", "listed", "of the kind")];
  expect(found(configured, {})).toBe("list/listed");
  expect(found(configured, { provider: "theirs" })).toBe("own");
});

test("the model that answered stands before the one that was asked for, and either before all models", () => {
  const configured = [
    always("mine", undefined, "all"),
    always("mine", "asked", "asked"),
    always("mine", "answered", "answered"),
  ];
  expect(found(configured, { model: "asked", modelServed: "answered" })).toBe("answered");
  expect(found(configured, { model: "asked", modelServed: "unheard-of" })).toBe("asked");
  expect(found(configured, { model: "unheard-of", modelServed: "answered" })).toBe("answered");
  expect(found(configured, { model: "unheard-of", modelServed: "listed" })).toBe("all");
});

test("the newest version that has begun holds, and before the first the list's", () => {
  const versions = [version(2_000, "second"), version(1_000, "first"), version(3_000, "third")];
  const configured = [{ provider: "mine", model: "listed", versions }];
  expect(found(configured, { atMs: 999 })).toBe("list/listed");
  expect(found(configured, { atMs: 1_000 })).toBe("first");
  expect(found(configured, { atMs: 1_999 })).toBe("first");
  expect(found(configured, { atMs: 2_000 })).toBe("second");
  expect(found(configured, { atMs: 9_000 })).toBe("third");
});

test("a version without a time has always held", () => {
  const versions = [
    { fromMs: 1_000, price: price("new"), tiers: [] },
    { fromMs: undefined, price: price("old"), tiers: [] },
  ];
  expect(found([{ provider: "mine", model: "listed", versions }], { atMs: 0 })).toBe("old");
  expect(found([{ provider: "mine", model: "listed", versions }], { atMs: 1_000 })).toBe("new");
});

test("a prompt of more tokens has the price of the highest tier that it reaches", () => {
  const tiers = [
    { aboveTokens: 500, price: price("above 500") },
    { aboveTokens: 100, price: price("above 100") },
  ];
  const configured = [
    { provider: "mine", model: "listed", versions: [{ fromMs: undefined, price: price("base"), tiers }] },
  ];
  expect(found(configured, {})).toBe("base");
  expect(found(configured, { inputTokens: 100 })).toBe("base");
  expect(found(configured, { inputTokens: 101 })).toBe("above 100");
  expect(found(configured, { inputTokens: 500 })).toBe("above 100");
  expect(found(configured, { inputTokens: 501 })).toBe("above 500");
});

// Prices of the operator's own, before those of a list.

import { byOtherNames, type OtherNames } from "./other-names.ts";
import type { Price, PriceList, PriceQuery } from "./price.ts";

/** A price for prompts of more than so many tokens: the whole call costs it. */
export interface PriceTier {
  readonly aboveTokens: number;
  readonly price: Price;
}

/** What holds from a point in time until the next version. */
export interface PriceVersion {
  /** Epoch milliseconds; absent: since ever. */
  readonly fromMs: number | undefined;
  readonly price: Price;
  readonly tiers: readonly PriceTier[];
}

export interface ConfiguredPrice {
  /** The provider's configured name. */
  readonly provider: string;
  /** Undefined: every model of the provider that has no price of its own here. */
  readonly model: string | undefined;
  /** No two from the same time on. */
  readonly versions: readonly PriceVersion[];
}

interface PricesOfProvider {
  readonly byName: Map<string, readonly PriceVersion[]>;
  /** In lower case, as lists of prices are read. */
  readonly byAnyCase: Map<string, readonly PriceVersion[]>;
  /** Of its other models. */
  all: readonly PriceVersion[] | undefined;
}

/**
 * The model that answered before the one that was asked for, each by the name as it is, then by another name of it,
 * then all models; these before the list.
 */
export function withConfiguredPrices(
  configured: readonly ConfiguredPrice[],
  list: PriceList,
  otherNames: OtherNames,
): PriceList {
  if (configured.length === 0) return list;
  const byProvider = new Map<string, PricesOfProvider>();
  for (const { provider, model, versions } of configured) {
    const of = byProvider.get(provider) ?? { byName: new Map(), byAnyCase: new Map(), all: undefined };
    const newestFirst = versions.toSorted((a, b) => startOf(b) - startOf(a));
    if (model === undefined) of.all = newestFirst;
    else {
      of.byName.set(model, newestFirst);
      of.byAnyCase.set(model.toLowerCase(), newestFirst);
    }
    byProvider.set(provider, of);
  }
  return {
    find(query) {
      const prices = byProvider.get(query.provider);
      if (prices === undefined) return list.find(query);
      const priceOf = (name: string): Price | undefined =>
        priceIn(prices.byName.get(name) ?? prices.byAnyCase.get(name.toLowerCase()), query);
      const { modelServed, model } = query;
      return (
        (modelServed === undefined ? undefined : priceOf(modelServed)) ??
        priceOf(model) ??
        byOtherNames(query, otherNames, priceOf) ??
        priceIn(prices.all, query) ??
        list.find(query)
      );
    },
  };
}

const startOf = ({ fromMs }: PriceVersion): number => fromMs ?? Number.NEGATIVE_INFINITY;

/** @param newestFirst the versions of one model */
function priceIn(
  newestFirst: readonly PriceVersion[] | undefined,
  { atMs, inputTokens = 0 }: PriceQuery,
): Price | undefined {
  const version = newestFirst?.find((each) => startOf(each) <= atMs);
  if (version === undefined) return undefined;
  let reached: PriceTier | undefined;
  for (const tier of version.tiers) {
    if (inputTokens > tier.aboveTokens && tier.aboveTokens >= (reached?.aboveTokens ?? 0)) reached = tier;
  }
  return reached?.price ?? version.price;
}

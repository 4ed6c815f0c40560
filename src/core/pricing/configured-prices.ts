// Prices of the operator's own, before those of a list.

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

/** The model that answered before the one that was asked for, a model before all, these before the list. */
export function withConfiguredPrices(configured: readonly ConfiguredPrice[], list: PriceList): PriceList {
  if (configured.length === 0) return list;
  const byProvider = new Map<string, Map<string | undefined, readonly PriceVersion[]>>();
  for (const { provider, model, versions } of configured) {
    const models = byProvider.get(provider) ?? new Map<string | undefined, readonly PriceVersion[]>();
    byProvider.set(
      provider,
      models.set(
        model,
        versions.toSorted((a, b) => startOf(b) - startOf(a)),
      ),
    );
  }
  return {
    find(query) {
      const models = byProvider.get(query.provider);
      if (models === undefined) return list.find(query);
      const { modelServed, model } = query;
      return (
        (modelServed === undefined ? undefined : priceIn(models.get(modelServed), query)) ??
        priceIn(models.get(model), query) ??
        priceIn(models.get(undefined), query) ??
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

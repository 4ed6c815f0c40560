// Which prices are to be written with a batch: those that no batch has brought to the database yet.

import type { UsedPrice } from "./record-store.ts";

/** Versions that are known to stand; a database takes one that it has without a change. */
const maxKnown = 10_000;

export interface NewPrices {
  /**
   * Those of the prices that are not known to stand, each with its first use, in the order of their versions:
   * gateways that write the same two in different orders would lock each other out.
   */
  in(used: readonly UsedPrice[]): readonly UsedPrice[];
  /** They stand now. */
  written(prices: readonly UsedPrice[]): void;
  /** Nothing is known to stand: a database that failed may have lost what it held. */
  forget(): void;
}

export function createNewPrices(): NewPrices {
  const known = new Set<string>();
  return {
    in(used) {
      let found: Map<string, UsedPrice> | undefined;
      for (const use of used) {
        const { version } = use.price;
        if (known.has(version)) continue;
        found ??= new Map();
        const before = found.get(version);
        if (before === undefined || before.firstUsedAtMs > use.firstUsedAtMs) found.set(version, use);
      }
      if (found === undefined) return [];
      return [...found.values()].toSorted((a, b) => (a.price.version < b.price.version ? -1 : 1));
    },
    written(prices) {
      if (known.size + prices.length > maxKnown) known.clear();
      for (const { price } of prices) known.add(price.version);
    },
    forget: () => known.clear(),
  };
}

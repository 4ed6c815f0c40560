// Which prices are to be written with a batch: those that no batch has brought to the database yet.

import type { QueuedCall, UsedPrice } from "./record-store.ts";

/** Versions that are known to stand; a database takes one that it has without a change. */
const maxKnown = 10_000;

export interface NewPrices {
  /**
   * The prices that these calls' attempts were computed with and that are not known to stand, in the order of their
   * versions: gateways that write the same two in different orders would lock each other out.
   */
  in(calls: readonly QueuedCall[]): readonly UsedPrice[];
  /** They stand now. */
  written(prices: readonly UsedPrice[]): void;
  /** Nothing is known to stand: a database that failed may have lost what it held. */
  forget(): void;
}

export function createNewPrices(): NewPrices {
  const known = new Set<string>();
  return {
    in(calls) {
      let found: Map<string, UsedPrice> | undefined;
      for (const { attempts } of calls) {
        for (const { price, kind, model, startedAtMs: firstUsedAtMs } of attempts) {
          if (price === undefined || known.has(price.version)) continue;
          found ??= new Map();
          const before = found.get(price.version);
          if (before !== undefined && before.firstUsedAtMs <= firstUsedAtMs) continue;
          found.set(price.version, { price, kind, model, firstUsedAtMs });
        }
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

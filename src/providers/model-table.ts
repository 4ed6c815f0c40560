// What is known of models without asking their providers.

import type { ModelTable } from "../core/models.ts";
import type { PriceList } from "../core/pricing/price.ts";

export function createModelTable(prices: PriceList): ModelTable {
  return {
    find(query) {
      const price = prices.find(query);
      return price === undefined ? undefined : { price };
    },
  };
}

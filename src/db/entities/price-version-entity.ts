// Table `price_versions`: what each version that attempts were priced with stands for.

import { defineEntity, type InferEntity, p } from "@mikro-orm/core";

export const PriceVersionEntity = defineEntity({
  name: "PriceVersion",
  tableName: "price_versions",
  properties: {
    version: p.text().primary(),
    /** What it was first used for. */
    kind: p.text(),
    model: p.text(),
    /** Epoch milliseconds. */
    firstUsedAt: p.bigint("number"),
    /** Each price by its name, a decimal string of pico-dollars a token; see `price-versions.ts`. */
    prices: p.json(),
  },
});

export type PriceVersionRow = InferEntity<typeof PriceVersionEntity>;

// Models go by several names at some vendors. A price stands under one of them and holds for all: callers choose which
// one they write, and a name without a price would count nothing.

import type { PriceQuery } from "./price.ts";

type Seller = Pick<PriceQuery, "provider" | "kind">;

/** Under which other names the price of a model may stand, the likeliest first. */
export type OtherNames = (seller: Seller, model: string) => readonly string[];

export const noOtherNames: OtherNames = () => [];

type Named = Seller & Pick<PriceQuery, "model" | "modelServed">;

/** What is found first under another name of the model that answered, then of the one that was asked for. */
export function byOtherNames<T>(
  query: Named,
  otherNames: OtherNames,
  find: (name: string) => T | undefined,
): T | undefined {
  const { model, modelServed } = query;
  for (const name of modelServed === undefined ? [model] : [modelServed, model]) {
    for (const other of otherNames(query, name)) {
      const found = find(other);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

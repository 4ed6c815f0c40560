// What a caller wrote for one vendor alone, where the request has not said it already.

import type { JsonObject } from "../core/json.ts";
import type { LossList } from "./loss-list.ts";

export interface BesideContext {
  /** What the request itself sets; a member that is undefined is not set. */
  readonly own: object;
  /** Where the options stand in the request, as `providerOptions.ollama`. */
  readonly field: string;
  readonly losses: LossList;
}

/** The members that are free to be sent; each of the others is a loss. */
export function optionsBeside(wished: JsonObject, { own, field, losses }: BesideContext): JsonObject {
  const set = new Map(Object.entries(own));
  const free = Object.entries(wished).filter(([name]) => {
    if (set.get(name) === undefined) return true;
    losses.add(`${field}.${name}`, "Dropped: the request sets it already.");
    return false;
  });
  // Not by assignment: a key may be `__proto__`.
  return Object.fromEntries(free);
}

// Prices on their way to table `price_versions` and back. A version is written once, when it is first used, and
// names its prices ever after, so that a cost can be followed long after a price list has changed.

import type { Price } from "../core/pricing/price.ts";
import type { PriceVersionRow } from "./entities/price-version-entity.ts";
import type { Row } from "./record-columns.ts";
import type { UsedPrice } from "./record-store.ts";

export const priceColumns = ["version", "kind", "model", "first_used_at", "prices"] as const;

export const rowOfPrice = ({ price, kind, model, firstUsedAtMs }: UsedPrice): Row => [
  price.version,
  kind,
  model,
  firstUsedAtMs,
  pricesJson(price),
];

/** Every price by its name in `Price`, a decimal string of pico-dollars a token. */
function pricesJson({ version: _, ...prices }: Price): string {
  return JSON.stringify(prices, (_key, value: unknown) =>
    typeof value === "bigint" ? value.toString() : value,
  );
}

/** Undefined for a row that holds no price of input. */
export function priceOfRow({ version, prices }: PriceVersionRow): Price | undefined {
  const picos = (name: Exclude<keyof Price, "version" | "outputMixed">): bigint | undefined => {
    const text = memberOf(prices, name);
    return typeof text === "string" && /^\d{1,30}$/.test(text) ? BigInt(text) : undefined;
  };
  const inputPicos = picos("inputPicos");
  if (inputPicos === undefined) return undefined;
  return {
    version,
    inputPicos,
    outputPicos: picos("outputPicos"),
    cacheReadPicos: picos("cacheReadPicos"),
    cacheWritePicos: picos("cacheWritePicos"),
    cacheWriteLongPicos: picos("cacheWriteLongPicos"),
    inputAudioPicos: picos("inputAudioPicos"),
    cacheReadAudioPicos: picos("cacheReadAudioPicos"),
    reasoningPicos: picos("reasoningPicos"),
    outputAudioPicos: picos("outputAudioPicos"),
    outputMixed: memberOf(prices, "outputMixed") === true ? true : undefined,
  };
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && name in value ? Reflect.get(value, name) : undefined;

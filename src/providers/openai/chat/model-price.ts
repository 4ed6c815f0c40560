// Prices in lists of models: OpenRouter's as text, in dollars a token; Together's as numbers, in dollars per
// million tokens. Of prices that rise with the prompt's length the lowest one is told.

import type { JsonObject, JsonValue } from "../../../core/json.ts";
import type { Price } from "../../../core/pricing/price.ts";
import { picosAToken, picosOfDollars } from "../../../core/pricing/pico-price.ts";
import { objectIn } from "../../vendor-json.ts";

/** Undefined where the entry tells none, or one that hangs on more than tokens. */
export function listedPrice(entry: JsonObject, version: string): Price | undefined {
  const pricing = objectIn(entry["pricing"]);
  if (pricing === undefined) return undefined;
  return pricing["prompt"] === undefined ? priceAMillion(pricing, version) : priceAToken(pricing, version);
}

function priceAToken(pricing: JsonObject, version: string): Price | undefined {
  const inputPicos = textPicos(pricing["prompt"]);
  const outputPicos = textPicos(pricing["completion"]);
  // -1 stands for a price that is known only after the call.
  if (inputPicos === undefined || outputPicos === undefined) return undefined;
  const request = textPicos(pricing["request"]) ?? 0n;
  const reasoning = textPicos(pricing["internal_reasoning"]) ?? 0n;
  if (request > 0n || (reasoning > 0n && reasoning !== outputPicos)) return undefined;
  return {
    version,
    inputPicos,
    outputPicos,
    cacheReadPicos: textPicos(pricing["input_cache_read"]),
    cacheWritePicos: textPicos(pricing["input_cache_write"]),
  };
}

function priceAMillion(pricing: JsonObject, version: string): Price | undefined {
  const inputPicos = numberPicos(pricing["input"]);
  const outputPicos = numberPicos(pricing["output"]);
  if (inputPicos === undefined || outputPicos === undefined) return undefined;
  // Models that are rented by the hour have zeros here.
  if (inputPicos === 0n && outputPicos === 0n) return undefined;
  return { version, inputPicos, outputPicos };
}

const textPicos = (value: JsonValue | undefined): bigint | undefined =>
  typeof value === "string" ? picosOfDollars(value) : undefined;

const numberPicos = (value: JsonValue | undefined): bigint | undefined =>
  typeof value === "number" && value >= 0 && value < 1e9 ? picosAToken(value) : undefined;

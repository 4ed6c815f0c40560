// Prices from @pydantic/genai-prices, which lists dollars per million tokens, some by date, some by prompt length.

import { calcPrice } from "@pydantic/genai-prices";
import type { ModelPrice, PriceCalculation } from "@pydantic/genai-prices";
import type { Price, PriceList, PriceQuery } from "../../core/pricing/price.ts";
import { picosAToken } from "../../core/pricing/pico-price.ts";

/** Of @pydantic/genai-prices: stands in every price's version. A test holds it to the installed one. */
export const priceListVersion = "0.1.8";

/** Models of a kind that are kept of each quarter of an hour, and of how many of those: callers choose the names. */
const maxKnown = 500;
const maxPeriods = 2;

/** Prices may hang on the time of day; none changes between two quarters of an hour. */
const periodMs = 900_000;

/** Prices, and what else the package knows of the models that it prices. */
export interface KnownModels extends PriceList {
  contextTokens(query: PriceQuery): number | undefined;
}

interface Known {
  /** Names the entry of the list, and which of its prices holds. */
  readonly name: string;
  readonly contextTokens: number | undefined;
  readonly prices: ModelPrice;
  /** Prompt tokens above which some price is another, ascending. */
  readonly tierStarts: readonly number[];
  /** By the tier's start in prompt tokens; tiers above what was asked for so far are not in it. */
  readonly byTier: Map<number, Price>;
}

/** `listIds`: how the package calls a provider, by its kind; one that is not in it has no price. */
export function createPriceList(listIds: ReadonlyMap<string, string>): KnownModels {
  /** By period, kind and model: no text is put together for a key, since every call asks. */
  const periods = new Map<number, Map<string, Map<string, Known | undefined>>>();

  function kindsIn(period: number): Map<string, Map<string, Known | undefined>> {
    const before = periods.get(period);
    if (before !== undefined) return before;
    const [oldest] = periods.keys();
    if (periods.size >= maxPeriods && oldest !== undefined) periods.delete(oldest);
    const kinds = new Map<string, Map<string, Known | undefined>>();
    periods.set(period, kinds);
    return kinds;
  }

  function lookUp({ kind, atMs }: PriceQuery, model: string): Known | undefined {
    const providerId = listIds.get(kind);
    if (providerId === undefined) return undefined;
    const period = Math.floor(atMs / periodMs);
    const kinds = kindsIn(period);
    const models = kinds.get(kind) ?? new Map<string, Known | undefined>();
    const before = models.get(model);
    if (before !== undefined || models.has(model)) return before;
    if (models.size >= maxKnown) models.clear();
    const found = match(providerId, model, period * periodMs);
    kinds.set(kind, models.set(model, found));
    return found;
  }

  function priceFor(query: PriceQuery, name: string): Price | undefined {
    const model = lookUp(query, name);
    if (model === undefined) return undefined;
    const tier = tierOf(model.tierStarts, query.inputTokens ?? 0);
    const before = model.byTier.get(tier);
    if (before !== undefined) return before;
    const price = priceOf(model, tier);
    if (price !== undefined) model.byTier.set(tier, price);
    return price;
  }

  return {
    contextTokens: (query) => lookUp(query, query.model)?.contextTokens,
    find(query) {
      const { modelServed, model } = query;
      const served = modelServed === undefined || modelServed === model ? undefined : modelServed;
      return (served === undefined ? undefined : priceFor(query, served)) ?? priceFor(query, model);
    },
  };
}

function match(providerId: string, model: string, atMs: number): Known | undefined {
  const found = calcPrice({}, model, { providerId, timestamp: new Date(atMs) });
  if (found === null || found.provider.id !== providerId) return undefined;
  return {
    name: `${providerId}/${found.model.id}${conditionOf(found)}`,
    contextTokens: found.model.context_window,
    prices: found.model_price,
    tierStarts: tierStartsOf(found.model_price),
    byTier: new Map(),
  };
}

/** From which day, or which time of day, the price holds; empty for one that holds where no other does. */
function conditionOf({ model, model_price: price }: PriceCalculation): string {
  if (!Array.isArray(model.prices)) return "";
  const constraint = model.prices.find(({ prices }) => prices === price)?.constraint;
  if (constraint === undefined) return "";
  return `@${constraint.type === "start_date" ? constraint.start_date : constraint.start_time}`;
}

function tierStartsOf(prices: ModelPrice): readonly number[] {
  const starts = Object.values(prices).flatMap((price) =>
    typeof price === "object" ? price.tiers.map(({ start }) => start) : [],
  );
  return starts.toSorted((a, b) => a - b);
}

/** The start of the highest tier that a prompt of this length reaches, 0 below all. The whole call costs its price. */
const tierOf = (starts: readonly number[], inputTokens: number): number =>
  starts.findLast((start) => inputTokens > start) ?? 0;

/** What is charged for output that no vendor counts apart. */
const mixedOutput = ["output_image_mtok", "output_video_mtok", "output_citation_mtok"];

/**
 * Undefined for what is not charged by the token. Not in it are charges by the search, the page or the request, and
 * those for pictures and films that are read: models that read them at a price apart do so by other operations than
 * this gateway's, which a test holds to the list.
 */
function priceOf({ name, prices }: Known, tier: number): Price | undefined {
  const inTier = (key: string): bigint | undefined => {
    const price = prices[key];
    if (price === undefined) return undefined;
    if (typeof price === "number") return picosAToken(price);
    // Tiers stand in the order of their starts.
    return picosAToken(price.tiers.findLast(({ start }) => start <= tier)?.price ?? price.base);
  };
  const inputPicos = inTier("input_mtok");
  const outputPicos = inTier("output_mtok");
  if (inputPicos === undefined) return undefined;
  return {
    version: `genai-prices@${priceListVersion}/${name}${tier === 0 ? "" : `>${tier}`}`,
    inputPicos,
    outputPicos,
    cacheReadPicos: inTier("cache_read_mtok"),
    cacheWritePicos: inTier("cache_write_mtok"),
    cacheWriteLongPicos: inTier("cache_write_1h_mtok"),
    inputAudioPicos: inTier("input_audio_mtok"),
    cacheReadAudioPicos: inTier("cache_audio_read_mtok"),
    reasoningPicos: inTier("output_reasoning_mtok"),
    outputAudioPicos: inTier("output_audio_mtok"),
    outputMixed: mixedOutput.some((key) => (inTier(key) ?? outputPicos) !== outputPicos) || undefined,
  };
}

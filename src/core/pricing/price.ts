// What tokens cost. Prices are integer pico-dollars (10⁻¹²) a token, costs integer nano-dollars (10⁻⁹).

import type { Usage } from "../chat/usage.ts";

/** Prices of one model from a point in time on. An absent cache price means: as uncached input. */
export interface Price {
  /** Names the list and the entry, so that a record tells what it was computed with. */
  readonly version: string;
  readonly inputPicos: bigint;
  /** Absent: nothing is known to be charged for output, as with embeddings. */
  readonly outputPicos?: bigint | undefined;
  readonly cacheReadPicos?: bigint | undefined;
  readonly cacheWritePicos?: bigint | undefined;
}

export interface PriceQuery {
  /** The provider's kind, not its configured name. */
  readonly kind: string;
  readonly model: string;
  readonly atMs: number;
  /** Some vendors charge more a token for long prompts. */
  readonly inputTokens?: number | undefined;
}

export interface PriceList {
  /** Undefined where the list knows no price: a cost is then unknown, not zero. */
  find(query: PriceQuery): Price | undefined;
}

const picosANano = 1000n;

const roundHalfEven = (picos: bigint): bigint => {
  const nanos = picos / picosANano;
  const rest = picos % picosANano;
  const half = picosANano / 2n;
  return rest > half || (rest === half && nanos % 2n === 1n) ? nanos + 1n : nanos;
};

/** A count that a vendor told; one that is no count (negative, a fraction) makes the cost unknown. */
const tokens = (count: number): bigint | undefined =>
  Number.isSafeInteger(count) && count >= 0 ? BigInt(count) : undefined;

/**
 * Σ tokens × price, rounded half-even to nano-dollars once. Undefined when the totals are unknown.
 * Reasoning is billed as output: vendors that count it beside the text add it to `output.total` here.
 */
export function costNanos(usage: Usage, price: Price): bigint | undefined {
  const { input, output } = usage;
  if (input.total === undefined || output.total === undefined) return undefined;
  const total = tokens(input.total);
  const out = tokens(output.total);
  const cacheRead = tokens(input.cacheRead ?? 0);
  const cacheWrite = tokens(input.cacheWrite ?? 0);
  if (total === undefined || out === undefined || cacheRead === undefined || cacheWrite === undefined) {
    return undefined;
  }
  const uncached = total - cacheRead - cacheWrite;
  if (uncached < 0n || (out > 0n && price.outputPicos === undefined)) return undefined;
  return roundHalfEven(
    uncached * price.inputPicos +
      cacheRead * (price.cacheReadPicos ?? price.inputPicos) +
      cacheWrite * (price.cacheWritePicos ?? price.inputPicos) +
      out * (price.outputPicos ?? 0n),
  );
}

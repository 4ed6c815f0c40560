// How much a call is expected to read and to write, before it is sent: what its time and its cost follow from.

import type { RequestSize } from "../../operation.ts";
import { costNanos, type Price } from "../../pricing/price.ts";

export interface CallSize {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Of English; other languages have fewer, which counts for all targets alike. */
const charsAToken = 4;
const firstOutputTokens = 256;

/** The usual number is a decaying average of what answers had; undefined before the first. */
export function expectedSize(
  { inputChars, maxOutputTokens }: Pick<RequestSize, "inputChars" | "maxOutputTokens">,
  usualOutputTokens: number | undefined,
): CallSize {
  const usual = Math.max(1, Math.round(usualOutputTokens ?? firstOutputTokens));
  return {
    inputTokens: Math.max(1, Math.ceil(inputChars / charsAToken)),
    outputTokens: Math.min(maxOutputTokens ?? usual, usual),
  };
}

/** Undefined where the price does not tell. */
export function expectedNanos({ inputTokens, outputTokens }: CallSize, price: Price): number | undefined {
  const nanos = costNanos(
    { input: { total: inputTokens }, output: { total: outputTokens }, source: "estimated" },
    price,
  );
  return nanos === undefined ? undefined : Number(nanos);
}

// What tokens cost. Prices are integer pico-dollars (10⁻¹²) a token, costs integer nano-dollars (10⁻⁹).

import type { Usage } from "../chat/usage.ts";
import { roundHalfEven } from "./round-half-even.ts";
import { type TokenGroup, surcharge } from "./surcharge.ts";

/**
 * Prices of one model from a point in time on. What stands apart is charged in the place of the plain price, never
 * on top of it.
 */
export interface Price {
  /** Names the list and the entry: two prices that differ anywhere have different versions. */
  readonly version: string;
  readonly inputPicos: bigint;
  /** Absent: nothing is known to be charged for output, as with embeddings. */
  readonly outputPicos?: bigint | undefined;
  /** Absent: as input. */
  readonly cacheReadPicos?: bigint | undefined;
  /** Absent: as input. */
  readonly cacheWritePicos?: bigint | undefined;
  /** Of what the vendor keeps for an hour rather than minutes. Absent: as any writing. */
  readonly cacheWriteLongPicos?: bigint | undefined;
  /** Sound. Absent: as text. */
  readonly inputAudioPicos?: bigint | undefined;
  /** Sound read from the cache. Absent: as anything read from it; without that price too, as sound. */
  readonly cacheReadAudioPicos?: bigint | undefined;
  /** Absent: as output. */
  readonly reasoningPicos?: bigint | undefined;
  /** Sound. Absent: as output. */
  readonly outputAudioPicos?: bigint | undefined;
  /** The answer may be pictures or films, which have a price of their own and which no vendor counts apart. */
  readonly outputMixed?: true | undefined;
}

export interface PriceQuery {
  /** The provider's configured name. */
  readonly provider: string;
  /** The provider's kind. */
  readonly kind: string;
  /** The model that was asked for. */
  readonly model: string;
  /** The vendor's own name of what answered, which tells more where a price is known for it. */
  readonly modelServed?: string | undefined;
  readonly atMs: number;
  /** Some vendors charge more a token for long prompts. */
  readonly inputTokens?: number | undefined;
}

export interface PriceList {
  /** Undefined where the list knows no price: a cost is then unknown, not zero. */
  find(query: PriceQuery): Price | undefined;
}

/** Of a 64-bit integer. */
const maxNanos = 2n ** 63n - 1n;

/** Undefined for what is no count: negative, a fraction, not told. */
const tokens = (count: number | undefined): bigint | undefined =>
  count !== undefined && Number.isSafeInteger(count) && count >= 0 ? BigInt(count) : undefined;

/**
 * Σ tokens × price, rounded half-even to nano-dollars once; every token is priced exactly once. Undefined, and not
 * some likely number, when a total is unknown, when counts contradict each other, and when a kind has a price apart
 * and it is not known how many tokens of it there were. A cache that the vendor tells nothing of was not used. What
 * is more than 2⁶³ nano-dollars comes from a count that is none.
 */
export function costNanos({ input, output }: Usage, price: Price): bigint | undefined {
  const inputPicos = inputCost(input, price);
  if (inputPicos === undefined) return undefined;
  const outputPicos = outputCost(output, price);
  if (outputPicos === undefined) return undefined;
  const nanos = roundHalfEven(inputPicos + outputPicos);
  return nanos <= maxNanos ? nanos : undefined;
}

function inputCost(input: Usage["input"], price: Price): bigint | undefined {
  const plain = price.inputPicos;
  const readPicos = price.cacheReadPicos ?? plain;
  const writePicos = price.cacheWritePicos ?? plain;
  const total = tokens(input.total);
  const read = tokens(input.cacheRead ?? 0);
  const written = tokens(input.cacheWrite ?? 0);
  if (total === undefined || read === undefined || written === undefined) return undefined;
  const uncached = total - read - written;
  if (uncached < 0n) return undefined;
  const longWrites = surcharge(tokens(input.cacheWriteLong), [
    { tokens: written, picos: (price.cacheWriteLongPicos ?? writePicos) - writePicos },
  ]);
  const sound = audioSurcharge(input, { uncached, read, written }, price);
  if (longWrites === undefined || sound === undefined) return undefined;
  return uncached * plain + read * readPicos + written * writePicos + longWrites + sound;
}

/** What the tokens of sound cost more, or less, than they would as text. */
function audioSurcharge(
  { audio, cacheReadAudio }: Usage["input"],
  { uncached, read, written }: { uncached: bigint; read: bigint; written: bigint },
  price: Price,
): bigint | undefined {
  const { inputPicos, inputAudioPicos = inputPicos, cacheReadPicos, cacheReadAudioPicos } = price;
  const more = inputAudioPicos - inputPicos;
  const readAudio = cacheReadAudioPicos ?? cacheReadPicos ?? inputAudioPicos;
  const fresh: readonly TokenGroup[] = [
    { tokens: uncached, picos: more },
    // No price of writing sound is known: where writing has a price, it is that of any token.
    { tokens: written, picos: price.cacheWritePicos === undefined ? more : 0n },
  ];
  const cached: TokenGroup = { tokens: read, picos: readAudio - (cacheReadPicos ?? inputPicos) };
  const all = tokens(audio);
  const inCache = tokens(cacheReadAudio);
  if (all === undefined || inCache === undefined) return surcharge(all, [...fresh, cached]);
  if (inCache > all) return undefined;
  const ofFresh = surcharge(all - inCache, fresh);
  const ofCached = surcharge(inCache, [cached]);
  return ofFresh === undefined || ofCached === undefined ? undefined : ofFresh + ofCached;
}

/** Reasoning is billed with the output: vendors that count it beside the text add it to `output.total`. */
function outputCost(output: Usage["output"], price: Price): bigint | undefined {
  const total = tokens(output.total);
  if (total === undefined) return undefined;
  if (total === 0n) return 0n;
  const { outputPicos: plain } = price;
  if (plain === undefined) return undefined;
  const reasoning = tokens(output.reasoning);
  const audio = tokens(output.audio);
  const ofReasoning = surcharge(reasoning, [
    { tokens: total, picos: (price.reasoningPicos ?? plain) - plain },
  ]);
  // Models reason in text.
  const answer = reasoning === undefined || reasoning > total ? total : total - reasoning;
  const ofAudio = surcharge(audio, [{ tokens: answer, picos: (price.outputAudioPicos ?? plain) - plain }]);
  if (ofReasoning === undefined || ofAudio === undefined) return undefined;
  if (price.outputMixed === true && answer > (audio ?? 0n)) return undefined;
  return total * plain + ofReasoning + ofAudio;
}

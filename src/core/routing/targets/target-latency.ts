// How long a target takes, from what it has taken lately.

import type { Clock } from "../../clock.ts";
import { DecayingMean } from "./decaying-mean.ts";
import { DecayingQuantile } from "./decaying-quantile.ts";

/** What comes after a longer silence begins anew: the target may have become another. */
const silenceMs = 300_000;

/** A mean of fewer is not believed. */
const fewestMeasurements = 5;

/** A p95 of fewer would be its longest. */
const fewestForP95 = 20;

/**
 * Streamed answers tell the time to the first token and the time of each token after it. A whole answer tells only
 * their sum, so it is kept apart: taken for a first token it would make a target look slow that is asked for whole
 * answers. A target that gives only those is expected to take its mean time, longer or shorter as more or fewer
 * tokens are asked for than it gave on average; that puts the first token's time down to the tokens, which is close
 * where answers are of like size, and enough to compare targets. Streams tell more: where there are enough of them,
 * they alone count.
 */
export class TargetLatency {
  readonly #clock: Clock;
  #lastMs = 0;
  #samples = 0;

  readonly #firstToken = new DecayingMean();
  readonly #tokenTime = new DecayingMean();
  readonly #firstTokens = new DecayingQuantile(95);

  readonly #wholeAnswer = new DecayingMean();
  readonly #wholeTokens = new DecayingMean();
  readonly #wholeAnswers = new DecayingQuantile(95);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A stream gave its first token, after so long. */
  committed(ms: number): void {
    const nowMs = this.#measuredAt();
    this.#samples += 1;
    this.#firstToken.add(ms, 1, nowMs);
    this.#firstTokens.add(ms, nowMs);
  }

  /** A stream came to its end, so long after its first token. */
  ended({
    outputTokens,
    generationMs,
  }: {
    readonly outputTokens: number;
    readonly generationMs: number;
  }): void {
    if (outputTokens > 0) this.#tokenTime.add(generationMs, outputTokens, this.#measuredAt());
  }

  /** A whole answer came, after so long; `ended` is not told of it. Vectors have no tokens, and some vendors tell none. */
  committedWhole(ms: number, outputTokens?: number): void {
    const nowMs = this.#measuredAt();
    this.#samples += 1;
    this.#wholeAnswer.add(ms, 1, nowMs);
    if (outputTokens !== undefined) this.#wholeTokens.add(outputTokens, 1, nowMs);
    this.#wholeAnswers.add(ms, nowMs);
  }

  /** Attempts that committed since the last long silence. */
  samples(): number {
    return this.#isSilent() ? 0 : this.#samples;
  }

  /** To the last token of an answer of so many tokens; undefined while it is cold. */
  expectedMs(outputTokens: number): number | undefined {
    if (this.#isSilent()) return undefined;
    if (this.#knowsStreams()) return this.#firstToken.mean() + outputTokens * this.#tokenTime.mean();
    if (!this.#knowsWholeAnswers()) return undefined;
    const usualTokens = this.#wholeTokens.mean();
    return this.#wholeAnswer.mean() * (usualTokens > 0 ? outputTokens / usualTokens : 1);
  }

  /** Fewer than five answers of one kind are known, or nothing was measured for five minutes. */
  isCold(): boolean {
    return this.#isSilent() || !(this.#knowsStreams() || this.#knowsWholeAnswers());
  }

  /** When 95 of 100 streams had given their first token; undefined below 20 of them. */
  p95Ms(): number | undefined {
    return this.#p95(this.#firstTokens);
  }

  /** When 95 of 100 whole answers had come; undefined below 20 of them. */
  p95WholeMs(): number | undefined {
    return this.#p95(this.#wholeAnswers);
  }

  #p95(durations: DecayingQuantile): number | undefined {
    return durations.total() < fewestForP95 || this.#isSilent() ? undefined : durations.valueMs();
  }

  #knowsStreams(): boolean {
    return this.#firstToken.count() >= fewestMeasurements && this.#tokenTime.count() >= fewestMeasurements;
  }

  #knowsWholeAnswers(): boolean {
    return this.#wholeAnswer.count() >= fewestMeasurements;
  }

  #isSilent(): boolean {
    return this.#clock.monotonicMs() - this.#lastMs > silenceMs;
  }

  #measuredAt(): number {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#lastMs > silenceMs) this.#forget();
    this.#lastMs = nowMs;
    return nowMs;
  }

  #forget(): void {
    this.#samples = 0;
    this.#firstToken.forget();
    this.#tokenTime.forget();
    this.#firstTokens.forget();
    this.#wholeAnswer.forget();
    this.#wholeTokens.forget();
    this.#wholeAnswers.forget();
  }
}

// A mean in which what came long ago counts less: each new value takes a twentieth off the weight of the earlier
// ones, and each minute takes half of it.

const keptByValue = 0.95;
const halfLifeMs = 60_000;

export class DecayingMean {
  #count = 0;
  #total = 0;
  #weight = 0;
  #lastMs = 0;

  /** Values since the beginning, or since `forget`. */
  count(): number {
    return this.#count;
  }

  /** `total` is of `weight` things together, such as the milliseconds that so many tokens took. */
  add(total: number, weight: number, nowMs: number): void {
    const kept = keptByValue * 2 ** ((this.#lastMs - nowMs) / halfLifeMs);
    this.#total = this.#total * kept + total;
    this.#weight = this.#weight * kept + weight;
    this.#lastMs = nowMs;
    this.#count += 1;
  }

  /** Of one thing; NaN where there is none. */
  mean(): number {
    return this.#total / this.#weight;
  }

  forget(): void {
    this.#count = 0;
    this.#total = 0;
    this.#weight = 0;
  }
}

// Keeps hedges to a share of a route's calls.

/** So many hedges may be saved up: a long quiet time must not pay for a storm of them. */
const mostSaved = 10;

/** Whole numbers are counted, and no fractions added up, so that nothing drifts. */
export class HedgeShare {
  /** Those that still pay for hedges: never more than there were. */
  #calls = 0;
  #hedges = 0;
  #maxShare = 0;

  call(): void {
    this.#calls += 1;
  }

  /** Whether one more hedge stays within the share of all calls so far; counts it when so. */
  take(maxShare: number): boolean {
    if (maxShare !== this.#maxShare) this.#beginWith(maxShare);
    this.#calls = Math.min(this.#calls, Math.ceil((this.#hedges + mostSaved) / maxShare));
    // A quotient, as a person would reckon it: 29 ÷ 100 is 0.29, but 0.29 × 100 is less than 29.
    if ((this.#hedges + 1) / this.#calls > maxShare) return false;
    this.#hedges += 1;
    return true;
  }

  /** What was hedged under another share is neither a debt nor a credit. */
  #beginWith(maxShare: number): void {
    // Before the first hedge nothing was spent: the calls so far are good for any share.
    if (this.#hedges > 0) this.#calls = 0;
    this.#hedges = 0;
    this.#maxShare = maxShare;
  }
}

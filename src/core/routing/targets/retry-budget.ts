// How many retries a target is given, shared by all calls: when it fails for everyone, retries must not become
// a second load on top of the first.

import type { Clock } from "../../clock.ts";
import { SlidingCount } from "./sliding-count.ts";

const windowMs = 10_000;

/** So many retries in a window are free: a target that is seldom called may still be tried again. */
const freeRetries = 10;

const firstTriesPerRetry = 10;

/**
 * Whenever a retry is granted, those of the 10 s up to it, itself included, are no more than 10, or than a tenth of
 * the first tries in them. What is not known to the millisecond is counted against the retry.
 */
export class RetryBudget {
  readonly #clock: Clock;
  readonly #firstTries = new SlidingCount(windowMs);
  readonly #retries = new SlidingCount(windowMs);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A call tries the target for the first time. */
  first(): void {
    this.#firstTries.add(this.#clock.monotonicMs());
  }

  /** Whether one more retry is allowed now; counts it when so. */
  take(): boolean {
    const nowMs = this.#clock.monotonicMs();
    const retries = this.#retries.atMost(nowMs) + 1;
    if (retries > freeRetries && retries * firstTriesPerRetry > this.#firstTries.atLeast(nowMs)) return false;
    this.#retries.add(nowMs);
    return true;
  }
}

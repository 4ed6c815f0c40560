// Which share of the attempts that ended lately has failed.

import { SlidingCount } from "./sliding-count.ts";

export class ErrorRate {
  readonly windowMs: number;
  readonly #ended: SlidingCount;
  readonly #failed: SlidingCount;

  constructor(windowMs: number) {
    this.windowMs = windowMs;
    this.#ended = new SlidingCount(windowMs);
    this.#failed = new SlidingCount(windowMs);
  }

  succeeded(nowMs: number): void {
    this.#ended.add(nowMs);
  }

  failed(nowMs: number): void {
    this.#ended.add(nowMs);
    this.#failed.add(nowMs);
  }

  /** Never of fewer than so many attempts. */
  reaches(share: number, minAttempts: number, nowMs: number): boolean {
    const ended = this.#ended.atMost(nowMs);
    // A quotient, as a person would reckon it: 29 ÷ 100 is 0.29, but 0.29 × 100 is less than 29.
    return ended >= minAttempts && this.#failed.atMost(nowMs) / ended >= share;
  }
}

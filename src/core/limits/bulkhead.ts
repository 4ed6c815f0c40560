// So many at a time, and a short line before them: what is overloaded answers soon that it is, and does not
// gather calls whose callers have given up.

import type { Clock } from "../clock.ts";
import { WaitingLine } from "./waiting-line.ts";

/** `full`: too many wait already; `late`: it waited as long as it may, or would have to wait beyond its time. */
export type BulkheadEntry = "entered" | "full" | "late";

export interface BulkheadOptions {
  /** Read at each use: it may change at run time. Absent: as many as come. */
  readonly limit: () => number | undefined;
  readonly queueMax: number;
  readonly maxWaitMs: number;
  readonly clock: Clock;
}

/** How much the time of the place that was left last counts in the average. */
const newestWeight = 0.1;

export class Bulkhead {
  readonly #limit: () => number | undefined;
  readonly #queueMax: number;
  readonly #maxWaitMs: number;
  readonly #clock: Clock;
  readonly #line = new WaitingLine<() => void>();
  #inFlight = 0;

  /**
   * Whoever leaves is taken to have come when those inside came on average, so that a place needs no ticket. That is
   * exact for places taken together, and right on average for a steady flow (Little's law).
   */
  #meanEnteredMs = 0;
  /** A decaying average; 0 before the first left. */
  #heldMs = 0;

  constructor({ limit, queueMax, maxWaitMs, clock }: BulkheadOptions) {
    this.#limit = limit;
    this.#queueMax = queueMax;
    this.#maxWaitMs = maxWaitMs;
    this.#clock = clock;
  }

  inFlight(): number {
    return this.#inFlight;
  }

  waiting(): number {
    return this.#line.length();
  }

  /** Whether one who came now would have a place at once: those who wait come first. */
  hasRoom(): boolean {
    const limit = this.#limit();
    return limit === undefined || this.#inFlight + this.#line.length() < limit;
  }

  /** Takes a place at once, or not; never before those who wait. */
  tryEnter(): boolean {
    this.#letIn();
    if (!this.hasRoom()) return false;
    this.#take();
    return true;
  }

  /** Takes a place when it is free. Rejects with the signal's reason when that comes first. */
  enter({
    signal,
    remainingMs,
  }: {
    readonly signal: AbortSignal;
    readonly remainingMs: number;
  }): Promise<BulkheadEntry> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.tryEnter()) return Promise.resolve("entered");
    if (this.#line.length() >= this.#queueMax) return Promise.resolve("full");
    if (remainingMs < this.expectedWaitMs()) return Promise.resolve("late");
    return this.#wait(signal);
  }

  /** Gives a place back, once for each that was entered; the first in line has it from now on. */
  leave(): void {
    const heldMs = this.#clock.monotonicMs() - this.#meanEnteredMs;
    this.#heldMs = this.#heldMs === 0 ? heldMs : this.#heldMs + (heldMs - this.#heldMs) * newestWeight;
    this.#inFlight -= 1;
    this.#letIn();
  }

  /** Until one who came now would have a place; 0 where one is free, or while nobody has left yet. */
  expectedWaitMs(): number {
    const limit = this.#limit();
    if (limit === undefined) return 0;
    const mustLeave = this.#inFlight + this.#line.length() + 1 - limit;
    return mustLeave <= 0 ? 0 : (mustLeave * this.#heldMs) / Math.max(1, limit);
  }

  #hasFreePlace(): boolean {
    const limit = this.#limit();
    return limit === undefined || this.#inFlight < limit;
  }

  #take(): void {
    this.#inFlight += 1;
    this.#meanEnteredMs += (this.#clock.monotonicMs() - this.#meanEnteredMs) / this.#inFlight;
  }

  #letIn(): void {
    while (this.#line.length() > 0 && this.#hasFreePlace()) {
      this.#take();
      this.#line.shift()?.();
    }
  }

  #wait(signal: AbortSignal): Promise<BulkheadEntry> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        timer.cancel();
        signal.removeEventListener("abort", aborted);
      };
      const place = this.#line.join(() => {
        stop();
        resolve("entered");
      });
      const timer = this.#clock.setTimer(this.#maxWaitMs, () => {
        this.#line.leave(place);
        stop();
        resolve("late");
      });
      const aborted = (): void => {
        this.#line.leave(place);
        stop();
        reject(signal.reason);
      };
      signal.addEventListener("abort", aborted, { once: true });
    });
  }
}

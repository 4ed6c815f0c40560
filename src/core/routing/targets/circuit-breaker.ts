// Leaves a target alone that keeps failing, and finds out with one attempt at a time whether it is well again. A probe
// whose answer has begun lets the next one go: a stream may take minutes to its end, which alone is its outcome.

import type { Clock } from "../../clock.ts";
import type { BreakerPolicy } from "../../snapshot.ts";
import { ErrorRate } from "./error-rate.ts";

export type BreakerState = "closed" | "open" | "half_open";

/** Given to an attempt, and told once with its outcome; none counts that was given in an earlier state. */
export interface BreakerPermit {
  readonly probes: boolean;
}

export interface CircuitBreakerOptions {
  /** Read at each use: it may change at run time. */
  readonly policy: () => BreakerPolicy;
  readonly clock: Clock;
  readonly onChange: (from: BreakerState, to: BreakerState) => void;
}

type ErrorRateLimit = NonNullable<BreakerPolicy["errorRate"]>;

export class CircuitBreaker {
  readonly #policy: () => BreakerPolicy;
  readonly #clock: Clock;
  readonly #onChange: (from: BreakerState, to: BreakerState) => void;
  #state: BreakerState = "closed";
  /** One for all attempts while it is closed, so that a permit costs nothing. */
  #permit: BreakerPermit = { probes: false };
  /** Under way, while it is half open. */
  readonly #probes = new Set<BreakerPermit>();
  /** The one of them of which nothing is known yet. */
  #silentProbe: BreakerPermit | undefined;
  #openedMs = 0;
  #failuresInARow = 0;
  #errorRate: ErrorRate | undefined;

  constructor({ policy, clock, onChange }: CircuitBreakerOptions) {
    this.#policy = policy;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** An open one whose reset time is over is half open, although `onChange` tells it only with the probe. */
  state(): BreakerState {
    return this.#state === "open" && this.opensInMs() === 0 ? "half_open" : this.#state;
  }

  /** Whether `acquire` would give a permit now. */
  ready(): boolean {
    return this.#state === "closed" || (this.#silentProbe === undefined && this.opensInMs() === 0);
  }

  /** Until a probe may go. 0 while one is under way too: nobody knows when it answers. */
  opensInMs(): number {
    if (this.#state !== "open") return 0;
    return Math.max(0, this.#openedMs + this.#policy().resetTimeoutMs - this.#clock.monotonicMs());
  }

  acquire(): BreakerPermit | undefined {
    if (this.#state === "closed") return this.#permit;
    if (!this.ready()) return undefined;
    if (this.#state === "open") this.#change("half_open");
    const probe = { probes: true };
    this.#probes.add(probe);
    this.#silentProbe = probe;
    return probe;
  }

  /** Its answer has begun: that is no outcome, but enough to let the next probe go. */
  committed(permit: BreakerPermit): void {
    if (permit === this.#silentProbe) this.#silentProbe = undefined;
  }

  succeeded(permit: BreakerPermit): void {
    if (!this.#counts(permit)) return;
    if (this.#state === "half_open") {
      this.#change("closed");
      return;
    }
    this.#failuresInARow = 0;
    const { errorRate } = this.#policy();
    if (errorRate !== undefined) this.#rateOver(errorRate.windowMs).succeeded(this.#clock.monotonicMs());
  }

  failed(permit: BreakerPermit): void {
    if (!this.#counts(permit)) return;
    if (this.#state === "half_open") {
      this.#change("open");
      return;
    }
    const { failureThreshold, errorRate } = this.#policy();
    this.#failuresInARow += 1;
    // Judged with a failure only: a success never opens it, although it may complete the `minAttempts`.
    const rateReached = errorRate !== undefined && this.#failureReaches(errorRate);
    if (rateReached || this.#failuresInARow >= failureThreshold) this.#change("open");
  }

  /** For an outcome that says nothing of the target: the caller's fault, a cancellation, a 429, a refusal. */
  released(permit: BreakerPermit): void {
    if (!permit.probes) return;
    this.#probes.delete(permit);
    this.committed(permit);
  }

  #counts(permit: BreakerPermit): boolean {
    return permit.probes ? this.#probes.has(permit) : permit === this.#permit;
  }

  #failureReaches({ share, windowMs, minAttempts }: ErrorRateLimit): boolean {
    const nowMs = this.#clock.monotonicMs();
    const rate = this.#rateOver(windowMs);
    rate.failed(nowMs);
    return rate.reaches(share, minAttempts, nowMs);
  }

  #rateOver(windowMs: number): ErrorRate {
    if (this.#errorRate?.windowMs !== windowMs) this.#errorRate = new ErrorRate(windowMs);
    return this.#errorRate;
  }

  #change(to: BreakerState): void {
    const from = this.#state;
    this.#state = to;
    this.#permit = { probes: false };
    this.#probes.clear();
    this.#silentProbe = undefined;
    this.#failuresInARow = 0;
    this.#errorRate = undefined;
    if (to === "open") this.#openedMs = this.#clock.monotonicMs();
    this.#onChange(from, to);
  }
}

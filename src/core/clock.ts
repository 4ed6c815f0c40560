// Time as the core sees it. It is passed in, so that a test moves it instead of sleeping.

export interface Timer {
  cancel(): void;
}

/** Milliseconds since `startMs` of the monotonic clock, to the microsecond: more digits are noise. */
export const elapsedMs = (clock: Clock, startMs: number): number =>
  Math.round((clock.monotonicMs() - startMs) * 1000) / 1000;

export interface Clock {
  /** Milliseconds since 1970, for what is written down. */
  epochMs(): number;
  /** Milliseconds from an arbitrary start, never going back, for what is measured. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`; the timer does not keep the process alive. */
  setTimer(delayMs: number, run: () => void): Timer;
}

// Time as the core sees it. It is passed in, so that a test moves it instead of sleeping.

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since 1970, for what is written down. */
  epochMs(): number;
  /** Milliseconds from an arbitrary start, never going back, for what is measured. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`; the timer does not keep the process alive. */
  setTimer(delayMs: number, run: () => void): Timer;
}

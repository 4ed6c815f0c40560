// A clock that a test moves by hand.

import type { Clock } from "../../src/core/clock.ts";

export interface ManualClock extends Clock {
  /** Moves time on and runs, in order, every timer that comes due. */
  advance(ms: number): void;
  readonly pendingTimers: number;
}

export function createManualClock(startEpochMs = 1_750_000_000_000): ManualClock {
  let nowMs = 0;
  const timers = new Set<{ readonly dueMs: number; readonly run: () => void }>();
  return {
    epochMs: () => startEpochMs + Math.floor(nowMs),
    monotonicMs: () => nowMs,
    setTimer(delayMs, run) {
      const timer = { dueMs: nowMs + delayMs, run };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        const due = [...timers]
          .filter((timer) => timer.dueMs <= untilMs)
          .sort((a, b) => a.dueMs - b.dueMs)[0];
        if (due === undefined) break;
        timers.delete(due);
        nowMs = Math.max(nowMs, due.dueMs);
        due.run();
      }
      nowMs = untilMs;
    },
    get pendingTimers() {
      return timers.size;
    },
  };
}

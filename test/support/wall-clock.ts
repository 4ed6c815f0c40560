// A manual clock whose wall clock can be set, as an operator or NTP does, while the monotonic one goes on.

import { createManualClock, type ManualClock } from "./manual-clock.ts";

export interface WallClock extends ManualClock {
  /** By so much, also back. */
  jump(ms: number): void;
}

export function createWallClock(): WallClock {
  const time = createManualClock();
  let offMs = 0;
  return {
    epochMs: () => time.epochMs() + offMs,
    monotonicMs: () => time.monotonicMs(),
    setTimer: (delayMs, run) => time.setTimer(delayMs, run),
    advance: (ms) => time.advance(ms),
    get pendingTimers() {
      return time.pendingTimers;
    },
    jump(ms) {
      offMs += ms;
    },
  };
}

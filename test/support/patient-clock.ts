// The real clock, where a busy machine may take longer for what is waited for a moment only.

import type { Clock } from "../../src/core/clock.ts";
import { systemClock } from "../../src/system-clock.ts";

export const patientClock: Clock = {
  ...systemClock,
  setTimer: (delayMs, run) => systemClock.setTimer(delayMs <= 50 ? delayMs * 20 : delayMs, run),
};

// Limits in a Redis of the test's own, by the clocks that a test wants.

import type { Clock } from "../../../src/core/clock.ts";
import type { RedisLimitsOptions } from "../../../src/stores/redis/redis-limits.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { patientClock } from "../../support/patient-clock.ts";

export const redisOptions = (url: string, more: Partial<RedisLimitsOptions> = {}): RedisLimitsOptions => ({
  url,
  nodes: 1,
  policy: "open",
  clock: farAwayBy(createManualClock()),
  reportFault(error) {
    throw error;
  },
  tell() {},
  ...more,
});

/** Answers are waited for patiently; what is far away comes by the test's clock. */
export const farAwayBy = (time: ManualClock): Clock => ({
  ...patientClock,
  setTimer: (delayMs, run) => (delayMs < 10_000 ? patientClock : time).setTimer(delayMs, run),
});

// Limits in a Redis of the test's own, by the clocks that a test wants.

import type { Clock } from "../../../src/core/clock.ts";
import type { RedisLimitsOptions } from "../../../src/stores/redis/redis-limits.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";

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

/**
 * Answers are waited for by the real clock, and patiently: on a busy machine a Redis may take longer than calls should
 * wait for. What is far away comes by the test's.
 */
export const farAwayBy = (time: ManualClock): Clock => ({
  ...systemClock,
  setTimer: (delayMs, run) =>
    delayMs < 10_000 ? systemClock.setTimer(delayMs * 20, run) : time.setTimer(delayMs, run),
});

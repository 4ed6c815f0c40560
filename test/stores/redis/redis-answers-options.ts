// Answers in a Redis of the test's own, by the clocks that a test wants.

import type { Clock } from "../../../src/core/clock.ts";
import type { RedisAnswersOptions } from "../../../src/stores/redis/redis-answers.ts";
import { testAnswerJson } from "../../support/kept-answers.ts";
import { patientClock } from "../../support/patient-clock.ts";

export const redisAnswersOptions = (
  url: string,
  more: Partial<RedisAnswersOptions> = {},
): RedisAnswersOptions => ({
  url,
  clock: patientClock,
  json: testAnswerJson,
  maxEntryBytes: 16_777_216,
  reportFault(error) {
    throw error;
  },
  tell() {},
  ...more,
});

/** Redis is waited for patiently; what time it is the test says. */
export const timeOf = (clock: Clock): Clock => ({
  ...clock,
  setTimer: (delayMs, run) => patientClock.setTimer(delayMs, run),
});

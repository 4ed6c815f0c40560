// What an entry may say of breakers, times and loads, a provider's and a target's alike.

import { z } from "zod";
import { failureThresholdRange, resetTimeoutSecondsRange } from "./breaker-ranges.ts";
import type { PolicyConfiguration } from "./configuration.ts";
import { numberFrom, wholeNumber } from "./number-schema.ts";

const hourMs = 3_600_000;

const errorRateSchema = z.strictObject({
  percent: numberFrom(1, 100),
  windowSeconds: wholeNumber(1, 3_600).default(60),
  minAttempts: wholeNumber(1, 100_000).default(20),
});

export const breakerSchema = z.strictObject({
  failureThreshold: wholeNumber(...failureThresholdRange).optional(),
  resetTimeoutSeconds: wholeNumber(...resetTimeoutSecondsRange).optional(),
  errorRate: errorRateSchema.optional(),
});

export const timeoutsSchema = z.strictObject({
  firstTokenMs: wholeNumber(1, hourMs).optional(),
  betweenTokensMs: wholeNumber(1, hourMs).optional(),
  wholeAnswerMs: wholeNumber(1, hourMs).optional(),
});

/** Those of a provider: its targets share its connections. */
export const providerTimeoutsSchema = timeoutsSchema.extend({
  connectMs: wholeNumber(1, 120_000).optional(),
});

export const maxConcurrentSchema = wholeNumber(1, 100_000);

export interface WrittenPolicy {
  readonly breaker?: z.infer<typeof breakerSchema> | undefined;
  readonly timeouts?: z.infer<typeof timeoutsSchema> | undefined;
  readonly maxConcurrent?: number | undefined;
}

/** Undefined where nothing is said. */
export function policyOfEntry({
  breaker,
  timeouts,
  maxConcurrent,
}: WrittenPolicy): PolicyConfiguration | undefined {
  const { firstTokenMs, betweenTokensMs, wholeAnswerMs } = timeouts ?? {};
  const policy = {
    breaker: breaker && breakerOf(breaker),
    firstTokenMs,
    betweenTokensMs,
    wholeAnswerMs,
    maxConcurrent,
  };
  return Object.values(policy).every((member) => member === undefined) ? undefined : policy;
}

const breakerOf = ({
  failureThreshold,
  resetTimeoutSeconds,
  errorRate,
}: z.infer<typeof breakerSchema>): PolicyConfiguration["breaker"] => ({
  failureThreshold,
  resetTimeoutMs: resetTimeoutSeconds && resetTimeoutSeconds * 1_000,
  errorRate: errorRate && {
    share: errorRate.percent / 100,
    windowMs: errorRate.windowSeconds * 1_000,
    minAttempts: errorRate.minAttempts,
  },
});

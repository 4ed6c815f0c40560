// From what the configuration says of a policy to what holds.

import { defaultTargetPolicy } from "../core/routing/default-policies.ts";
import type { Snapshot, TargetPolicy } from "../core/snapshot.ts";
import type { PolicyConfiguration, Settings } from "./configuration.ts";

/** Of every provider that says nothing else. */
export const policyOfSettings = ({
  breakerFailureThreshold,
  breakerResetTimeoutSeconds,
}: Pick<Settings, "breakerFailureThreshold" | "breakerResetTimeoutSeconds">): TargetPolicy => ({
  ...defaultTargetPolicy,
  breaker: {
    failureThreshold: breakerFailureThreshold,
    resetTimeoutMs: breakerResetTimeoutSeconds * 1_000,
  },
});

/** Of every call of which its use case, its route and its tenant say nothing else. */
export const cacheOfSettings = ({
  cacheEnabled,
  cacheMode,
  cacheTtlSeconds,
}: Pick<Settings, "cacheEnabled" | "cacheMode" | "cacheTtlSeconds">): NonNullable<Snapshot["cache"]> => ({
  mode: cacheEnabled ? cacheMode : "off",
  ttlSeconds: cacheTtlSeconds,
});

/** The outer one where the inner one says nothing, member by member. */
export function policyWithin(outer: TargetPolicy, inner: PolicyConfiguration | undefined): TargetPolicy {
  if (inner === undefined) return outer;
  const { breaker = {}, firstTokenMs, betweenTokensMs, wholeAnswerMs, maxConcurrent } = inner;
  return {
    breaker: {
      failureThreshold: breaker.failureThreshold ?? outer.breaker.failureThreshold,
      resetTimeoutMs: breaker.resetTimeoutMs ?? outer.breaker.resetTimeoutMs,
      errorRate: breaker.errorRate ?? outer.breaker.errorRate,
    },
    firstTokenMs: firstTokenMs ?? outer.firstTokenMs,
    betweenTokensMs: betweenTokensMs ?? outer.betweenTokensMs,
    wholeAnswerMs: wholeAnswerMs ?? outer.wholeAnswerMs,
    maxConcurrent: maxConcurrent ?? outer.maxConcurrent,
  };
}

// What holds of targets and routes where nothing else is configured.

import type { RoutePolicy, Target, TargetPolicy } from "../snapshot.ts";

export const defaultTargetPolicy: TargetPolicy = {
  breaker: { failureThreshold: 5, resetTimeoutMs: 60_000 },
  // A model may think for minutes before its first word.
  firstTokenMs: 300_000,
  betweenTokensMs: 120_000,
  wholeAnswerMs: 300_000,
};

export const defaultRoutePolicy: RoutePolicy = {
  midStream: "fail",
  maxRetryDelayMs: 250,
  smartWeights: { latency: 0.6, cost: 0.4 },
};

export const policyOf = ({ policy, provider }: Target): TargetPolicy =>
  policy ?? provider.policy ?? defaultTargetPolicy;

/** How often a target is tried again where it does not say. */
export const defaultRetries = { first: 2, fallback: 1 } as const;

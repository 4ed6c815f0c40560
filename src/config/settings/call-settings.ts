// What calls may ask for, and how they are sent on.

import type { StrategyName } from "../../core/snapshot.ts";
import { failureThresholdRange, resetTimeoutSecondsRange } from "../breaker-ranges.ts";
import { define } from "../setting.ts";
import { integer, integerOrOff, oneOf, type Limit } from "../setting-values.ts";
import { strategyNames } from "../strategy-names.ts";

export const callSettings = {
  maxBodyBytes: define({
    variable: "MAX_BODY_BYTES",
    kind: integer(1_024, 1_073_741_824),
    fallback: 33_554_432,
    purpose: "the longest request body",
  }),
  routeStrategy: define<StrategyName>({
    variable: "ROUTE_STRATEGY",
    kind: oneOf(...strategyNames),
    fallback: "priority",
    purpose: "how the route `default` orders its targets where the file has no such route",
  }),
  breakerFailureThreshold: define({
    variable: "BREAKER_FAILURE_THRESHOLD",
    kind: integer(...failureThresholdRange),
    fallback: 5,
    purpose: "failures in a row that open a target's breaker",
  }),
  breakerResetTimeoutSeconds: define({
    variable: "BREAKER_RESET_TIMEOUT_SECONDS",
    kind: integer(...resetTimeoutSecondsRange),
    fallback: 60,
    purpose: "how long an open breaker keeps calls away before one probes",
  }),
  callTimeoutSeconds: define({
    variable: "CALL_TIMEOUT_SECONDS",
    kind: integer(1, 86_400),
    fallback: 600,
    purpose: "how long a call may take whose caller does not say",
  }),
  maxConcurrentCalls: define({
    variable: "MAX_CONCURRENT_CALLS",
    kind: integer(1, 100_000),
    fallback: 2_000,
    purpose: "calls that are served at a time; more wait",
  }),
  callQueueMax: define({
    variable: "CALL_QUEUE_MAX",
    kind: integer(0, 100_000),
    fallback: 500,
    purpose: "calls that may wait; more are answered `overloaded`",
  }),
  callQueueMs: define({
    variable: "CALL_QUEUE_MS",
    kind: integer(1, 60_000),
    fallback: 1_000,
    purpose: "how long a call may wait",
  }),
  requestsPerMinute: define<Limit>({
    variable: "REQUESTS_PER_MINUTE",
    kind: integerOrOff(1, 1_000_000_000),
    fallback: 600,
    purpose: "calls a minute of a tenant of which nothing else is said",
  }),
  tokensPerMinute: define<Limit>({
    variable: "TOKENS_PER_MINUTE",
    kind: integerOrOff(1, 1_000_000_000_000),
    fallback: 50_000,
    purpose: "tokens a minute of a tenant of which nothing else is said",
  }),
  defaultOutputReserve: define({
    variable: "DEFAULT_OUTPUT_RESERVE",
    kind: integer(1, 10_000_000),
    fallback: 1_024,
    purpose: "tokens that are reserved for an answer whose call names no maximum",
  }),
} as const;

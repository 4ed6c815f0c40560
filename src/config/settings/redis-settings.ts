// What several gateways share.

import { define } from "../setting.ts";
import { integer, oneOf, optional, redisUrl } from "../setting-values.ts";

export const redisSettings = {
  redisUrl: define({
    variable: "REDIS_URL",
    kind: optional(redisUrl),
    fallback: undefined,
    purpose:
      "the Redis that several gateways share for limits, budgets and cached answers: redis://… or rediss://…",
  }),
  nodes: define({
    variable: "SLUICE_NODES",
    kind: integer(1, 10_000),
    fallback: 1,
    purpose: "how many gateways share a Redis: each has its part of every limit while Redis is away",
  }),
  redisFailure: define<"open" | "closed">({
    variable: "REDIS_FAILURE",
    kind: oneOf("open", "closed"),
    fallback: "open",
    purpose:
      "while Redis is away: open serves within a local share of the limits, closed answers unavailable",
  }),
} as const;

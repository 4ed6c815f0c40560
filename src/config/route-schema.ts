// What a route's entry may say, in the YAML file and at run time.

import { z } from "zod";
import type { MidStreamPolicy, StrategyName } from "../core/snapshot.ts";
import { routeCacheSchema } from "./cache-schema.ts";
import { nameSchema, shownTextSchema, vendorNameSchema } from "./entry-name.ts";
import { numberFrom, wholeNumber } from "./number-schema.ts";
import { breakerSchema, maxConcurrentSchema, timeoutsSchema } from "./policy-schema.ts";
import { prioritySchema } from "./provider-schema.ts";
import { strategyNames } from "./strategy-names.ts";

const maxWeight = 1_000_000;
const maxFallbackChars = 16_384;

const targetSchema = z.strictObject({
  provider: nameSchema,
  model: vendorNameSchema,
  priority: prioritySchema.optional(),
  api: z.string().optional(),
  vectorSpace: vendorNameSchema.max(200).optional(),
  weight: numberFrom(0, maxWeight).optional(),
  retries: wholeNumber(0, 10).optional(),
  breaker: breakerSchema.optional(),
  timeouts: timeoutsSchema.optional(),
  maxConcurrent: maxConcurrentSchema.optional(),
  test: z.boolean().optional(),
});

const hedgeSchema = z.strictObject({
  afterMs: z.custom<number | "p95">(
    (value) => value === "p95" || wholeNumber(1, 600_000).safeParse(value).success,
    "must be p95, or a whole number from 1 to 600000",
  ),
  maxSharePercent: numberFrom(0, 100).default(5),
  maxCostDollars: numberFrom(0, 1_000).optional(),
});

export const routeSchema = z.strictObject({
  strategy: z.enum(strategyNames satisfies readonly StrategyName[]).optional(),
  smartWeights: z
    .strictObject({ latency: numberFrom(0, maxWeight), cost: numberFrom(0, maxWeight) })
    .optional(),
  onStreamBreak: z.enum(["fail", "restart", "continue"] satisfies readonly MidStreamPolicy[]).optional(),
  maxRetryDelayMs: wholeNumber(0, 60_000).optional(),
  hedge: hedgeSchema.optional(),
  cache: routeCacheSchema.optional(),
  fallbackMessage: shownTextSchema.min(1).max(maxFallbackChars).optional(),
  targets: z.array(targetSchema).min(1).max(100),
});

export type RouteEntry = z.infer<typeof routeSchema>;
export type TargetEntry = RouteEntry["targets"][number];

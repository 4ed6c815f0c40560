import type { StrategyName } from "../core/snapshot.ts";

export const strategyNames = [
  "priority",
  "weighted",
  "round_robin",
  "least_latency",
  "lowest_cost",
  "smart",
] as const satisfies readonly StrategyName[];

// Counts since the start of the process, for `/metrics`.

import type { GatewayMetrics } from "../gateway.ts";
import type { OperationName } from "../operation-name.ts";
import type { Ledger, Settlement } from "./ledger.ts";

export interface Counters {
  settled(settlement: Settlement, operation: OperationName): void;
  /** The ledger, with failed attempts counted as they go by. */
  watching(ledger: Ledger): Ledger;
  metrics(activeProviders: number): GatewayMetrics;
}

export function createCounters(): Counters {
  let requests = 0;
  let cacheHits = 0;
  let failures = 0;
  return {
    settled({ cacheStatus }, operation) {
      if (operation !== "chat") return;
      requests += 1;
      if (cacheStatus === "hit" || cacheStatus === "semantic") cacheHits += 1;
    },
    watching: (ledger) => ({
      open: (call) => ledger.open(call),
      settle: (settlement) => ledger.settle(settlement),
      attempt(attempt) {
        if (attempt.status === "failed") failures += 1;
        ledger.attempt(attempt);
      },
    }),
    metrics: (activeProviders) => ({
      total_requests: requests,
      cache_hits: cacheHits,
      cache_hit_rate_percent: requests === 0 ? 0 : Math.round((cacheHits / requests) * 10_000) / 100,
      failures,
      providers_active: activeProviders,
    }),
  };
}

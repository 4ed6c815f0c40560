// What the gateway has done since the start of the process, for `/metrics`: in five figures, and in full.

import type { Access } from "../access/access.ts";
import { type ErrorCode, toGatewayError } from "../errors.ts";
import type { GatewayMetrics } from "../gateway.ts";
import type { OperationName } from "../operation-name.ts";
import type { BreakerChange } from "../routing/targets/target-states.ts";
import type { Ledger, Settlement } from "../usage/ledger.ts";
import { createAttemptMetrics } from "./attempt-metrics.ts";
import { createCallMetrics } from "./call-metrics.ts";
import type { MetricFamily } from "./metric-family.ts";
import { Series } from "./series.ts";

export interface GatewayMeter {
  /** A call ended before it had a record. */
  refused(code: ErrorCode): void;
  breakerChanged(change: BreakerChange): void;
  settled(settlement: Settlement, operation: OperationName): void;
  /** The ledger, with what goes by counted. */
  watchingLedger(ledger: Ledger): Ledger;
  /** The same, with those who are refused counted. */
  watchingAccess(access: Access): Access;
  /** What `begin` gives; what it refuses is counted. */
  watchingBegin<T>(begin: () => T): T;
  figures(activeProviders: number): GatewayMetrics;
  families(): readonly MetricFamily[];
}

export function createGatewayMeter(): GatewayMeter {
  const calls = createCallMetrics();
  const attempts = createAttemptMetrics();
  let requests = 0;
  let cacheHits = 0;
  let failures = 0;
  const refused = (error: unknown): never => {
    calls.unrecorded(toGatewayError(error).code);
    throw error;
  };
  const breakerChanges = new Series(["provider", "state"], () => ({ count: 0 }));
  return {
    refused: (code) => calls.unrecorded(code),
    breakerChanged({ provider, to }) {
      breakerChanges.at(provider, to).count += 1;
    },
    settled(settlement, operation) {
      calls.settled(settlement, operation);
      if (operation !== "chat") return;
      requests += 1;
      if (settlement.cacheStatus === "hit" || settlement.cacheStatus === "semantic") cacheHits += 1;
    },
    watchingLedger: (ledger) => ({
      open(call) {
        calls.opened();
        ledger.open(call);
      },
      attempt(attempt) {
        if (attempt.status === "failed") failures += 1;
        attempts.ended(attempt);
        ledger.attempt(attempt);
      },
      settle(settlement) {
        calls.closed();
        ledger.settle(settlement);
      },
    }),
    watchingAccess: (access) => ({
      get keyless() {
        return access.keyless;
      },
      authenticate: (presented) => access.authenticate(presented).catch(refused),
    }),
    watchingBegin(begin) {
      try {
        return begin();
      } catch (error) {
        return refused(error);
      }
    },
    figures: (activeProviders) => ({
      total_requests: requests,
      cache_hits: cacheHits,
      cache_hit_rate_percent: requests === 0 ? 0 : Math.round((cacheHits / requests) * 10_000) / 100,
      failures,
      providers_active: activeProviders,
    }),
    families: () => [
      ...calls.families(),
      ...attempts.families(),
      {
        name: "sluice_breaker_changes_total",
        help: "How often targets of a provider, or itself, were left alone, probed, and taken back.",
        type: "counter",
        samples: breakerChanges.map((labels, { count }) => ({ labels, value: count })),
      },
    ],
  };
}

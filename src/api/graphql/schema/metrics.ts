// What this gateway has done since its start, as the JSON of `/metrics` has it.

import type { GatewayMetrics as GatewayMetricsShape } from "../../../core/gateway.ts";
import { builder } from "../builder.ts";

// Counts are Float: an Int ends at 2³¹, which a gateway may reach, and the JSON has numbers.
const GatewayMetrics = builder.objectRef<GatewayMetricsShape>("GatewayMetrics").implement({
  description: "What this gateway has done since the start of its process.",
  fields: (t) => ({
    totalRequests: t.exposeFloat("total_requests", {
      description: "Chat calls that have ended: a whole number, as all counts here.",
    }),
    cacheHits: t.exposeFloat("cache_hits", {
      description: "Those that were answered from the cache, exactly or by their meaning.",
    }),
    cacheHitRatePercent: t.exposeFloat("cache_hit_rate_percent", {
      description: "Hits in a hundred requests, with two decimals; 0 without requests.",
    }),
    failures: t.exposeFloat("failures", { description: "Attempts that failed." }),
    providersActive: t.exposeInt("providers_active", {
      description: "Providers with a target that is not left alone by its breaker.",
    }),
  }),
});

builder.queryField("metrics", (t) =>
  t.field({
    type: GatewayMetrics,
    authScopes: { permission: "metrics:view" },
    description: "What this gateway has done, in five figures; the same as the JSON of `/metrics`.",
    resolve: (_, _args, { gateway }) => gateway.metrics(),
  }),
);

// Usage reports on SQLite.

import { addDuration, bucketsAt, type LatencySketch, reportPercents } from "../core/usage/latency-sketch.ts";
import { firstIdOf } from "./first-id.ts";
import type { UsageDialect } from "./read-usage-dialect.ts";
import { marksOf } from "./sql-text.ts";
import type { NativeDatabase } from "./sqlite-native.ts";

/** For a connection with `addUsageFunctions`. */
export const sqliteUsage: UsageDialect = {
  source({ tenantIds, edgesMs }) {
    // One search of an index for each interval. For one tenant there is its own; otherwise the table itself is
    // one: it stands in the order of its ids, and UUIDv7 begin with the time.
    const ofOne = tenantIds?.length === 1;
    const bounds = edgesMs.slice(0, -1).map((fromMs, index) => [fromMs, edgesMs[index + 1] ?? fromMs]);
    const ofTime = ofOne ? bounds : bounds.map((pair) => pair.map(firstIdOf));
    const column = ofOne ? "r.created_at" : "r.id";
    // The plus keeps the tenants' index from being searched instead, whole, for each interval.
    const tenant = ofOne ? "r.tenant_id" : "+r.tenant_id";
    const tenants = tenantIds === undefined ? "" : `${tenant} in (${marksOf(tenantIds)}) and `;
    return {
      before: {
        text: `with intervals (number, from_key, to_key) as materialized
          (select key, value ->> 0, value ->> 1 from json_each(?)) `,
        params: [JSON.stringify(ofTime)],
      },
      interval: { text: "i.number", params: [] },
      from: "intervals i cross join requests r",
      where: {
        text: `${tenants}${column} >= i.from_key and ${column} < i.to_key`,
        params: tenantIds ?? [],
      },
    };
  },
  percentileBuckets: (duration) => `percentile_buckets(${duration})`,
  // What another thread writes meanwhile is not seen.
  reading: (em, read) => em.transactional(read),
};

/** Gives a connection the functions that `sqliteUsage` calls. */
export function addUsageFunctions(native: NativeDatabase): void {
  native.aggregate<LatencySketch>("percentile_buckets", {
    deterministic: true,
    start: () => new Map(),
    step(sketch, durationMs) {
      if (typeof durationMs === "number") addDuration(sketch, durationMs);
    },
    result: (sketch) => (sketch.size === 0 ? null : JSON.stringify(bucketsAt(sketch, reportPercents))),
  });
}

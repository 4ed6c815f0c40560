// Usage reports on PostgreSQL.

import { logGamma, reportPercents, shortestMs, zeroBucket } from "../core/usage/latency-sketch.ts";
import type { UsageDialect } from "./read-usage-dialect.ts";
import { marksOf, plain } from "./sql-text.ts";

export const postgresUsage: UsageDialect = {
  source({ tenantIds, edgesMs }) {
    const tenants = tenantIds === undefined ? "" : ` and r.tenant_id in (${marksOf(tenantIds)})`;
    return {
      before: plain(""),
      interval: {
        text: "width_bucket(r.created_at, cast(? as bigint[])) - 1",
        params: [`{${edgesMs.join()}}`],
      },
      from: "requests r",
      where: {
        text: `r.created_at >= ? and r.created_at < ?${tenants}`,
        params: [edgesMs.at(0), edgesMs.at(-1), ...(tenantIds ?? [])],
      },
    };
  },
  percentileBuckets(duration) {
    const shares = reportPercents.map((percent) => percent / 100).join();
    const bucket = `case when ${duration} < ${shortestMs} then ${zeroBucket}
      else ceil(ln(${duration}) / ${logGamma}) end`;
    return `cast(array_to_json(percentile_disc(cast('{${shares}}' as double precision[]))
      within group (order by ${bucket})) as text)`;
  },
  reading: (em, read) =>
    em.transactional((transaction) => read(transaction), {
      isolationLevel: "repeatable read",
      readOnly: true,
    }),
};

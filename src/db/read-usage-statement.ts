// The statements of a usage report. Requests are `r`, their attempts `a`; the interval and all dimensions but
// provider and model are the request's.

import { maxUsageGroups } from "../core/usage/check-usage-question.ts";
import { countsAttempts } from "../core/usage/counts-attempts.ts";
import type { UsageDimension } from "../core/usage/usage-report.ts";
import { countIf, durations, savedColumn, sums } from "./read-usage-columns.ts";
import type { UsageDialect } from "./read-usage-dialect.ts";
import type { UsageQuery } from "./record-store.ts";
import { joined, marksOf, plain, type SqlText } from "./sql-text.ts";

const columnOfDimension = {
  tenant: "r.tenant_id",
  apiKey: "r.api_key_id",
  user: "r.user_id",
  provider: "a.provider",
  model: "a.model",
  route: "r.route",
  useCase: "r.use_case",
  status: "r.status",
  environment: "r.environment",
} as const satisfies Record<UsageDimension, string>;

/** Added to a statement of requests: their attempts. A target that was passed over was not asked. */
export const withAttempts = {
  from: " cross join provider_attempts a",
  where: "a.request_id = r.id and a.status <> 'skipped'",
};
const elsewhere = "reason in ('fallback', 'continue', 'restart')";
const isUnsettled = "r.status in ('open', 'interrupted')";

/** The figures of each interval and group: of attempts or of requests, as the query asks. */
export function figuresStatement(query: UsageQuery, dialect: UsageDialect): SqlText {
  return countsAttempts(query) ? ofAttempts(query, dialect) : ofRequests(query, dialect);
}

function ofRequests(query: UsageQuery, dialect: UsageDialect): SqlText {
  return groupedStatement(query, dialect, {
    from: "",
    where: [],
    columns: {
      calls: "count(*)",
      attempts: "coalesce(sum(r.attempts), 0)",
      errors: countIf("r.status in ('failed', 'interrupted')"),
      fallbacks: countIf(
        `exists (select 1 from provider_attempts f
          where f.request_id = r.id and f.${elsewhere} and f.status <> 'skipped')`,
      ),
      cache_hits: countIf("r.cache_status in ('hit', 'semantic')"),
      unpriced: countIf("r.status <> 'open' and r.cost_nanos is null"),
      without_cost: countIf("r.cost_nanos is null"),
      ...sums("r", (column) => column),
      ...sums("r", (column) => column, [savedColumn]),
      ...durations("latency", "r.latency_ms", dialect),
      ...durations("first_token", "r.time_to_first_token_ms", dialect),
    },
  });
}

function ofAttempts(query: UsageQuery, dialect: UsageDialect): SqlText {
  return groupedStatement(query, dialect, {
    from: withAttempts.from,
    where: [withAttempts.where],
    columns: {
      calls: "count(distinct r.id)",
      attempts: "count(*)",
      errors: countIf("a.status = 'failed'"),
      fallbacks: `count(distinct case when a.${elsewhere} then r.id end)`,
      cache_hits: "0",
      unpriced: countIf("a.cost_nanos is null"),
      without_cost: "0",
      ...sums("a", (column) => column),
      ...durations("latency", "a.latency_ms", dialect),
      ...durations("first_token", "a.time_to_first_token_ms", dialect),
    },
  });
}

/**
 * What is known of requests without a cost of their own: the cost of those of their attempts that have one,
 * and of requests that were not settled all that their attempts used.
 */
export function withoutCostStatement(
  query: UsageQuery,
  dialect: UsageDialect,
  where: readonly string[] = [],
): SqlText {
  return groupedStatement(query, dialect, {
    from: withAttempts.from,
    where: [withAttempts.where, "r.cost_nanos is null", ...where],
    columns: {
      attempts: countIf(isUnsettled),
      ...sums("a", (column) =>
        column === "a.cost_nanos" ? column : `case when ${isUnsettled} then ${column} end`,
      ),
    },
  });
}

/** Providers and models of attempts that used tokens of which the cost is not known, those of most first. */
export function unpricedStatement(query: UsageQuery, dialect: UsageDialect): SqlText {
  const range = { ...query, edgesMs: [query.edgesMs.at(0) ?? 0, query.edgesMs.at(-1) ?? 0] };
  const { before, from, where } = dialect.source(range);
  const unpriced = [
    withAttempts.where,
    "r.cost_nanos is null",
    "a.cost_nanos is null",
    "a.usage_source is not null",
  ];
  return joined(
    before,
    plain("select a.provider as provider, a.model as model, cast(count(*) as text) as attempts"),
    plain(` from ${from}${withAttempts.from} where `),
    where,
    ...conditions(query, unpriced),
    plain(` group by 1, 2 order by count(*) desc limit ${maxUsageGroups}`),
  );
}

/** One row for each interval and group of the query; one more than the most tells that there are more. */
export function groupedStatement(
  query: UsageQuery,
  dialect: UsageDialect,
  parts: {
    /** Added to the requests. */
    readonly from: string;
    readonly where: readonly string[];
    /** Values by name; all are given as texts, as drivers round large numbers. */
    readonly columns: Readonly<Record<string, string>>;
    readonly maxGroups?: number;
  },
): SqlText {
  const { before, interval, from, where } = dialect.source(query);
  const keys = query.groupBy.map((dimension, index) => `, ${columnOfDimension[dimension]} as key_${index}`);
  const values = Object.entries(parts.columns).map(([name, value]) => `, cast(${value} as text) as ${name}`);
  const ordinals = [1, ...query.groupBy.map((_, index) => index + 2)];
  return joined(
    before,
    plain("select "),
    interval,
    plain(` as interval_number${keys.join("")}${values.join("")}`),
    plain(` from ${from}${parts.from} where `),
    where,
    ...conditions(query, parts.where),
    plain(` group by ${ordinals.join()} limit ${(parts.maxGroups ?? maxUsageGroups) + 1}`),
  );
}

/** Each begins with `and`. */
function conditions({ filter }: UsageQuery, others: readonly string[]): SqlText[] {
  const lists: readonly (readonly [string, readonly string[] | undefined])[] = [
    ["r.api_key_id", filter.apiKeys],
    ["r.user_id", filter.users],
    ["a.provider", filter.providers],
    ["a.model", filter.models],
    ["r.route", filter.routes],
    ["r.use_case", filter.useCases],
    ["r.status", filter.statuses],
    ["r.environment", filter.environments],
  ];
  const given = lists.flatMap(([column, values]) =>
    values === undefined ? [] : [{ text: ` and ${column} in (${marksOf(values)})`, params: values }],
  );
  return [...others.map((other) => plain(` and ${other}`)), ...given];
}

// Reads a usage report: the figures of the groups, those of all together, and what is to be said of them.

import type { SqlEntityManager } from "@mikro-orm/sqlite";
import { maxUsageGroups } from "../core/usage/check-usage-question.ts";
import { countsAttempts } from "../core/usage/counts-attempts.ts";
import type { UsageGroup, UsageKey, UsageReport } from "../core/usage/usage-report.ts";
import type { UsageDialect } from "./read-usage-dialect.ts";
import { countOf, figuresOf, noFigures, rowsOf, textOf, type UsageRow } from "./read-usage-rows.ts";
import { figuresStatement, unpricedStatement, withoutCostStatement } from "./read-usage-statement.ts";
import { unpricedWarnings } from "./unpriced-warnings.ts";
import type { UsageQuery } from "./record-store.ts";
import type { SqlText } from "./sql-text.ts";

/** Undefined: there are more than `maxUsageGroups` groups. */
export async function readUsage(
  em: SqlEntityManager,
  query: UsageQuery,
  dialect: UsageDialect,
): Promise<UsageReport | undefined> {
  if (query.tenantIds?.length === 0) return { totals: noFigures, groups: [], warnings: [] };
  return dialect.reading(em, async (reader) => {
    const run = async ({ text, params }: SqlText) => rowsOf(await reader.execute(text, [...params]));
    const groups = await readGroups(query, dialect, run);
    if (groups === undefined) return undefined;
    const whole = { ...query, groupBy: [], edgesMs: [query.edgesMs.at(0) ?? 0, query.edgesMs.at(-1) ?? 0] };
    const isWhole = query.groupBy.length === 0 && query.edgesMs.length === 2;
    const [all] = isWhole ? groups : ((await readGroups(whole, dialect, run)) ?? []);
    const totals = all?.figures ?? noFigures;
    const unpriced = totals.unpriced === 0n ? [] : await run(unpricedStatement(query, dialect));
    return { totals, groups, warnings: unpricedWarnings(totals.unpriced, unpriced) };
  });
}

async function readGroups(
  query: UsageQuery,
  dialect: UsageDialect,
  run: (statement: SqlText) => Promise<UsageRow[]>,
): Promise<UsageGroup[] | undefined> {
  const rows = await run(figuresStatement(query, dialect));
  if (rows.length > maxUsageGroups) return undefined;
  const nameOf = (row: UsageRow) =>
    JSON.stringify([row["interval_number"], ...query.groupBy.map((_, index) => row[`key_${index}`])]);
  const someWithoutCost = !countsAttempts(query) && rows.some((row) => countOf(row, "without_cost") > 0n);
  const withoutCost = someWithoutCost ? await run(withoutCostStatement(query, dialect)) : [];
  const byName = new Map(withoutCost.map((row) => [nameOf(row), row]));
  return rows
    .map((row): UsageGroup => {
      const interval = Number(row["interval_number"]);
      return {
        fromMs: query.edgesMs[interval] ?? 0,
        toMs: query.edgesMs[interval + 1] ?? 0,
        key: keyOf(row, query),
        figures: figuresOf(row, byName.get(nameOf(row))),
      };
    })
    .toSorted(byIntervalCallsAndKey(query));
}

const keyOf = (row: UsageRow, { groupBy }: UsageQuery): UsageKey =>
  Object.fromEntries(groupBy.map((dimension, index) => [dimension, textOf(row, `key_${index}`)]));

/** By code units, as databases sort texts by rules of their own; what is not known comes last. */
const byIntervalCallsAndKey =
  ({ groupBy }: UsageQuery) =>
  (a: UsageGroup, b: UsageGroup): number => {
    if (a.fromMs !== b.fromMs) return a.fromMs - b.fromMs;
    if (a.figures.calls !== b.figures.calls) return a.figures.calls > b.figures.calls ? -1 : 1;
    for (const dimension of groupBy) {
      const [left = null, right = null] = [a.key[dimension], b.key[dimension]];
      if (left === right) continue;
      if (left === null) return 1;
      if (right === null) return -1;
      return left < right ? -1 : 1;
    }
    return 0;
  };

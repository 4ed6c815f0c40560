// Reads what was used by each API key.

import type { SqlEntityManager } from "@mikro-orm/sqlite";
import {
  type KeyProviderUsage,
  type KeyUsage,
  maxReportedKeys,
  sumOfKnown,
} from "../core/usage/key-usage.ts";
import type { UsageDimension } from "../core/usage/usage-report.ts";
import { countIf, durations, sums, tokenColumns } from "./read-usage-columns.ts";
import type { UsageDialect } from "./read-usage-dialect.ts";
import { countOf, figuresOf, rowsOf, textOf, type UsageRow } from "./read-usage-rows.ts";
import { groupedStatement, withAttempts, withoutCostStatement } from "./read-usage-statement.ts";
import type { KeyUsageQuery, UsageQuery } from "./record-store.ts";
import type { SqlText } from "./sql-text.ts";

/** Keys and their providers together. */
const maxProviderRows = 20 * maxReportedKeys;
const summedColumns = [tokenColumns.input, tokenColumns.output, "cost_nanos"];
const ofKeys = "r.api_key_id is not null";

/** Undefined: there are more than `maxReportedKeys` keys. */
export async function readKeyUsage(
  em: SqlEntityManager,
  query: KeyUsageQuery,
  dialect: UsageDialect,
): Promise<readonly KeyUsage[] | undefined> {
  const byKey = questionOf(query, ["tenant", "apiKey"]);
  return dialect.reading(em, async (reader) => {
    const run = async ({ text, params }: SqlText) => rowsOf(await reader.execute(text, [...params]));
    const keys = await run(keysStatement(byKey, dialect));
    if (keys.length > maxReportedKeys) return undefined;
    const providers = await run(
      providersStatement(questionOf(query, ["tenant", "apiKey", "provider"]), dialect),
    );
    if (providers.length > maxProviderRows) return undefined;
    const someWithoutCost = keys.some((row) => countOf(row, "without_cost") > 0n);
    const withoutCost = someWithoutCost ? await run(withoutCostStatement(byKey, dialect, [ofKeys])) : [];
    const costOf = new Map(withoutCost.map((row) => [nameOf(row), row]));
    const providersOf = Map.groupBy(providers, nameOf);
    return keys
      .map((row) => keyUsageOf(row, costOf.get(nameOf(row)), providersOf.get(nameOf(row)) ?? []))
      .toSorted(
        (a, b) => byRequests(a, b) || byText(a.tenantId, b.tenantId) || byText(a.apiKeyId, b.apiKeyId),
      );
  });
}

const questionOf = (
  { tenantIds, fromMs, toMs, environment }: KeyUsageQuery,
  groupBy: readonly UsageDimension[],
): UsageQuery => ({
  tenantIds,
  edgesMs: [fromMs, toMs],
  groupBy,
  filter: { environments: environment === undefined ? undefined : [environment] },
});

const keysStatement = (query: UsageQuery, dialect: UsageDialect): SqlText =>
  groupedStatement(query, dialect, {
    from: "",
    where: [ofKeys],
    columns: {
      calls: "count(*)",
      errors: countIf("r.status in ('failed', 'interrupted')"),
      without_cost: countIf("r.cost_nanos is null"),
      last_used_at: "max(r.created_at)",
      ...sums("r", (column) => column, summedColumns),
      ...durations("latency", "r.latency_ms", dialect),
    },
  });

const providersStatement = (query: UsageQuery, dialect: UsageDialect): SqlText =>
  groupedStatement(query, dialect, {
    from: withAttempts.from,
    where: [withAttempts.where, ofKeys],
    columns: { calls: "count(distinct r.id)", ...sums("a", (column) => column, summedColumns) },
    maxGroups: maxProviderRows,
  });

const nameOf = (row: UsageRow): string => JSON.stringify([row["key_0"], row["key_1"]]);

function keyUsageOf(
  row: UsageRow,
  withoutCost: UsageRow | undefined,
  providers: readonly UsageRow[],
): KeyUsage {
  const { calls, errors, tokens, latency, costNanos } = figuresOf(row, withoutCost);
  return {
    tenantId: textOf(row, "key_0") ?? "",
    apiKeyId: textOf(row, "key_1") ?? "",
    requests: calls,
    failed: errors,
    inputTokens: tokens.input,
    outputTokens: tokens.output,
    totalTokens: sumOfKnown(tokens.input, tokens.output),
    latency,
    costNanos,
    byProvider: providers
      .map(providerUsageOf)
      .toSorted((a, b) => byRequests(a, b) || byText(a.provider, b.provider)),
    lastUsedAtMs: Number(countOf(row, "last_used_at")),
  };
}

function providerUsageOf(row: UsageRow): KeyProviderUsage {
  const { calls, tokens, costNanos } = figuresOf(row, undefined);
  const totalTokens = sumOfKnown(tokens.input, tokens.output);
  return { provider: textOf(row, "key_2") ?? "", requests: calls, totalTokens, costNanos };
}

interface Counted {
  readonly requests: bigint;
}

const byRequests = (a: Counted, b: Counted): number =>
  a.requests === b.requests ? 0 : a.requests > b.requests ? -1 : 1;

/** By code units, as databases sort texts by rules of their own. */
const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

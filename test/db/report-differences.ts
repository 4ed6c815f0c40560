// What a report says otherwise than a plain recomputation.

import { isDeepStrictEqual } from "node:util";
import { intervalEdges } from "../../src/core/usage/time-intervals.ts";
import type { UsageFigures, UsageQuestion, UsageReport } from "../../src/core/usage/usage-report.ts";
import { groupName, intervalName, type PlainFigures, type PlainReport } from "./recompute-usage.ts";

type Differ = (what: string, found: unknown, wanted: unknown) => void;

/** None if all is as recomputed: percentiles within 1 %, averages but for rounding, the rest exactly. */
export function reportDifferences(
  report: UsageReport,
  question: UsageQuestion,
  expected: PlainReport,
): string[] {
  const differences: string[] = [];
  const differ: Differ = (what, found, wanted) => {
    if (!isDeepStrictEqual(found, wanted)) differences.push(`${what}: ${show(found)}, not ${show(wanted)}`);
  };
  const { fromMs, toMs, interval, timeZone, groupBy } = question;
  const edges = intervalEdges({ fromMs, toMs, interval, timeZone });
  const found = new Set<string>();
  for (const group of report.groups) {
    const values = groupBy.map((dimension) => group.key[dimension] ?? null);
    const name = groupName(intervalName(group.fromMs, interval, timeZone), values);
    differ(`${name} twice`, found.has(name), false);
    found.add(name);
    differ(`end of ${name}`, group.toMs, edges[edges.indexOf(group.fromMs) + 1]);
    differ(`dimensions of ${name}`, Object.keys(group.key), groupBy);
    const plain = expected.groups.get(name);
    if (plain !== undefined) compareFigures(name, group.figures, plain, differ);
  }
  differ("groups", [...found].toSorted(), [...expected.groups.keys()].toSorted());
  compareFigures("totals", report.totals, expected.totals, differ);
  differ("warned", report.warnings.length > 0, (expected.totals.counts["unpriced"] ?? 0n) > 0n);
  const order = report.groups.map((group) => [group.fromMs, -Number(group.figures.calls)] as const);
  differ(
    "order",
    order,
    order.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]),
  );
  return differences;
}

function compareFigures(name: string, figures: UsageFigures, plain: PlainFigures, differ: Differ): void {
  const { tokens, costNanos, savedNanos, latency, timeToFirstToken, ...counts } = figures;
  differ(`counts of ${name}`, counts, plain.counts);
  differ(`tokens of ${name}`, tokens, plain.tokens);
  differ(`cost of ${name}`, costNanos, plain.costNanos);
  differ(`saved of ${name}`, savedNanos, plain.savedNanos);
  compareDurations(`latency of ${name}`, latency, plain.latenciesMs, differ);
  compareDurations(`first token of ${name}`, timeToFirstToken, plain.firstTokensMs, differ);
}

function compareDurations(
  name: string,
  figures: UsageFigures["latency"],
  durationsMs: readonly number[],
  differ: Differ,
): void {
  differ(`whether there is ${name}`, figures !== undefined, durationsMs.length > 0);
  if (figures === undefined) return;
  const sorted = durationsMs.toSorted((a, b) => a - b);
  const micros = durationsMs.reduce((sum, ms) => sum + Math.floor(ms * 1000 + 0.5), 0);
  const averageMs = micros / durationsMs.length / 1000;
  // A last digit may be lost in this sum of doubles.
  differ(`average ${name}`, isWithin(figures.averageMs, averageMs, 1e-12) || figures.averageMs, true);
  for (const [percent, found] of [
    [50, figures.p50Ms],
    [95, figures.p95Ms],
    [99, figures.p99Ms],
  ] as const) {
    const exact = sorted[Math.ceil((percent * sorted.length) / 100) - 1] ?? Number.NaN;
    differ(`p${percent} of ${name}, ${exact}`, isWithin(found, exact, 0.01) || found, true);
  }
}

const isWithin = (found: number, wanted: number, share: number): boolean =>
  Math.abs(found - wanted) <= wanted * share;

const show = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === "bigint" ? `${member}n` : member === undefined ? "undefined" : member,
  );

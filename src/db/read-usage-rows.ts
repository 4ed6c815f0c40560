// Rows of a usage report's statements as figures.

import { valueOf } from "../core/usage/latency-sketch.ts";
import type { DurationFigures, UsageFigures, UsageTokens } from "../core/usage/usage-report.ts";
import { savedColumn, tokenColumns } from "./read-usage-columns.ts";

export type UsageRow = Readonly<Record<string, unknown>>;

export function rowsOf(answer: unknown): UsageRow[] {
  if (!Array.isArray(answer) || !answer.every(isRow)) throw new Error("The database answered no rows.");
  return answer;
}

const isRow = (value: unknown): value is UsageRow => typeof value === "object" && value !== null;

export const countOf = (row: UsageRow, name: string): bigint => wholeOf(row, name) ?? 0n;

export function textOf(row: UsageRow, name: string): string | null {
  const value = row[name] ?? null;
  if (value === null || typeof value === "string") return value;
  throw new Error(`The database answered ${typeof value} for ${name}.`);
}

/** @param withoutCost of the group's requests that have no cost of their own, where there are any */
export function figuresOf(row: UsageRow, withoutCost: UsageRow | undefined): UsageFigures {
  const rows = withoutCost === undefined ? [row] : [row, withoutCost];
  const countBoth = (name: string) => rows.reduce((sum, each) => sum + countOf(each, name), 0n);
  const sumBoth = (column: string) => sumOf(rows, column);
  return {
    calls: countOf(row, "calls"),
    attempts: countBoth("attempts"),
    errors: countOf(row, "errors"),
    fallbacks: countOf(row, "fallbacks"),
    cacheHits: countOf(row, "cache_hits"),
    tokens: tokensOf(sumBoth),
    costNanos: sumBoth("cost_nanos") ?? null,
    savedNanos: sumOf([row], savedColumn) ?? null,
    unpriced: countOf(row, "unpriced"),
    latency: durationsOf(row, "latency"),
    timeToFirstToken: durationsOf(row, "first_token"),
  };
}

/** The figures of nothing. */
export const noFigures: UsageFigures = figuresOf({}, undefined);

function tokensOf(sum: (column: string) => bigint | undefined): UsageTokens {
  return {
    input: sum(tokenColumns.input),
    inputUncached: sum(tokenColumns.inputUncached),
    inputCacheRead: sum(tokenColumns.inputCacheRead),
    inputCacheWrite: sum(tokenColumns.inputCacheWrite),
    inputAudio: sum(tokenColumns.inputAudio),
    output: sum(tokenColumns.output),
    outputText: sum(tokenColumns.outputText),
    outputReasoning: sum(tokenColumns.outputReasoning),
    outputAudio: sum(tokenColumns.outputAudio),
  };
}

/** Of a column whose sum was read as two, see `sums`. Undefined where no value is known. */
export function sumOf(rows: readonly UsageRow[], column: string): bigint | undefined {
  let sum: bigint | undefined;
  for (const row of rows) {
    const high = wholeOf(row, `${column}_high`);
    const low = wholeOf(row, `${column}_low`);
    if (high !== undefined && low !== undefined) sum = (sum ?? 0n) + (high << 32n) + low;
  }
  return sum;
}

function durationsOf(row: UsageRow, name: string): DurationFigures | undefined {
  const count = countOf(row, `${name}_count`);
  const micros = countOf(row, `${name}_micros`);
  const buckets = textOf(row, `${name}_buckets`);
  if (count === 0n || buckets === null) return undefined;
  const [p50Ms = 0, p95Ms = 0, p99Ms = 0] = bucketsOf(buckets).map(valueOf);
  return { averageMs: Number(micros) / Number(count) / 1000, p50Ms, p95Ms, p99Ms };
}

function bucketsOf(json: string): number[] {
  const buckets: unknown = JSON.parse(json);
  return Array.isArray(buckets) ? buckets.map(Number) : [];
}

function wholeOf(row: UsageRow, name: string): bigint | undefined {
  const text = textOf(row, name);
  return text === null ? undefined : BigInt(text);
}

// What a usage report's statements compute of many rows.

import type { UsageTokens } from "../core/usage/usage-report.ts";
import type { UsageDialect } from "./read-usage-dialect.ts";

export const tokenColumns = {
  input: "input_tokens",
  inputUncached: "input_tokens_uncached",
  inputCacheRead: "input_tokens_cache_read",
  inputCacheWrite: "input_tokens_cache_write",
  inputAudio: "input_tokens_audio",
  output: "output_tokens",
  outputText: "output_tokens_text",
  outputReasoning: "output_tokens_reasoning",
  outputAudio: "output_tokens_audio",
} as const satisfies Record<keyof UsageTokens, string>;

/** Of requests alone: attempts save nothing. */
export const savedColumn = "saved_nanos";

export const countIf = (condition: string): string => `sum(case when ${condition} then 1 else 0 end)`;

const summedColumns: readonly string[] = [...Object.values(tokenColumns), "cost_nanos"];

/**
 * The exact sums of columns, by default of tokens and cost, each as two: a sum of 64-bit integers may need more than 64 bits, and
 * SQLite has no more. Null where no value is known.
 */
export function sums(
  table: "r" | "a",
  valueOf: (column: string) => string,
  columns = summedColumns,
): Record<string, string> {
  return Object.fromEntries(
    columns.flatMap((column) => {
      const value = valueOf(`${table}.${column}`);
      return [
        [`${column}_high`, `sum((${value}) >> 32)`],
        [`${column}_low`, `sum((${value}) & 4294967295)`],
      ];
    }),
  );
}

/** Durations are summed in whole microseconds: sums of fractions depend on their order. */
export function durations(name: string, value: string, dialect: UsageDialect): Record<string, string> {
  return {
    [`${name}_count`]: `count(${value})`,
    [`${name}_micros`]: `sum(cast(floor((${value}) * 1000 + 0.5) as bigint))`,
    [`${name}_buckets`]: dialect.percentileBuckets(value),
  };
}

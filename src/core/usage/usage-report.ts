// What was used: figures of calls in groups and intervals of time.

import type { RequestStatus } from "./ledger.ts";

export type UsageDimension =
  | "tenant"
  | "apiKey"
  | "user"
  | "provider"
  | "model"
  | "route"
  | "useCase"
  | "status"
  | "environment";

export type UsageInterval = "quarter_hour" | "hour" | "day" | "week" | "month";

/** Each list that is given has to hold the call's value. */
export interface UsageFilter {
  readonly tenants?: readonly string[] | undefined;
  readonly apiKeys?: readonly string[] | undefined;
  readonly users?: readonly string[] | undefined;
  /** Of attempts: with these two, only the attempts there are counted. */
  readonly providers?: readonly string[] | undefined;
  readonly models?: readonly string[] | undefined;
  readonly routes?: readonly string[] | undefined;
  readonly useCases?: readonly string[] | undefined;
  readonly statuses?: readonly RequestStatus[] | undefined;
  readonly environments?: readonly ("live" | "test")[] | undefined;
}

export interface UsageQuestion {
  readonly fromMs: number;
  /** Itself left out. */
  readonly toMs: number;
  readonly groupBy: readonly UsageDimension[];
  /** Absent: one interval from beginning to end. */
  readonly interval?: UsageInterval | undefined;
  /** IANA name, as `Europe/Berlin`: where hours, days, weeks (from Monday) and months begin. */
  readonly timeZone: string;
  readonly filter: UsageFilter;
}

/** Sums of what is known; undefined where nothing is. */
export interface UsageTokens {
  readonly input: bigint | undefined;
  readonly inputUncached: bigint | undefined;
  readonly inputCacheRead: bigint | undefined;
  readonly inputCacheWrite: bigint | undefined;
  readonly inputAudio: bigint | undefined;
  readonly output: bigint | undefined;
  readonly outputText: bigint | undefined;
  readonly outputReasoning: bigint | undefined;
  readonly outputAudio: bigint | undefined;
}

/** Percentiles are within 1 % of the value at their rank (nearest rank). */
export interface DurationFigures {
  readonly averageMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/**
 * Figures of a group. Where it groups attempts (by provider or model, or filtered by them), tokens, cost,
 * durations and errors are those of the attempts there, and `calls` the requests with an attempt there.
 */
export interface UsageFigures {
  readonly calls: bigint;
  readonly attempts: bigint;
  /** Calls that failed or were interrupted; of attempts, those that failed. */
  readonly errors: bigint;
  /** Calls of which another target than the first was asked; of attempts, calls that came here so. */
  readonly fallbacks: bigint;
  /** Calls answered from the cache; none of attempts. */
  readonly cacheHits: bigint;
  readonly tokens: UsageTokens;
  /** What is known to have been paid; null where nothing is known. */
  readonly costNanos: bigint | null;
  /** What calls would have cost that were given another call's answer; null where nothing is known, and of attempts. */
  readonly savedNanos: bigint | null;
  /** Calls (of attempts: attempts) that ended with a cost that is not known. */
  readonly unpriced: bigint;
  /** Undefined where none has ended. */
  readonly latency: DurationFigures | undefined;
  /** Undefined where none was streamed. */
  readonly timeToFirstToken: DurationFigures | undefined;
}

/** The values that a group has in common; a dimension that was not grouped by is absent, a value that is not known null. */
export type UsageKey = Readonly<Partial<Record<UsageDimension, string | null>>>;

export interface UsageGroup {
  readonly fromMs: number;
  readonly toMs: number;
  readonly key: UsageKey;
  readonly figures: UsageFigures;
}

export interface UsageReport {
  readonly totals: UsageFigures;
  /** By interval, then calls (most first), then key; groups without a call are left out. */
  readonly groups: readonly UsageGroup[];
  /** Sentences for whoever reads the report, as about models without a price. */
  readonly warnings: readonly string[];
}

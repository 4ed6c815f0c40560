// What of a usage report's statements differs between the databases.

import type { SqlEntityManager } from "@mikro-orm/sqlite";
import type { SqlText } from "./sql-text.ts";

export interface UsageRange {
  /** Undefined: every tenant's. */
  readonly tenantIds: readonly string[] | undefined;
  readonly edgesMs: readonly number[];
}

/** The requests `r` of a range. */
export interface UsageSource {
  /** Stands before `select`. */
  readonly before: SqlText;
  /** The number of a request's interval, from 0. */
  readonly interval: SqlText;
  readonly from: string;
  readonly where: SqlText;
}

export interface UsageDialect {
  source(range: UsageRange): UsageSource;
  /** The buckets of the latency sketch at `reportPercents`, as a JSON list; null without durations. */
  percentileBuckets(duration: string): string;
  /** Runs readings that see one state of the database. */
  reading<T>(em: SqlEntityManager, read: (em: SqlEntityManager) => Promise<T>): Promise<T>;
}

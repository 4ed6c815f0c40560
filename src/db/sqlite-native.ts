// What is used of the driver itself (better-sqlite3), beneath MikroORM. The driver brings no types of its own.

import type { SqliteDatabase } from "kysely";

export interface NativeStatement {
  /** Whether it gives rows. */
  readonly reader: boolean;
  /** Whether it leaves the file as it is. */
  readonly readonly: boolean;
  run(...values: unknown[]): { readonly changes: number };
  all(...values: unknown[]): unknown[];
}

export interface NativeDatabase {
  prepare(sql: string): NativeStatement;
  exec(sql: string): unknown;
  /** Adds a function that makes one value of many rows. */
  aggregate<T>(
    name: string,
    options: {
      readonly deterministic: boolean;
      readonly start: () => T;
      readonly step: (total: T, value: unknown) => void;
      readonly result: (total: T) => string | null;
    },
  ): unknown;
  readonly inTransaction: boolean;
  /** A second time it does nothing. */
  close(): unknown;
}

/** As Kysely, and with it MikroORM, takes it too. */
export type NativeConnection = NativeDatabase & SqliteDatabase;

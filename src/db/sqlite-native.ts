// What is used of the driver itself (better-sqlite3), beneath MikroORM. The driver brings no types of its own.

export interface NativeStatement {
  run(...values: unknown[]): { readonly changes: number };
  all(...values: unknown[]): unknown[];
}

export interface NativeDatabase {
  prepare(sql: string): NativeStatement;
  exec(sql: string): unknown;
  readonly inTransaction: boolean;
}

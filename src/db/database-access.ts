// How statements are run on a database, whichever it is. Nothing here needs MikroORM.

export type StatementValue = string | number | Uint8Array | null;

/** Runs a statement with a `?` for each value. */
export type RunStatement = (text: string, values: readonly StatementValue[]) => Promise<readonly unknown[]>;

/** What a transaction came to. */
export interface Ended<T> {
  /** Whether what was written stays. */
  readonly keep: boolean;
  readonly value: T;
}

export interface DatabaseAccess {
  /** A transaction of its own. */
  readonly run: RunStatement;
  /** Runs one statement for each of the values; those before one that fails may stay. */
  runEach(text: string, values: readonly (readonly StatementValue[])[]): Promise<void>;
  /** Reads and writes; an error leaves nothing of it. Each statement sees what others have written until then. */
  change<T>(work: (run: RunStatement) => Promise<Ended<T>>): Promise<T>;
  /** Reads one state of the database. */
  snapshot<T>(work: (run: RunStatement) => Promise<T>): Promise<T>;
}

/** SQLSTATE 23505, and what SQLite says where a value has to be one of a kind. */
export const isTaken = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  /^(23505|SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY))$/.test(String(error.code));

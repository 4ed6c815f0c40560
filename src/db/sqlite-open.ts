// Opens the SQLite database to write: takes its lock, brings its tables up to date and closes what an earlier
// process left open. Or opens it beside that, to read.

import { realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import Database from "better-sqlite3";
import { DatabaseError } from "./database-url.ts";
import { migrationsTable, missingMigrations } from "./migrations/migration.ts";
import { sqliteMigrations } from "./migrations/sqlite/list.ts";
import { inTransaction } from "./sqlite-transaction.ts";
import { type FileLock, lockDatabaseFile } from "./sqlite-lock.ts";
import type { NativeConnection, NativeDatabase } from "./sqlite-native.ts";
import { sqliteFailure } from "./sqlite-failure.ts";

export interface OpenSqlite {
  readonly native: NativeConnection;
  close(): void;
}

export interface OpenSqliteToWrite extends OpenSqlite {
  /**
   * SQLite goes on writing a file that was removed or replaced, where nobody finds it again.
   * @throws DatabaseError
   */
  assertInPlace(): void;
}

/** How long a statement waits for another program that has the file locked, before it fails. */
const busyTimeoutMs = 1000;

/**
 * @param file undefined: in memory
 * @param interruptOpen whether calls that are still open were left so by an earlier process
 * @throws DatabaseError
 */
export async function openSqlite(
  file: string | undefined,
  interruptOpen: boolean,
): Promise<OpenSqliteToWrite> {
  if (file === undefined) {
    return { ...(await openLocked(":memory:", interruptOpen)), assertInPlace: () => undefined };
  }
  let lock: FileLock | undefined;
  const resolved = resolve(file);
  try {
    const real = realPathOf(resolved);
    lock = lockDatabaseFile(real);
    const database = await openLocked(real, interruptOpen);
    const held = lock;
    return {
      ...database,
      assertInPlace: placeCheckOf(resolved),
      close() {
        database.close();
        held.release();
      },
    };
  } catch (error) {
    lock?.release();
    throw sqliteFailure(resolved, error);
  }
}

/** @throws DatabaseError */
export function openSqliteToRead(file: string): OpenSqlite {
  const resolved = resolve(file);
  try {
    const native = new Database(realPathOf(resolved), { readonly: true });
    native.exec(`pragma busy_timeout = ${busyTimeoutMs}`);
    return { native, close: () => void native.close() };
  } catch (error) {
    throw sqliteFailure(resolved, error);
  }
}

async function openLocked(name: string, interruptOpen: boolean): Promise<OpenSqlite> {
  const native = new Database(name);
  try {
    native.exec(`pragma busy_timeout = ${busyTimeoutMs}`);
    native.exec("pragma journal_mode = wal");
    native.exec("pragma synchronous = normal");
    await migrate(native);
    if (interruptOpen) native.exec("update requests set status = 'interrupted' where status = 'open'");
    return { native, close: () => void native.close() };
  } catch (error) {
    native.close();
    throw error;
  }
}

function placeCheckOf(file: string): () => void {
  const opened = statSync(file, { bigint: true });
  return () => {
    const found = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (found?.ino === opened.ino && found.dev === opened.dev) return;
    throw new DatabaseError(
      `DATABASE_URL names ${basename(file)}, which was removed or replaced while the gateway had it open. ` +
        "Put it back, or restart the gateway: a new one is then made",
    );
  };
}

async function migrate(native: NativeDatabase): Promise<void> {
  const missing = missingMigrations(sqliteMigrations, migrationsDone(native));
  if (missing.length === 0) return;
  const loaded = await Promise.all(
    missing.map(async ({ name, load }) => ({ name, statements: await load() })),
  );
  inTransaction(native, () => {
    native.exec(
      `create table if not exists ${migrationsTable} (name text not null primary key, executed_at text not null
       default current_timestamp)`,
    );
    const remember = native.prepare(`insert into ${migrationsTable} (name) values (?)`);
    for (const { name, statements } of loaded) {
      for (const statement of statements) native.exec(statement);
      remember.run(name);
    }
  });
}

function migrationsDone(native: NativeDatabase): readonly string[] {
  const tables = native
    .prepare("select name from sqlite_schema where type = 'table' and name = ?")
    .all(migrationsTable);
  if (tables.length === 0) return [];
  const rows = native.prepare(`select name from ${migrationsTable}`).all();
  return rows.map((row) => String(typeof row === "object" && row && "name" in row ? row.name : ""));
}

/** One file has one lock, whichever of its names it is opened by. */
function realPathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    // It is to be made.
    return join(realpathSync(dirname(file)), basename(file));
  }
}

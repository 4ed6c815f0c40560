// Opens the SQLite database: takes its lock, brings its tables up to date and closes what an earlier process
// left open.

import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { MikroORM } from "@mikro-orm/sqlite";
import { DatabaseError } from "./database-url.ts";
import { ProviderAttemptEntity } from "./entities/provider-attempt-entity.ts";
import { RequestBodyEntity } from "./entities/request-body-entity.ts";
import { RequestEntity } from "./entities/request-entity.ts";
import { sqliteMigrations } from "./migrations/sqlite/list.ts";
import { type FileLock, lockDatabaseFile } from "./sqlite-lock.ts";
import type { NativeDatabase } from "./sqlite-native.ts";
import { openError } from "./sqlite-open-error.ts";

export interface OpenSqlite {
  readonly orm: MikroORM;
  readonly native: NativeDatabase;
  close(): Promise<void>;
}

const migrationsTable = "schema_migrations";
/** How long a statement waits for another program that has the file locked, before it fails. */
const busyTimeoutMs = 1000;

/**
 * @param file undefined: in memory
 * @param interruptOpen whether calls that are still open were left so by an earlier process
 * @throws DatabaseError
 */
export async function openSqlite(file: string | undefined, interruptOpen: boolean): Promise<OpenSqlite> {
  if (file === undefined) return openLocked(":memory:", interruptOpen);
  let lock: FileLock | undefined;
  const resolved = resolve(file);
  try {
    const real = realPathOf(resolved);
    lock = lockDatabaseFile(real);
    const database = await openLocked(real, interruptOpen);
    const held = lock;
    return {
      ...database,
      async close() {
        await database.close();
        held.release();
      },
    };
  } catch (error) {
    lock?.release();
    throw openError(resolved, error);
  }
}

async function openLocked(name: string, interruptOpen: boolean): Promise<OpenSqlite> {
  const orm = new MikroORM({
    dbName: name,
    entities: [RequestEntity, ProviderAttemptEntity, RequestBodyEntity],
    migrations: { tableName: migrationsTable, snapshot: false, silent: true },
  });
  try {
    await orm.connect();
    const native: NativeDatabase = await orm.driver.getConnection().getNativeClient();
    native.exec(`pragma busy_timeout = ${busyTimeoutMs}`);
    native.exec("pragma journal_mode = wal");
    native.exec("pragma synchronous = normal");
    await migrate(orm, native);
    if (interruptOpen) native.exec("update requests set status = 'interrupted' where status = 'open'");
    return { orm, native, close: () => orm.close(true) };
  } catch (error) {
    await orm.close(true);
    throw error;
  }
}

async function migrate(orm: MikroORM, native: NativeDatabase): Promise<void> {
  const done = migrationsDone(native);
  const names = new Set<string>(sqliteMigrations.map(({ name }) => name));
  const unknown = [...done].filter((name) => !names.has(name));
  if (unknown.length > 0) {
    throw new DatabaseError(
      `DATABASE_URL names a database that a newer version has changed (${unknown.join(", ")}). Start that ` +
        "version, or name another file.",
    );
  }
  if (done.size === names.size) return;
  const { Migrator } = await import("@mikro-orm/migrations");
  const list = sqliteMigrations.map(async ({ name, load }) => ({ name, class: await load() }));
  orm.config.set("migrations", { ...orm.config.get("migrations"), migrationsList: await Promise.all(list) });
  await new Migrator(orm.em).up();
}

function migrationsDone(native: NativeDatabase): Set<string> {
  const tables = native
    .prepare("select name from sqlite_schema where type = 'table' and name = ?")
    .all(migrationsTable);
  if (tables.length === 0) return new Set();
  const rows = native.prepare(`select name from ${migrationsTable}`).all();
  return new Set(rows.map((row) => String(typeof row === "object" && row && "name" in row ? row.name : "")));
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

import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { DatabaseInspection } from "./database-inspection.ts";
import { migrationsTable, missingMigrations } from "./migrations/migration.ts";
import { sqliteMigrations } from "./migrations/sqlite/list.ts";
import { sqliteFailure } from "./sqlite-failure.ts";

/** @throws DatabaseError */
export function inspectSqlite(file: string): DatabaseInspection {
  const path = resolve(file);
  const place = `SQLite, ${path}`;
  try {
    // Its journal and lock stand beside it.
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(dirname(path));
    const freeBytes = bavail * bsize;
    if (!existsSync(path)) {
      return {
        place,
        state: "to_be_made",
        missingMigrations: [],
        file: { path, mode: undefined, freeBytes },
      };
    }
    accessSync(path, constants.R_OK | constants.W_OK);
    const missing = missingMigrations(sqliteMigrations, migrationsDone(path)).map(({ name }) => name);
    const mode = statSync(path).mode & 0o777;
    return { place, state: "there", missingMigrations: missing, file: { path, mode, freeBytes } };
  } catch (error) {
    throw sqliteFailure(path, error);
  }
}

function migrationsDone(path: string): readonly string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = database.prepare("select name from sqlite_schema where type = 'table' and name = ?");
    if (tables.get(migrationsTable) === undefined) return [];
    return database
      .prepare(`select name from ${migrationsTable}`)
      .all()
      .map(({ name }) => String(name));
  } finally {
    database.close();
  }
}

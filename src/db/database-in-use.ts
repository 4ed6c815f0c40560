import { existsSync, realpathSync } from "node:fs";
import { DatabaseError, parseDatabaseUrl } from "./database-url.ts";
import { lockDatabaseFile } from "./sqlite-lock.ts";
import { sqliteFailure } from "./sqlite-failure.ts";

/**
 * The SQLite file that a gateway has open now, and that no second one may open.
 * @throws DatabaseError for a URL that names no database, or a file that cannot be used
 */
export function databaseInUse(url: string): string | undefined {
  const location = parseDatabaseUrl(url);
  if (location.kind !== "sqlite" || location.file === undefined || !existsSync(location.file))
    return undefined;
  const file = realpathSync(location.file);
  try {
    lockDatabaseFile(file).release();
    return undefined;
  } catch (error) {
    if (error instanceof DatabaseError) return file;
    throw sqliteFailure(file, error);
  }
}

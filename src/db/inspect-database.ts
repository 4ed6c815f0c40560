// Looks at the database that a gateway would open, and changes nothing: no lock, no migration.

import type { Clock } from "../core/clock.ts";
import { parseDatabaseUrl } from "./database-url.ts";

export interface DatabaseInspection {
  /** What it is, without user and password. */
  readonly place: string;
  readonly state: "in_memory" | "to_be_made" | "there";
  /** Names of what the next start does to its tables. */
  readonly missingMigrations: readonly string[];
  /** By its own clock, milliseconds since 1970; absent for a file. */
  readonly epochMs?: number;
  /** Absent for a server. */
  readonly file?: InspectedFile;
}

export interface InspectedFile {
  readonly path: string;
  /** Its permissions, as of chmod; undefined while it does not exist. */
  readonly mode: number | undefined;
  /** On its disk. */
  readonly freeBytes: number;
}

/** @throws DatabaseError with what to mend */
export async function inspectDatabase(url: string, clock: Clock): Promise<DatabaseInspection> {
  const location = parseDatabaseUrl(url);
  if (location.kind === "postgres") {
    const { inspectPostgres } = await import("./inspect-postgres.ts");
    return inspectPostgres(location, clock);
  }
  if (location.file === undefined) {
    return { place: "SQLite in memory", state: "in_memory", missingMigrations: [] };
  }
  const { inspectSqlite } = await import("./inspect-sqlite.ts");
  return inspectSqlite(location.file);
}

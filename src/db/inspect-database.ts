// Looks at the database that a gateway would open, and changes nothing: no lock, no migration.

import type { Clock } from "../core/clock.ts";
import type { DatabaseInspection } from "./database-inspection.ts";
import { parseDatabaseUrl } from "./database-url.ts";

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

// What brings a database's tables up to date: lists of statements, each list under a name that the database
// remembers. All that are missing run in one transaction under a lock, so that an interrupted start leaves nothing
// behind and two starts do not meet.

import { DatabaseError } from "../database-url.ts";

export interface Migration {
  /** Never changed. */
  readonly name: string;
  /** The statements; a start that has nothing to migrate does not load them. */
  readonly load: () => Promise<readonly string[]>;
}

export const migrationsTable = "schema_migrations";

/** @throws DatabaseError for a database that a newer version has changed */
export function missingMigrations(all: readonly Migration[], done: readonly string[]): readonly Migration[] {
  const unknown = done.filter((name) => !all.some((migration) => migration.name === name));
  if (unknown.length === 0) return all.filter(({ name }) => !done.includes(name));
  throw new DatabaseError(
    `DATABASE_URL names a database that a newer version has changed (${unknown.join(", ")}). Start that ` +
      "version, or name another one.",
  );
}

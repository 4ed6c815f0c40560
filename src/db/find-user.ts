// Looks a user up beside a gateway that may have the database open: takes no lock and changes nothing.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Clock } from "../core/clock.ts";
import type { FoundUser } from "../core/directory/directory-store.ts";
import type { RunStatement } from "./database-access.ts";
import { DatabaseError, parseDatabaseUrl, type PostgresLocation } from "./database-url.ts";
import { usersByEmail } from "./directory/find-users.ts";

export interface WantedUser {
  /** As the directory keeps it: ASCII, lower case. */
  readonly email: string;
  readonly tenantId: string;
}

/** @throws DatabaseError with what to mend, also where no gateway has made its tables yet */
export async function findUser(
  url: string,
  wanted: WantedUser,
  clock: Clock,
): Promise<FoundUser | undefined> {
  const location = parseDatabaseUrl(url);
  if (location.kind === "postgres") return findInPostgres(location, wanted, clock);
  if (location.file === undefined) {
    throw new DatabaseError(
      "DATABASE_URL is sqlite::memory:, which only the gateway's own process can read.",
    );
  }
  return findInSqlite(location.file, wanted);
}

async function findInSqlite(file: string, wanted: WantedUser): Promise<FoundUser | undefined> {
  const place = `DATABASE_URL names ${resolve(file)}, which`;
  if (!existsSync(file)) throw noUsers(place);
  const [{ openSqliteToRead }, { createSqliteAccess }, { sqliteFailure }] = await Promise.all([
    import("./sqlite-open.ts"),
    import("./sqlite-access.ts"),
    import("./sqlite-failure.ts"),
  ]);
  const opened = openSqliteToRead(file);
  try {
    return await find(createSqliteAccess(opened.native, () => undefined).run, wanted);
  } catch (error) {
    throw lacksTables(error) ? noUsers(place) : sqliteFailure(resolve(file), error);
  } finally {
    opened.close();
  }
}

async function findInPostgres(
  location: PostgresLocation,
  wanted: WantedUser,
  clock: Clock,
): Promise<FoundUser | undefined> {
  const [{ openPostgres }, { createPostgresAccess }, { postgresFailure }] = await Promise.all([
    import("./postgres-open.ts"),
    import("./postgres-access.ts"),
    import("./postgres-failure.ts"),
  ]);
  const { label } = location;
  // The fewest that the pool takes.
  const opened = openPostgres({ location, poolMax: 2, clock });
  const explain = (error: unknown): DatabaseError =>
    lacksTables(error) ? noUsers(`The PostgreSQL database ${label}`) : postgresFailure(label, error);
  try {
    return await find(
      createPostgresAccess({ pool: opened.pool, explain, takeTurn: (work) => work() }).run,
      wanted,
    );
  } finally {
    await opened.close();
  }
}

async function find(run: RunStatement, { email, tenantId }: WantedUser): Promise<FoundUser | undefined> {
  const [found] = await usersByEmail(run, email, tenantId);
  return found;
}

/** SQLSTATE 42P01 and 42703, and how SQLite says it: an older gateway had no users. */
const lacksTables = (error: unknown): boolean =>
  error instanceof Error &&
  (("code" in error && /^42(P01|703)$/.test(String(error.code))) ||
    /no such (table|column)/.test(error.message));

const noUsers = (place: string): DatabaseError =>
  new DatabaseError(`${place} has no users yet. Run \`npm run setup\` first.`);

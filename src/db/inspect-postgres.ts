import type { Clock } from "../core/clock.ts";
import { DatabaseError, type PostgresLocation } from "./database-url.ts";
import type { DatabaseInspection } from "./database-inspection.ts";
import { migrationsTable, missingMigrations } from "./migrations/migration.ts";
import { postgresMigrations } from "./migrations/postgres/list.ts";
import { postgresFailure } from "./postgres-failure.ts";
import type { NativeClient } from "./postgres-native.ts";
import { openPostgres } from "./postgres-open.ts";
import { checkVersion } from "./postgres-start.ts";

/** @throws DatabaseError */
export async function inspectPostgres(location: PostgresLocation, clock: Clock): Promise<DatabaseInspection> {
  const { label } = location;
  try {
    // The fewest that the pool takes.
    const opened = openPostgres({ location, poolMax: 2, clock });
    try {
      const client = await opened.pool.connect();
      const seen = await look(client, label).finally(() => client.release(true));
      return { place: `PostgreSQL, ${label}`, ...seen };
    } finally {
      await opened.close();
    }
  } catch (error) {
    throw postgresFailure(label, error);
  }
}

async function look(client: NativeClient, label: string): Promise<Omit<DatabaseInspection, "place">> {
  await checkVersion(client);
  const [state] = await rows(
    client,
    `select extract(epoch from clock_timestamp()) * 1000 as epoch_ms,
      pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on' as read_only,
      to_regclass('${migrationsTable}')::text as migrations,
      coalesce(has_schema_privilege(current_schema(), 'CREATE'), false) as may_create`,
  );
  if (state?.["read_only"] === true) {
    throw new DatabaseError(
      `The PostgreSQL database ${label} can only be read: it is a standby, or set to read-only. Name the ` +
        "primary server.",
    );
  }
  const done = await migrationsDone(client, typeof state?.["migrations"] === "string");
  const missing = missingMigrations(postgresMigrations, done).map(({ name }) => name);
  if (missing.length > 0 && state?.["may_create"] !== true) {
    throw new DatabaseError(
      `The PostgreSQL database ${label} does not let this user create tables. Grant it CREATE on its schema.`,
    );
  }
  if (done.length > 0) await checkMayWrite(client, label);
  return {
    state: done.length === 0 ? "to_be_made" : "there",
    missingMigrations: missing,
    epochMs: Number(state?.["epoch_ms"]),
  };
}

async function migrationsDone(client: NativeClient, known: boolean): Promise<readonly string[]> {
  if (!known) return [];
  return (await rows(client, `select name from ${migrationsTable}`)).map(({ name }) => String(name));
}

async function checkMayWrite(client: NativeClient, label: string): Promise<void> {
  const [right] = await rows(
    client,
    "select has_table_privilege('requests', 'INSERT') and has_table_privilege('requests', 'UPDATE') as may_write",
  );
  if (right?.["may_write"] === true) return;
  throw new DatabaseError(
    `The PostgreSQL database ${label} does not let this user write its tables. Grant it INSERT and UPDATE.`,
  );
}

type Row = Readonly<Record<string, unknown>>;

const isRow = (row: unknown): row is Row => typeof row === "object" && row !== null;

const rows = async (client: NativeClient, text: string): Promise<readonly Row[]> =>
  (await client.query({ text })).rows.filter(isRow);

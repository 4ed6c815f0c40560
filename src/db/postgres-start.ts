// What a start does to a PostgreSQL database before it serves: its version, its tables, and the calls that
// earlier processes left open. Several gateways may share a database, so each step stands under a lock.

import { DatabaseError } from "./database-url.ts";
import { type Migration, migrationsTable, missingMigrations } from "./migrations/migration.ts";
import { postgresMigrations } from "./migrations/postgres/list.ts";
import type { NativeClient } from "./postgres-native.ts";

/** Advisory locks are the database's own: of these numbers in all gateways, and of no meaning to others. */
const migrationLock = "20942, 1";
/** With a gateway's number as the second half of the key. */
const presenceClass = 20_943;

const oldestVersion = 14;

/** @throws DatabaseError, or what the driver says */
export async function checkVersion(client: Pick<NativeClient, "query">): Promise<void> {
  const [version] = await column(client, "select current_setting('server_version') as value");
  if (Number.parseInt(String(version), 10) >= oldestVersion) return;
  throw new DatabaseError(
    `DATABASE_URL names a server of PostgreSQL ${String(version)}. Sluice needs ${oldestVersion} or later.`,
  );
}

/**
 * Brings the tables up to date, in one transaction: a start that is interrupted leaves nothing behind. Starts
 * at the same time wait for each other.
 */
export async function migrate(client: NativeClient): Promise<void> {
  if ((await migrationsToRun(client)).length === 0) return;
  await client.query({ text: "begin" });
  try {
    // A large table may take its time, and so may another gateway that is at it.
    await client.query({ text: "set local statement_timeout = 0" });
    await client.query({ text: `select pg_advisory_xact_lock(${migrationLock})` });
    await client.query({
      text: `create table if not exists ${migrationsTable} (
        name text not null primary key, executed_at timestamptz not null default now())`,
    });
    for (const { name, load } of await migrationsToRun(client)) {
      for (const text of await load()) await client.query({ text });
      await client.query({ text: `insert into ${migrationsTable} (name) values ($1)`, values: [name] });
    }
    await client.query({ text: "commit" });
  } catch (error) {
    // A connection that broke has rolled back.
    await client.query({ text: "rollback" }).catch(() => undefined);
    throw error;
  }
}

async function migrationsToRun(client: NativeClient): Promise<readonly Migration[]> {
  const [table] = await column(client, `select to_regclass('${migrationsTable}')::text as value`);
  const done = table === null ? [] : await column(client, `select name as value from ${migrationsTable}`);
  return missingMigrations(postgresMigrations, done.map(String));
}

/**
 * Says to other gateways that this one lives, for as long as the connection does, and signs with its number the
 * calls that are written over it.
 * @param gateway a positive 32-bit number that no other gateway on the database has
 */
export async function takePresence(client: NativeClient, gateway: number): Promise<void> {
  const text = `select set_config('sluice.gateway', $1::text, false), pg_advisory_lock_shared(${presenceClass}, $2)`;
  await client.query({ text, values: [String(gateway), gateway] });
}

/**
 * Marks the open calls of gateways that are gone as interrupted. One whose connection is lost just then is not seen;
 * its calls are marked too early, and its settlements still replace the mark.
 */
export async function interruptLeftCalls(client: NativeClient): Promise<void> {
  await client.query({
    text: `update requests set status = 'interrupted' where status = 'open' and coalesce(gateway, 0) not in (
      select objid::bigint from pg_locks
      where locktype = 'advisory' and classid = ${presenceClass} and objsubid = 2 and granted
        and database = (select oid from pg_database where datname = current_database()))`,
  });
}

/** The values of the column `value`. */
async function column(client: Pick<NativeClient, "query">, text: string): Promise<unknown[]> {
  const { rows } = await client.query({ text });
  return rows.map((row) =>
    typeof row === "object" && row !== null && "value" in row ? row.value : undefined,
  );
}

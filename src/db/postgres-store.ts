// PostgreSQL behind the port of records. It needs no thread of its own: its driver waits without blocking.

import { randomInt } from "node:crypto";
import type { SqlEntityManager } from "@mikro-orm/postgresql";
import type { Clock } from "../core/clock.ts";
import type { AuditKey } from "../core/directory/secrets.ts";
import { createTurns } from "../core/turns.ts";
import { createAccountingCalls } from "./accounting-calls.ts";
import { type ConfigCalls, createConfigCalls } from "./config-calls.ts";
import { DatabaseError, type PostgresLocation } from "./database-url.ts";
import { createIdempotencyCalls, createStoredKeys, type IdempotencyCalls } from "./idempotency-calls.ts";
import { createPostgresAccess } from "./postgres-access.ts";
import { createPostgresDirectory } from "./postgres-directory.ts";
import { postgresFailure } from "./postgres-failure.ts";
import { createPostgresLink } from "./postgres-link.ts";
import type { NativeClient } from "./postgres-native.ts";
import { type OpenPostgres, openPostgres } from "./postgres-open.ts";
import { checkVersion, interruptLeftCalls, migrate, takePresence } from "./postgres-start.ts";
import { storableValue } from "./storable-text.ts";
import { createPostgresWriter } from "./postgres-write.ts";
import { postgresSpend } from "./read-spend.ts";
import { readKeyUsage } from "./read-key-usage.ts";
import { readBodies, readRequest, readRequests } from "./read-records.ts";
import { postgresUsage } from "./read-usage-postgres.ts";
import { readUsage } from "./read-usage.ts";
import type { DatabaseStore } from "./database-store.ts";
import { createStoredConfigs } from "./stored-configs.ts";
import { answerCall, callingBy } from "./thread-calls.ts";

export interface PostgresStoreOptions {
  readonly location: PostgresLocation;
  /** Connections, at least two: one writes, the others read. */
  readonly poolMax: number;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  readonly auditKeys: () => readonly AuditKey[];
}

const longestChangeWaitMs = 10_000;

/**
 * Changes mostly wait for each other on the server, and readings of records and lists may take long: neither may hold
 * every connection while a call needs one to be let in.
 */
function createPostgresTurns({ poolMax, clock }: PostgresStoreOptions, { connectTimeoutMs }: OpenPostgres) {
  const turns = (others: string, atATime: number, longestWaitMs: number) =>
    createTurns({
      atATime: Math.max(1, Math.floor(atATime)),
      longestWaitMs,
      tooLate: () => new DatabaseError(`The database is busy with other ${others}. Try again later.`),
      clock,
    });
  return {
    toChange: turns("changes", poolMax / 4, longestChangeWaitMs),
    // As for a connection.
    toRead: turns("readings", (poolMax - 2) / 2, connectTimeoutMs),
  };
}

/** @throws DatabaseError */
export async function createPostgresStore(options: PostgresStoreOptions): Promise<DatabaseStore> {
  const { location, clock, warn, auditKeys } = options;
  let closed = false;
  const explain = (error: unknown) =>
    closed ? new DatabaseError("The database is closed.") : postgresFailure(location.label, error);
  const database = openPostgres(options);
  const { orm, pool, answerTimeoutMs } = database;
  // A second gateway of the same number would be taken for this one.
  const gateway = randomInt(1, 2 ** 31);
  const first = await firstConnection(database, gateway).catch(async (error: unknown) => {
    await database.close();
    throw explain(error);
  });
  const link = createPostgresLink(first, {
    pool,
    clock,
    prepare: (client) => prepareToWrite(client, gateway),
    explain,
    warn,
  });
  const write = createPostgresWriter(answerTimeoutMs);
  const { toChange, toRead } = createPostgresTurns(options, database);
  const access = createPostgresAccess({ pool, explain, takeTurn: toChange });
  const configCalls = createConfigCalls(access);
  const accounting = createAccountingCalls(access, postgresSpend);
  const idempotencyCalls = createIdempotencyCalls(access);

  async function read<Q, T>(query: Q, reading: (em: SqlEntityManager, query: Q) => Promise<T>): Promise<T> {
    if (closed) throw new DatabaseError("The database is closed.");
    try {
      // What was written was made storable: what is asked for has to be the same.
      const { em } = await orm();
      return await toRead(() => reading(em.fork(), storableValue(query)));
    } catch (error) {
      throw explain(error);
    }
  }

  return {
    write: (calls, prices) => link.use((client) => write(client, { calls, prices })),
    requests: (query) => read(query, readRequests),
    request: (key) => read(key, readRequest),
    bodies: (key) => read(key, readBodies),
    usage: (query) => read(query, (em, storable) => readUsage(em, storable, postgresUsage)),
    usageByKey: (query) => read(query, (em, storable) => readKeyUsage(em, storable, postgresUsage)),
    spend: (query) => accounting.spend(storableValue(query)),
    forget: (step) => accounting.forget(storableValue(step)),
    configs: createStoredConfigs({
      call: callingBy<keyof ConfigCalls>((call) => answerCall(configCalls, call)),
      clock,
      auditKeys,
    }),
    idempotency: createStoredKeys(
      callingBy<keyof IdempotencyCalls>((call) => answerCall(idempotencyCalls, call)),
    ),
    directory: createPostgresDirectory({ access, orm, clock, auditKeys, explain, takeTurn: toRead }),
    problems: () => (link.isAway ? ["The database cannot be reached: the log says why."] : []),
    cpuMs: async () => 0,
    async close() {
      if (closed) return;
      closed = true;
      link.close();
      await database.close();
    },
  };
}

async function firstConnection({ pool, waitingFor }: OpenPostgres, gateway: number): Promise<NativeClient> {
  const client = await pool.connect();
  try {
    await checkVersion(client);
    await waitingFor(client, migrate(client));
    await prepareToWrite(client, gateway);
    await interruptLeftCalls(client);
    return client;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function prepareToWrite(client: NativeClient, gateway: number): Promise<void> {
  await takePresence(client, gateway);
  await preferIndexes(client);
}

/**
 * All that is written is found by its key. The plan is made once for each connection, maybe when the tables are
 * still small enough to be read whole.
 */
async function preferIndexes(client: NativeClient): Promise<void> {
  for (const way of ["seqscan", "hashjoin", "mergejoin"]) {
    await client.query({ text: `set enable_${way} = off` });
  }
}

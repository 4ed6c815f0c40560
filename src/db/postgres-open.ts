// The pool of connections to PostgreSQL, one a process. It stays open while the server is away, and gives every
// question a bounded time.

import type { MikroORM } from "@mikro-orm/postgresql";
import pg from "pg";
import type { Clock } from "../core/clock.ts";
import type { PostgresLocation } from "./database-url.ts";
import type { NativeClient, NativePool } from "./postgres-native.ts";

export interface OpenPostgres {
  readonly pool: NativePool;
  /** Over the same pool; loaded when it is first asked for, as it takes memory and time that writing needs not. */
  readonly orm: () => Promise<MikroORM>;
  /** How long somebody waits for a connection. */
  readonly connectTimeoutMs: number;
  /** How long the client waits for an answer: longer than the server works on it. */
  readonly answerTimeoutMs: number;
  /** Gives what the client does for it however long it takes. */
  readonly waitingFor: <T>(client: NativeClient, work: Promise<T>) => Promise<T>;
  /** Ends every connection, in time even when the server is gone. */
  close(): Promise<void>;
}

/** To connect, or to get a connection when all are in use; `connect_timeout` (seconds) in the URL replaces it. */
const connectTimeoutSeconds = 3;
/** The server's own limit of a statement; `statement_timeout` in the URL replaces it. */
const statementTimeoutMs = 15_000;
const answerGraceMs = 1000;
const idleTimeoutMs = 60_000;
const keepAliveDelayMs = 10_000;
const closeTimeoutMs = 1000;

/** Connects to nothing yet. */
export function openPostgres(options: {
  readonly location: PostgresLocation;
  readonly poolMax: number;
  readonly clock: Clock;
}): OpenPostgres {
  const { location, poolMax, clock } = options;
  const answerTimeoutMs = timerMs(
    (asked(location, "statement_timeout") ?? statementTimeoutMs) + answerGraceMs,
  );
  const connectTimeoutMs = timerMs((asked(location, "connect_timeout") ?? connectTimeoutSeconds) * 1000);
  const pool = new pg.Pool({
    connectionString: location.url,
    fallback_application_name: "sluice",
    max: poolMax,
    min: Math.min(2, poolMax),
    idleTimeoutMillis: idleTimeoutMs,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveDelayMs,
  });
  let loading: Promise<MikroORM> | undefined;
  const connections = watchConnections(pool, answerTimeoutMs);
  return {
    pool,
    orm: () => (loading ??= import("./postgres-orm.ts").then(({ createOrm }) => createOrm(pool))),
    connectTimeoutMs,
    answerTimeoutMs,
    waitingFor: (client, work) => connections.waitingFor(client, work),
    async close() {
      await within(clock, pool.end());
      await within(clock, connections.ended());
      connections.destroy();
    },
  };
}

/** A number of the URL's; undefined also for 0, which would be no limit. */
function asked({ url }: PostgresLocation, name: string): number | undefined {
  const value = Number(new URL(url).searchParams.get(name));
  return value > 0 ? value : undefined;
}

/** A longer timer of Node's would go off at once. */
const timerMs = (ms: number): number => Math.min(ms, 2 ** 31 - 1);

async function within(clock: Clock, work: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = clock.setTimer(closeTimeoutMs, resolve);
  await Promise.race([work.catch(() => undefined), late]);
  timer.cancel();
}

/**
 * Ends connections on which an answer is waited for and nothing comes for too long: the server has died or hangs
 * without a word, and the pool would hand the connection on to the next question.
 */
function watchConnections(pool: NativePool, silenceMs: number) {
  const open = new Set<NativeClient>();
  const patient = new Set<NativeClient>();
  let onEmpty: (() => void) | undefined;
  // A connection that is lost is told of by who uses it next; without a listener it would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => {
    open.add(client);
    client.on("error", () => undefined);
    client.on("end", () => {
      open.delete(client);
      if (open.size === 0) onEmpty?.();
    });
    const { stream } = client.connection;
    stream.setTimeout(silenceMs);
    // Not as `setTimeout` takes it, which hears of the first silence only: mostly one without a question.
    stream.on("timeout", () => {
      if (!client.readyForQuery && !patient.has(client)) stream.destroy(new Error("Query read timeout"));
    });
  });
  return {
    async waitingFor<T>(client: NativeClient, work: Promise<T>): Promise<T> {
      patient.add(client);
      try {
        return await work;
      } finally {
        patient.delete(client);
      }
    },
    ended: () =>
      new Promise<void>((resolve) => {
        onEmpty = resolve;
        if (open.size === 0) resolve();
      }),
    destroy() {
      for (const { connection } of open) connection.stream.destroy();
    },
  };
}

// The one connection that writes and that tells other gateways of this one. It is made anew whenever it is lost,
// whether or not there is something to write.

import type { Clock, Timer } from "../core/clock.ts";
import { DatabaseError } from "./database-url.ts";
import type { NativeClient, NativePool } from "./postgres-native.ts";

export interface PostgresLink {
  /** There is no connection now. */
  readonly isAway: boolean;
  /** Runs on the connection; whatever it rejects with ends the connection. @throws DatabaseError */
  use<T>(work: (client: NativeClient) => Promise<T>): Promise<T>;
  close(): void;
}

export interface PostgresLinkOptions {
  readonly pool: NativePool;
  readonly clock: Clock;
  /** Makes a fresh connection fit for use. */
  readonly prepare: (client: NativeClient) => Promise<void>;
  readonly explain: (error: unknown) => DatabaseError;
  /** Hears once for each reason why there is no connection. */
  readonly warn: (message: string) => void;
}

const firstRetryMs = 100;
const longestRetryMs = 10_000;

/** @param first a connection that is fit for use */
export function createPostgresLink(first: NativeClient, options: PostgresLinkOptions): PostgresLink {
  const { pool, clock, prepare, explain, warn } = options;
  let client: NativeClient | undefined;
  let connecting: Promise<NativeClient> | undefined;
  let failure: string | undefined;
  let failures = 0;
  let timer: Timer | undefined;
  let closed = false;

  function hold(fresh: NativeClient): void {
    client = fresh;
    failure = undefined;
    failures = 0;
    timer?.cancel();
    fresh.on("error", (error) => drop(fresh, error));
    fresh.on("end", () => drop(fresh, new Error("Connection terminated")));
  }

  function drop(lost: NativeClient, error: unknown): void {
    if (client !== lost) return;
    client = undefined;
    noteFailure(explain(error));
    lost.release(true);
    retryLater();
  }

  function noteFailure({ message }: DatabaseError): void {
    if (message !== failure && !closed) warn(message);
    failure = message;
  }

  function retryLater(): void {
    if (closed) return;
    const delayMs = Math.min(firstRetryMs * 2 ** failures, longestRetryMs);
    failures += 1;
    timer?.cancel();
    timer = clock.setTimer(delayMs, () => void connected().catch(() => undefined));
  }

  async function connect(): Promise<NativeClient> {
    try {
      const fresh = await pool.connect();
      try {
        await prepare(fresh);
        if (closed) throw closedError();
      } catch (error) {
        fresh.release(true);
        throw error;
      }
      hold(fresh);
      return fresh;
    } catch (error) {
      const explained = explain(error);
      noteFailure(explained);
      retryLater();
      throw explained;
    } finally {
      connecting = undefined;
    }
  }

  async function connected(): Promise<NativeClient> {
    if (closed) throw closedError();
    if (client !== undefined) return client;
    connecting ??= connect();
    return connecting;
  }

  hold(first);
  return {
    get isAway() {
      return failure !== undefined;
    },
    async use(work) {
      const held = await connected();
      try {
        return await work(held);
      } catch (error) {
        drop(held, error);
        throw explain(error);
      }
    },
    close() {
      closed = true;
      timer?.cancel();
      client?.release(true);
      client = undefined;
    },
  };
}

const closedError = () => new DatabaseError("The database is closed.");

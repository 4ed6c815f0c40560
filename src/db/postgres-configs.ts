// What is configured at run time, on PostgreSQL: each question takes a connection of the pool for its time.

import type { Clock } from "../core/clock.ts";
import type { ConfigStore } from "../core/managed/config-store.ts";
import { readConfiguration, readVersion, type RunStatement, writeChange } from "./config-statements.ts";
import type { NativeClient, NativePool } from "./postgres-native.ts";

export interface PostgresConfigsOptions {
  readonly pool: NativePool;
  readonly clock: Clock;
  readonly explain: (error: unknown) => Error;
}

export function createPostgresConfigs({ pool, clock, explain }: PostgresConfigsOptions): ConfigStore {
  async function using<T>(work: (client: NativeClient) => Promise<T>): Promise<T> {
    try {
      const client = await pool.connect();
      try {
        const result = await work(client);
        client.release(false);
        return result;
      } catch (error) {
        // An end of the connection also ends its transaction.
        client.release(true);
        throw error;
      }
    } catch (error) {
      throw explain(error);
    }
  }

  const inTransaction = <T>(mode: string, work: (run: RunStatement) => Promise<T>): Promise<T> =>
    using(async (client) => {
      await client.query({ text: `begin ${mode}` });
      const result = await work(runOn(client));
      await client.query({ text: "commit" });
      return result;
    });

  return {
    version: () => using((client) => readVersion(runOn(client))),
    read: () => inTransaction("isolation level repeatable read read only", readConfiguration),
    write: (seen, change) =>
      inTransaction("isolation level read committed", (run) =>
        writeChange(run, { seen, change, epochMs: clock.epochMs() }),
      ),
  };
}

const runOn =
  (client: NativeClient): RunStatement =>
  async (text, values) => {
    let marks = 0;
    return (await client.query({ text: text.replaceAll("?", () => `$${(marks += 1)}`), values })).rows;
  };

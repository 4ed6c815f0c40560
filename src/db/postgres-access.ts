// Statements on PostgreSQL: each question takes a connection of the pool for its time.

import type { TakeTurn } from "../core/turns.ts";
import type { DatabaseAccess, RunStatement } from "./database-access.ts";
import type { NativeClient, NativePool } from "./postgres-native.ts";

export interface PostgresAccessOptions {
  readonly pool: NativePool;
  readonly explain: (error: unknown) => Error;
  /** Of those who change something. */
  readonly takeTurn: TakeTurn;
}

export function createPostgresAccess({ pool, explain, takeTurn }: PostgresAccessOptions): DatabaseAccess {
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

  return {
    run: (text, values) => using((client) => runOn(client)(text, values)),
    // Not in one transaction: two over the same rows could wait for each other.
    runEach: (text, values) =>
      using(async (client) => {
        for (const each of values) await runOn(client)(text, each);
      }),
    change: (work) =>
      takeTurn(() =>
        using(async (client) => {
          await client.query({ text: "begin isolation level read committed" });
          const { keep, value } = await work(runOn(client));
          await client.query({ text: keep ? "commit" : "rollback" });
          return value;
        }),
      ),
    snapshot: (work) =>
      using(async (client) => {
        await client.query({ text: "begin isolation level repeatable read read only" });
        const value = await work(runOn(client));
        await client.query({ text: "commit" });
        return value;
      }),
  };
}

const runOn =
  (client: NativeClient): RunStatement =>
  async (text, values) => {
    let marks = 0;
    return (await client.query({ text: text.replaceAll("?", () => `$${(marks += 1)}`), values })).rows;
  };

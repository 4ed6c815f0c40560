// Statements that serve every database, on a connection of PostgreSQL's pool, which they take for their time.

import type { RunStatement } from "./config-statements.ts";
import type { NativeClient, NativePool } from "./postgres-native.ts";

export interface PostgresPooled {
  using<T>(work: (run: RunStatement) => Promise<T>): Promise<T>;
  /** @param mode as `isolation level read committed` */
  inTransaction<T>(mode: string, work: (run: RunStatement) => Promise<T>): Promise<T>;
}

/** What rejects is explained. */
export function createPostgresPooled(pool: NativePool, explain: (error: unknown) => Error): PostgresPooled {
  async function onClient<T>(work: (client: NativeClient) => Promise<T>): Promise<T> {
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
    using: (work) => onClient((client) => work(runOn(client))),
    inTransaction: (mode, work) =>
      onClient(async (client) => {
        await client.query({ text: `begin ${mode}` });
        const result = await work(runOn(client));
        await client.query({ text: "commit" });
        return result;
      }),
  };
}

const runOn =
  (client: NativeClient): RunStatement =>
  async (text, values) => {
    let marks = 0;
    return (await client.query({ text: text.replaceAll("?", () => `$${(marks += 1)}`), values })).rows;
  };

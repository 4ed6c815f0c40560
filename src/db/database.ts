// The database as the composition root holds it. Nothing that this file loads loads MikroORM: that lives in
// the database's own thread.

import type { Clock } from "../core/clock.ts";
import type { Ledger } from "../core/usage/ledger.ts";
import type { Records } from "../core/usage/records.ts";
import { parseDatabaseUrl } from "./database-url.ts";
import { createRecordQueue } from "./record-queue.ts";
import { createSqliteStore } from "./sqlite-store.ts";
import { createRecords } from "./stored-records.ts";

export interface DatabaseOptions {
  /** `DATABASE_URL` */
  readonly url: string;
  /** Of each body, as JSON in UTF-8. */
  readonly bodyKeepMaxBytes: number;
  /** Calls that may wait to be written. */
  readonly queueMax: number;
  readonly clock: Clock;
  /** Hears what an operator should know: records refused, batches that failed, the database's thread gone. */
  readonly warn: (message: string) => void;
}

export interface Database {
  readonly ledger: Ledger;
  readonly records: Records;
  /** Calls that have no whole record since the start. */
  readonly refused: number;
  /** What an operator should mend, each a sentence; none when all is well. */
  problems(): readonly string[];
  /** Processor time of the database's own thread since it started, in milliseconds. */
  cpuMs(): Promise<number>;
  /** Writes what is queued and closes the file. Never rejects. */
  close(): Promise<void>;
}

/** @throws DatabaseError with a message for the person who starts the gateway */
export async function createDatabase(options: DatabaseOptions): Promise<Database> {
  const { bodyKeepMaxBytes, queueMax, clock, warn } = options;
  const { file } = parseDatabaseUrl(options.url);
  const store = await createSqliteStore({ file, bodyKeepMaxBytes, clock, warn });
  const queue = createRecordQueue({
    write: (calls) => store.write(calls),
    clock,
    warn,
    queueMax,
    bodyKeepMaxBytes,
  });
  return {
    ledger: queue,
    records: createRecords({ store, queue, warn }),
    get refused() {
      return queue.refused;
    },
    problems: () => queue.problems(),
    cpuMs: () => store.cpuMs(),
    async close() {
      await queue.close();
      await store.close();
    },
  };
}

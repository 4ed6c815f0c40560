// The database as the composition root holds it. Nothing that this file loads at once loads MikroORM: SQLite's
// lives in the database's own thread, PostgreSQL's is loaded when its URL is given.

import type { Spend } from "../core/budgets/budget-store.ts";
import type { Clock } from "../core/clock.ts";
import type { DirectoryStore } from "../core/directory/directory-store.ts";
import type { AuditKey } from "../core/directory/secrets.ts";
import type { ConfigStore } from "../core/managed/config-store.ts";
import type { KeptKeys } from "../core/runs/kept-keys.ts";
import type { Ledger } from "../core/usage/ledger.ts";
import type { Records } from "../core/usage/records.ts";
import { parseDatabaseUrl } from "./database-url.ts";
import type { DatabaseStore } from "./database-store.ts";
import { createRecordQueue } from "./record-queue.ts";
import type { RecordStore } from "./record-store.ts";
import { createSpend } from "./stored-spend.ts";
import { createSqliteStore } from "./sqlite-store.ts";
import { createRecords } from "./stored-records.ts";

export interface DatabaseOptions {
  /** `DATABASE_URL` */
  readonly url: string;
  /** `DATABASE_POOL_MAX`: connections to PostgreSQL, at least two; 10 if absent. */
  readonly poolMax?: number;
  /** Of each body, as JSON in UTF-8. */
  readonly bodyKeepMaxBytes: number;
  /** Calls that may wait to be written. */
  readonly queueMax: number;
  readonly clock: Clock;
  /** Hears what an operator should know: records refused, batches that failed, the database's thread gone. */
  readonly warn: (message: string) => void;
  /**
   * The keys of the audit trail's chain, the first for what is new; asked for with each audit entry that is written
   * and each trail that is verified, and not before. Absent: no audit entry can be written.
   */
  readonly auditKeys?: () => readonly AuditKey[];
}

export interface Database {
  readonly ledger: Ledger;
  readonly records: Records;
  /** Rejects with a DatabaseError. */
  readonly spend: Spend;
  /** See `RecordStore.forget`. Rejects with a DatabaseError. */
  readonly forget: RecordStore["forget"];
  readonly configs: ConfigStore;
  readonly directory: DirectoryStore;
  /** Rejects with whatever the database fails with. */
  readonly idempotency: KeptKeys;
  /** Calls that wait to be written. */
  readonly waiting: number;
  /** Calls that have no whole record since the start. */
  readonly refused: number;
  /** What an operator should mend, each a sentence; none when all is well. */
  problems(): readonly string[];
  /** Processor time of the thread that writes SQLite, since it started, in milliseconds. */
  cpuMs(): Promise<number>;
  /** Resolves when all that was taken until now is written, or writing fails. Never rejects. */
  flush(): Promise<void>;
  /** Writes what is queued and closes the file or the connections. Never rejects. */
  close(): Promise<void>;
}

/** @throws DatabaseError with a message for the person who starts the gateway */
export async function createDatabase(options: DatabaseOptions): Promise<Database> {
  const { bodyKeepMaxBytes, queueMax, clock, warn } = options;
  const store = await openStore(options);
  const queue = createRecordQueue({
    write: (calls, prices) => store.write(calls, prices),
    clock,
    warn,
    queueMax,
    bodyKeepMaxBytes,
  });
  return {
    ledger: queue,
    configs: store.configs,
    directory: store.directory,
    idempotency: store.idempotency,
    records: createRecords({ store, queue, warn }),
    spend: createSpend({ store, queue }),
    async forget(step) {
      // It is not come back to: what still waits would stay.
      await queue.flush();
      return store.forget(step);
    },
    get waiting() {
      return queue.waiting;
    },
    get refused() {
      return queue.refused;
    },
    problems: () => [...queue.problems(), ...store.problems()],
    cpuMs: () => store.cpuMs(),
    async flush() {
      await queue.flush();
    },
    async close() {
      await queue.close();
      await store.close();
    },
  };
}

async function openStore(options: DatabaseOptions): Promise<DatabaseStore> {
  const { url, poolMax = 10, clock, warn, auditKeys = () => [] } = options;
  const location = parseDatabaseUrl(url);
  if (location.kind === "sqlite") {
    return createSqliteStore({ file: location.file, clock, warn, auditKeys });
  }
  const { createPostgresStore } = await import("./postgres-store.ts");
  return createPostgresStore({ location, poolMax, clock, warn, auditKeys });
}

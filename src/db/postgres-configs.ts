// What is configured at run time, on PostgreSQL.

import type { Clock } from "../core/clock.ts";
import type { ConfigStore } from "../core/managed/config-store.ts";
import { readConfiguration, readVersion, writeChange } from "./config-statements.ts";
import type { PostgresPooled } from "./postgres-pooled.ts";

export function createPostgresConfigs(pooled: PostgresPooled, clock: Clock): ConfigStore {
  return {
    version: () => pooled.using(readVersion),
    read: () => pooled.inTransaction("isolation level repeatable read read only", readConfiguration),
    write: (seen, change) =>
      pooled.inTransaction("isolation level read committed", (run) =>
        writeChange(run, { seen, change, epochMs: clock.epochMs() }),
      ),
  };
}

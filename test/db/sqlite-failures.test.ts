import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { createDatabase } from "../../src/db/database.ts";
import { databaseFailures } from "./failures.ts";
import { startSql } from "./processes.ts";

databaseFailures("SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-failures-"));
  const file = join(folder, "sluice.db");
  let worker: Worker | undefined;
  return {
    open(options) {
      process.once("worker", (started: Worker) => {
        worker = started;
      });
      return createDatabase({ url: `sqlite:${file}`, bodyKeepMaxBytes: 1000, queueMax: 100, ...options });
    },
    async block() {
      const other = await startSql(file, "begin immediate");
      return () => other.end();
    },
    blocked: /database is locked/,
    sever: async () => void (await worker?.terminate()),
    dispose: () => rm(folder, { recursive: true }),
  };
});

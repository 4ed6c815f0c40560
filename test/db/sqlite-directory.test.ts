import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditKey } from "../../src/core/directory/secrets.ts";
import { createDatabase } from "../../src/db/database.ts";
import { systemClock } from "../../src/system-clock.ts";
import { directoryContract } from "./directory-contract.ts";
import { rowsOf } from "./processes.ts";

const open = (url: string, auditKeys: () => readonly AuditKey[]) =>
  createDatabase({
    url,
    bodyKeepMaxBytes: 1000,
    queueMax: 1000,
    clock: systemClock,
    warn: () => {},
    auditKeys,
  });

directoryContract("The directory on SQLite in memory", async () => ({
  open: (auditKeys) => open("sqlite::memory:", auditKeys),
  dispose: async () => {},
}));

directoryContract(
  "The directory on SQLite in a file",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "sluice-directory-"));
    const file = join(folder, "sluice.db");
    return {
      open: (auditKeys) => open(`sqlite:${file}`, auditKeys),
      run: (...statements) => rowsOf(file, ...statements),
      dispose: () => rm(folder, { recursive: true }),
    };
  },
  ["update", "delete"].map((event) => `drop trigger audit_logs_no_${event}`),
);

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDatabase } from "../../src/db/database.ts";
import { systemClock } from "../../src/system-clock.ts";
import { bodyKeepMaxBytes, databaseContract } from "./contract.ts";
import { currentAuditKey } from "./sample-directory.ts";

const open = (url: string) =>
  createDatabase({
    url,
    bodyKeepMaxBytes,
    queueMax: 1000,
    clock: systemClock,
    warn: () => {},
    auditKeys: () => [currentAuditKey],
  });

databaseContract("SQLite in memory", async () => ({
  open: () => open("sqlite::memory:"),
  dispose: async () => {},
}));

databaseContract("SQLite in a file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-db-"));
  return {
    open: () => open(`sqlite:${join(folder, "sluice.db")}`),
    dispose: () => rm(folder, { recursive: true }),
  };
});

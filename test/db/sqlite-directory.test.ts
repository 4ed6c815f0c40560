import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { AuditKey } from "../../src/core/directory/secrets.ts";
import { createDatabase } from "../../src/db/database.ts";
import { systemClock } from "../../src/system-clock.ts";
import { directoryContract } from "./directory-contract.ts";
import { rowsOf } from "./processes.ts";
import { currentAuditKey, newSlug, noteEntries } from "./sample-directory.ts";

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
  ["update", "delete", "replace"].map((event) => `drop trigger audit_logs_no_${event}`),
);

// SQLite runs no trigger of deletion for what is replaced.
it("lets nobody replace an audit entry on SQLite, by its id or by its number", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-directory-"));
  const file = join(folder, "sluice.db");
  const database = await open(`sqlite:${file}`, () => [currentAuditKey]);
  const { directory } = database;
  const tenantId = newSlug();
  await noteEntries(directory, tenantId, 2);
  const columns = "kind, actor_type, count, hash, key_id, created_at, updated_at";
  const replace = (id: string, sequence: string) =>
    rowsOf(
      file,
      `insert or replace into audit_logs (id, tenant_id, sequence, action, ${columns})
       select ${id}, tenant_id, ${sequence}, 'x', ${columns} from audit_logs where sequence = 1`,
    );
  await expect(replace("id", "9")).rejects.toThrow(/append-only/);
  await expect(replace("'other'", "sequence")).rejects.toThrow(/append-only/);
  expect(await directory.verifyAudit(tenantId)).toMatchObject({ entries: 2, intact: true });
  await database.close();
  await rm(folder, { recursive: true });
});

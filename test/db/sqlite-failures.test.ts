import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { createDatabase } from "../../src/db/database.ts";
import { rowOfPrice } from "../../src/db/price-versions.ts";
import { createRecordQueue } from "../../src/db/record-queue.ts";
import { openSqlite } from "../../src/db/sqlite-open.ts";
import { createBatchWriter } from "../../src/db/sqlite-write.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { databaseFailures } from "./failures.ts";
import { startSql } from "./processes.ts";
import { putTenant, sampleTenant } from "./sample-directory.ts";
import { attemptOf, openedCall, principalOf, settlementOf } from "./sample-records.ts";

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
    blocked: /is locked by another program. Close that program.*database is locked/,
    sever: async () => void (await worker?.terminate()),
    dispose: () => rm(folder, { recursive: true }),
  };
});

it("a full disk is said, and what waits is written whole when there is room", async () => {
  const clock = createManualClock();
  const warned: string[] = [];
  const opened = await openSqlite(undefined, true);
  const writeBatch = createBatchWriter(opened.native);
  const queue = createRecordQueue({
    write: async (calls, prices) => writeBatch(calls, prices.map(rowOfPrice)),
    clock,
    warn: (message) => warned.push(message),
    queueMax: 1000,
    bodyKeepMaxBytes: 10_000,
  });
  opened.native.exec("pragma max_page_count = 1");
  const calls = Array.from({ length: 50 }, () => openedCall({ requestBody: { text: "long".repeat(1000) } }));
  for (const call of calls) {
    queue.open(call);
    queue.attempt(attemptOf(call));
    queue.settle(settlementOf(call));
  }
  await queue.flush();
  expect(warned).toEqual([expect.stringContaining("database or disk is full")]);
  expect(queue.waiting).toBe(50);
  const counted =
    "select (select count(*) from requests) as calls, (select count(*) from provider_attempts) as attempts";
  expect(opened.native.prepare(counted).all()).toEqual([{ calls: 0, attempts: 0 }]);
  opened.native.exec("pragma max_page_count = 100000");
  await queue.close();
  expect(opened.native.prepare(counted).all()).toEqual([{ calls: 50, attempts: 50 }]);
  expect(queue.refused).toBe(0);
  opened.close();
});

it("a file that is removed or replaced under way is said, and takes what waits when it is back", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-failures-"));
  const file = join(folder, "sluice.db");
  const clock = createManualClock();
  const warned: string[] = [];
  const database = await createDatabase({
    url: `sqlite:${file}`,
    bodyKeepMaxBytes: 1000,
    queueMax: 100,
    clock,
    warn: (message) => warned.push(message),
  });
  const open = openedCall();
  database.ledger.open(open);
  await database.flush();
  await rename(file, `${file}-away`);
  database.ledger.settle(settlementOf(open));
  await database.flush();
  expect(database.problems()).toEqual(["Records cannot be written: the log says why."]);
  expect(warned.at(-1)).toMatch(/names sluice.db, which was removed or replaced.*Put it back/);
  const put = putTenant(sampleTenant());
  const written = () => database.directory.write({ changes: [put], audit: [] });
  await expect(written()).rejects.toThrow(/removed or replaced/);
  await writeFile(file, "");
  const later = openedCall();
  database.ledger.open(later);
  clock.advance(100);
  await database.flush();
  expect(database.problems()).toEqual(["Records cannot be written: the log says why."]);
  await rename(`${file}-away`, file);
  clock.advance(200);
  await database.flush();
  expect(database.problems()).toEqual([]);
  expect(await written()).toMatchObject({ outcome: "written" });
  const tenant = principalOf("default");
  expect(await database.records.request(tenant, open.id)).toMatchObject({ status: "failed" });
  expect(await database.records.request(tenant, later.id)).toMatchObject({ status: "open" });
  expect(database.refused).toBe(0);
  await database.close();
  await rm(folder, { recursive: true });
});

// What becomes of records when the disk or the database's thread fails.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createDatabase, type Database } from "../../src/db/database.ts";
import { createManualClock, type ManualClock } from "../support/manual-clock.ts";
import { startSql } from "./processes.ts";
import { attemptOf, openedCall, principalOf, settlementOf } from "./sample-records.ts";

const tenant = principalOf("default");
let folder: string;
let clock: ManualClock;
let database: Database;
let worker: Worker;
let warned: string[];
let onWarning: ((message: string) => void) | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-failures-"));
  clock = createManualClock();
  warned = [];
  process.once("worker", (started: Worker) => {
    worker = started;
  });
  database = await createDatabase({
    url: `sqlite:${join(folder, "sluice.db")}`,
    bodyKeepMaxBytes: 1000,
    queueMax: 100,
    clock,
    warn(message) {
      warned.push(message);
      onWarning?.(message);
    },
  });
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

const warning = (pattern: RegExp) =>
  new Promise<void>((resolve) => {
    onWarning = (message) => {
      if (pattern.test(message)) resolve();
    };
  });

it("a batch that fails is kept and written once when the disk is back", async () => {
  const other = await startSql(join(folder, "sluice.db"), "begin immediate");
  const call = openedCall();
  database.ledger.open(call);
  database.ledger.attempt(attemptOf(call));
  const failed = warning(/could not be written/);
  clock.advance(50);
  await failed;
  expect(warned.at(-1)).toMatch(/could not be written: database is locked.*1 calls/);
  expect(database.problems()).toEqual([expect.stringContaining("database is locked")]);
  // What comes meanwhile joins what is kept.
  database.ledger.settle(settlementOf(call));
  await other.end();
  await expect.poll(() => clock.pendingTimers).toBe(1);
  clock.advance(100);
  const record = await database.records.request(tenant, call.id);
  expect(record).toMatchObject({ status: "failed", attemptRecords: [{ number: 1 }] });
  expect(record?.attemptRecords).toHaveLength(1);
  expect(database.problems()).toEqual([]);
  expect(database.refused).toBe(0);
});

it("a thread that dies is noticed and started again; open calls stay open and settle", async () => {
  const before = openedCall();
  database.ledger.open(before);
  await database.records.request(tenant, before.id);
  const noticed = warning(/thread ended/);
  await worker.terminate();
  await noticed;
  expect(warned).toEqual([expect.stringMatching(/database's thread ended/)]);
  const after = openedCall();
  database.ledger.open(after);
  expect(await database.records.request(tenant, after.id)).toMatchObject({ status: "open" });
  expect(await database.records.request(tenant, before.id)).toMatchObject({ status: "open" });
  database.ledger.settle(settlementOf(before));
  expect(await database.records.request(tenant, before.id)).toMatchObject({ status: "failed" });
});

it("a thread that dies with a batch in its hands loses nothing of it", async () => {
  const calls = Array.from({ length: 50 }, () => openedCall());
  for (const call of calls) {
    database.ledger.open(call);
    database.ledger.attempt(attemptOf(call));
  }
  const noticed = warning(/could not be written/);
  clock.advance(50);
  await worker.terminate();
  await noticed;
  await expect.poll(() => clock.pendingTimers).toBe(1);
  clock.advance(100);
  const page = await database.records.requests(tenant, { first: 100, filter: {} });
  expect(page.records).toHaveLength(50);
  expect(page.records.every(({ attemptRecords }) => attemptRecords.length === 1)).toBe(true);
});

it("a database that is closed says so to readers", async () => {
  await database.close();
  const reading = database.records.request(tenant, "x");
  await expect(reading).rejects.toMatchObject({ code: "unavailable" });
});

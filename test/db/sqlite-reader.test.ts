// How a SQLite file is read while it is written.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { UsageQuestion } from "../../src/core/usage/usage-report.ts";
import { createDatabase, type Database } from "../../src/db/database.ts";
import { createManualClock, type ManualClock } from "../support/manual-clock.ts";
import { rowsOf } from "./processes.ts";
import { openedCall, principalOf } from "./sample-records.ts";

const tenant = principalOf("default");
const everything: UsageQuestion = {
  fromMs: 0,
  toMs: Date.UTC(2100, 0, 1),
  groupBy: ["user", "useCase"],
  timeZone: "UTC",
  filter: {},
};

let folder: string;
let file: string;
let clock: ManualClock;
let database: Database;
let warned: string[];
/** The threads that were started, and of them those that have ended. */
let threads: Worker[];
let ended: Worker[];
const onWorker = (worker: Worker) => {
  threads.push(worker);
  worker.once("exit", () => ended.push(worker));
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-reader-"));
  file = join(folder, "sluice.db");
  [threads, ended, warned] = [[], [], []];
  process.on("worker", onWorker);
  clock = createManualClock();
  database = await createDatabase({
    url: `sqlite:${file}`,
    bodyKeepMaxBytes: 1000,
    queueMax: 1000,
    clock,
    warn: (message) => warned.push(message),
  });
});
afterEach(async () => {
  await database.close();
  process.off("worker", onWorker);
  await rm(folder, { recursive: true });
});

/** Of which a report takes a good part of a second. */
const addRequests = (count: number) =>
  rowsOf(
    file,
    `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})
    insert into requests (id, created_at, tenant_id, run_id, environment, operation, delivery, logging_policy,
      status, user_id, latency_ms)
    select printf('%08x-%04x-7000-8000-%012x', n, 0, n), n * 65536, 'default', 'r', 'live', 'chat', 'unary', 'none',
      'ok', 'u' || (n % 5000), n from numbers`,
  );

it("no batch waits for a long reading", async () => {
  await addRequests(20_000);
  // Starts the thread.
  await database.records.request(tenant, openedCall().id);
  let isReported = false;
  const reading = database.records.usage(tenant, everything).finally(() => (isReported = true));
  // By then it was asked.
  await setImmediate();
  database.ledger.open(openedCall());
  clock.advance(50);
  await expect.poll(() => database.waiting, { interval: 1 }).toBe(0);
  expect(isReported).toBe(false);
  expect((await reading).totals.calls).toBeGreaterThanOrEqual(20_000n);
});

it("a reading that takes too long is given up, and the next is answered", async () => {
  await addRequests(20_000);
  const call = openedCall();
  database.ledger.open(call);
  await database.records.request(tenant, call.id);
  const reading = database.records.usage(tenant, everything);
  const given = expect(reading).rejects.toMatchObject({ code: "unavailable" });
  await setImmediate();
  clock.advance(15_000);
  await given;
  expect(warned.join()).toMatch(/a reading took longer than 15 s/);
  await expect.poll(() => ended.length).toBe(1);
  expect((await database.records.request(tenant, call.id))?.status).toBe("open");
});

it("the thread that reads ends when it is idle, and is started again", async () => {
  const call = openedCall();
  database.ledger.open(call);
  expect(threads).toHaveLength(1);
  await database.records.request(tenant, call.id);
  await database.records.bodies(tenant, call.id);
  expect(threads).toHaveLength(2);
  clock.advance(59_000);
  await database.records.bodies(tenant, call.id);
  clock.advance(59_000);
  expect(ended).toEqual([]);
  clock.advance(1000);
  expect((await database.records.request(tenant, call.id))?.status).toBe("open");
  expect(threads).toHaveLength(3);
  await expect.poll(() => ended).toEqual([threads[1]]);
});

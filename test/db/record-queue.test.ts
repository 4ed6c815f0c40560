// How records are gathered into batches, held back and refused, without a database.

import { describe, expect, it } from "vitest";
import { createRecordQueue, type RecordQueueOptions } from "../../src/db/record-queue.ts";
import { attemptColumns, openedColumns, settledColumns } from "../../src/db/record-columns.ts";
import type { CallRows } from "../../src/db/record-rows.ts";
import type { RejectedCall } from "../../src/db/record-store.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { attemptOf, openedCall, settlementOf } from "./sample-records.ts";

interface Batch {
  readonly calls: readonly CallRows[];
  written(rejected?: readonly RejectedCall[]): Promise<void>;
  failed(error?: Error): Promise<void>;
}

/** A queue whose batches the test ends itself. */
function startQueue(options: Partial<RecordQueueOptions> = {}) {
  const clock = createManualClock();
  const batches: Batch[] = [];
  const warned: string[] = [];
  const queue = createRecordQueue({
    write(calls) {
      const { promise, resolve, reject } = Promise.withResolvers<readonly RejectedCall[]>();
      batches.push({
        calls,
        async written(rejected = []) {
          resolve(rejected);
          await settled();
        },
        async failed(error = new Error("the disk is full.")) {
          reject(error);
          await settled();
        },
      });
      return promise;
    },
    clock,
    warn: (message) => warned.push(message),
    queueMax: 1000,
    bodyKeepMaxBytes: 1000,
    ...options,
  });
  return { clock, batches, warned, queue };
}

/** All promises that are ready have run. */
const settled = () => new Promise<void>((resolve) => void setImmediate(resolve));
const named = (names: readonly string[], row: readonly unknown[]) =>
  Object.fromEntries(names.map((name, i) => [name, row[i]]));

/** A batch's calls, their values by the names of the columns. */
const toldBy = (batch: Batch | undefined) =>
  batch?.calls.map(({ id, opened, settled, attempts }) => ({
    id,
    opened: opened && named(openedColumns, opened),
    settled: settled && named(settledColumns, settled),
    attempts: attempts.map((row) => named(attemptColumns, row)),
  }));
const idsOf = (batch: Batch | undefined) => batch?.calls.map(({ id }) => id);

describe("batches", () => {
  it("go when the delay is over, with the beginning and end of a short call as one", () => {
    const { clock, batches, queue } = startQueue();
    const call = openedCall();
    queue.open(call);
    queue.attempt(attemptOf(call));
    queue.settle(settlementOf(call));
    clock.advance(49);
    expect(batches).toEqual([]);
    clock.advance(1);
    expect(batches).toHaveLength(1);
    const { id, tenantId, userId } = call;
    expect(toldBy(batches[0])).toMatchObject([
      {
        id,
        opened: { tenant_id: tenantId, user_id: userId },
        attempts: [{ number: 1 }],
        settled: { status: "failed" },
      },
    ]);
  });

  it("go at once when full, but never inside the method that filled them", () => {
    const { clock, batches, queue } = startQueue({ batchSize: 90 });
    // A run of records, after which calls are counted.
    for (let i = 0; i < 100; i++) queue.open(openedCall());
    expect(batches).toEqual([]);
    clock.advance(0);
    expect(batches[0]?.calls).toHaveLength(90);
  });

  it("go one at a time; what a call brings meanwhile goes with the next", async () => {
    const { clock, batches, queue } = startQueue();
    const call = openedCall();
    queue.open(call);
    clock.advance(50);
    queue.settle(settlementOf(call));
    clock.advance(1000);
    expect(batches).toHaveLength(1);
    await batches[0]?.written();
    clock.advance(50);
    expect(toldBy(batches[1])).toMatchObject([
      { id: call.id, opened: undefined, settled: { status: "failed" } },
    ]);
  });

  it("that fail are tried again later and later, first and with what came since", async () => {
    const { clock, batches, queue, warned } = startQueue();
    const call = openedCall();
    queue.open(call);
    clock.advance(50);
    await batches[0]?.failed();
    expect(warned).toEqual([expect.stringMatching(/the disk is full.*1 calls/)]);
    expect(queue.problems()).toEqual(["Records cannot be written: the log says why."]);
    expect(queue.failure).toBe("the disk is full.");
    const other = openedCall();
    queue.open(other);
    queue.settle(settlementOf(call));
    clock.advance(99);
    expect(batches).toHaveLength(1);
    clock.advance(1);
    expect(idsOf(batches[1])).toEqual([call.id, other.id]);
    expect(toldBy(batches[1])?.[0]).toMatchObject({ opened: { id: call.id }, settled: { status: "failed" } });
    await batches[1]?.failed();
    clock.advance(199);
    expect(batches).toHaveLength(2);
    clock.advance(1);
    await batches[2]?.written();
    expect(queue.problems()).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
    expect(queue.refused).toBe(0);
  });

  it("that fail take in what their calls brought while they were under way", async () => {
    const { clock, batches, queue } = startQueue();
    const call = openedCall();
    queue.open(call);
    clock.advance(50);
    const other = openedCall();
    queue.open(other);
    queue.attempt(attemptOf(call));
    queue.settle(settlementOf(call));
    await batches[0]?.failed();
    clock.advance(100);
    expect(idsOf(batches[1])).toEqual([call.id, other.id]);
    expect(toldBy(batches[1])?.[0]).toMatchObject({
      opened: { id: call.id },
      settled: { status: "failed" },
      attempts: [{ request_id: call.id }],
    });
  });

  it("leave out what cannot be sent to another thread, and keep the rest", async () => {
    const { clock, batches, queue } = startQueue();
    const bad = Object.assign(openedCall(), { userId: () => {} });
    const good = openedCall();
    queue.open(bad);
    queue.open(good);
    clock.advance(50);
    await batches[0]?.failed(new DOMException("could not be cloned", "DataCloneError"));
    clock.advance(100);
    expect(idsOf(batches[1])).toEqual([good.id]);
    expect(queue.refused).toBe(1);
  });
});

describe("a full queue", () => {
  it("refuses calls whole, counts them, says so once a second, and ends those it has", () => {
    const { clock, batches, queue, warned } = startQueue({ queueMax: 2 });
    const [kept, second, refused, another] = [openedCall(), openedCall(), openedCall(), openedCall()];
    for (const call of [kept, second, refused, another]) queue.open(call);
    for (const call of [kept, refused]) {
      queue.attempt(attemptOf(call));
      queue.settle(settlementOf(call));
    }
    expect(queue.refused).toBe(2);
    expect(warned).toEqual([expect.stringMatching(/RECORD_QUEUE_MAX is 2.*: 1 calls/)]);
    clock.advance(50);
    expect(idsOf(batches[0])).toEqual([kept.id, second.id]);
    clock.advance(950);
    queue.open(openedCall());
    expect(warned[1]).toMatch(/: 3 calls/);
  });

  it("takes calls again when a batch was written", async () => {
    const { clock, batches, queue } = startQueue({ queueMax: 1 });
    queue.open(openedCall());
    clock.advance(50);
    queue.open(openedCall());
    expect(queue.refused).toBe(1);
    await batches[0]?.written();
    queue.open(openedCall());
    expect(queue.refused).toBe(1);
    expect(queue.problems()).toEqual([expect.stringMatching(/^1 calls/)]);
  });
});

describe("flushing", () => {
  it("waits for what was taken before it, and not for what comes after", async () => {
    const { batches, queue } = startQueue({ batchSize: 2 });
    for (let i = 0; i < 3; i++) queue.open(openedCall());
    let flushed = false;
    const flushing = queue.flush().then(() => (flushed = true));
    await batches[0]?.written();
    expect(flushed).toBe(false);
    queue.open(openedCall());
    queue.open(openedCall());
    await batches[1]?.written();
    await flushing;
    expect(batches).toHaveLength(2);
  });

  it("ends when writing fails, and does not wait for the next try", async () => {
    const { batches, queue } = startQueue();
    queue.open(openedCall());
    const flushing = queue.flush();
    await batches[0]?.failed();
    await flushing;
    await queue.flush();
    expect(batches).toHaveLength(1);
  });
});

describe("closing", () => {
  it("writes all that is left and refuses what comes after", async () => {
    const { clock, batches, queue } = startQueue({ batchSize: 2 });
    for (let i = 0; i < 3; i++) queue.open(openedCall());
    const closing = queue.close();
    queue.open(openedCall());
    await settled();
    await batches[0]?.written();
    await batches[1]?.written();
    await closing;
    expect(batches.map(({ calls }) => calls.length)).toEqual([2, 1]);
    expect(queue.refused).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it("gives up a database that fails to the end, and says what is lost", async () => {
    const { batches, queue, warned, clock } = startQueue();
    queue.open(openedCall());
    const closing = queue.close();
    await settled();
    await batches[0]?.failed();
    await batches[1]?.failed();
    await closing;
    expect(batches).toHaveLength(2);
    expect(warned.at(-1)).toMatch(/1 calls have no whole record/);
    expect(queue.refused).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });
});

it("long bodies are shortened before they are sent, and all of them together are bounded", () => {
  const { clock, batches, queue } = startQueue({ bodyKeepMaxBytes: 40 * 1024 * 1024, batchSize: 10 });
  const text = "x".repeat(39 * 1024 * 1024);
  for (let i = 0; i < 2; i++) queue.open(openedCall({ requestBody: { text } }));
  queue.open(openedCall({ requestBody: { text: text + text } }));
  clock.advance(50);
  const whole = JSON.stringify({ text });
  expect(batches[0]?.calls.map(({ bodies }) => [bodies?.[3] === whole, bodies?.[4]])).toEqual([
    [true, 0],
    [false, 1],
    [false, 1],
  ]);
});

it("rows are made in runs, while calls come and while a batch is put off until it is full", () => {
  const { clock, batches, queue } = startQueue();
  let made = 0;
  const requestBody = { toJSON: () => (made += 1) };
  for (let i = 0; i < 33; i++) {
    const call = openedCall({ requestBody });
    queue.open(call);
    queue.attempt(attemptOf(call));
    queue.settle(settlementOf(call));
    expect(made).toBe(0);
  }
  queue.open(openedCall());
  expect(made).toBe(33);
  clock.advance(50);
  expect(batches[0]?.calls).toHaveLength(34);
});

it("what comes behind a call's end goes with it, and a second end changes nothing", async () => {
  const { clock, batches, queue } = startQueue();
  const call = openedCall();
  queue.open(call);
  queue.attempt(attemptOf(call));
  queue.settle(settlementOf(call));
  queue.attempt(attemptOf(call, { number: 2 }));
  queue.settle(settlementOf(call, { status: "ok" }));
  clock.advance(50);
  await batches[0]?.failed();
  queue.attempt(attemptOf(call, { number: 3 }));
  clock.advance(100);
  expect(toldBy(batches[1])).toMatchObject([
    {
      opened: { id: call.id },
      settled: { status: "failed" },
      attempts: [{ number: 1 }, { number: 2 }, { number: 3 }],
    },
  ]);
});

it("an end that JSON cannot hold harms no caller, and the rest of it is kept", () => {
  const { clock, batches, queue } = startQueue();
  const call = openedCall();
  queue.open(call);
  const loss = Object.assign({ field: "stop", detail: "" }, { seen: 1n });
  expect(() => queue.settle(settlementOf(call, { losses: [loss] }))).not.toThrow();
  clock.advance(50);
  expect(toldBy(batches[0])).toMatchObject([
    { opened: { id: call.id }, settled: { status: "failed", losses: null } },
  ]);
});

it("a record that is not of its type harms no caller and no other call, and is counted", () => {
  const { clock, batches, queue, warned } = startQueue();
  const [bad, good] = [openedCall(), openedCall()];
  for (const call of [bad, good]) queue.open(call);
  queue.attempt(Object.assign(attemptOf(bad), { usage: { input: {} } }));
  for (const call of [bad, good]) queue.settle(settlementOf(call));
  clock.advance(50);
  expect(idsOf(batches[0])).toEqual([good.id]);
  expect(queue.refused).toBe(1);
  expect(warned).toEqual([expect.stringContaining(`Call ${bad.id} has no whole record: TypeError`)]);
});

// What tenants keep for a time only is removed hour by hour, and nothing else. The clock is moved by hand.

import { afterEach, beforeEach, expect, it } from "vitest";
import { createDatabase, type Database } from "../../src/db/database.ts";
import type { HourlyWork } from "../../src/db/hourly-work.ts";
import { createRetention } from "../../src/db/retention.ts";
import type { ForgetStep } from "../../src/db/record-store.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createManualClock, type ManualClock } from "../support/manual-clock.ts";
import { idAt, openedCall, principalOf } from "./sample-records.ts";

const startMs = Date.UTC(2026, 5, 30);
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

let clock: ManualClock;
let database: Database;
let retention: HourlyWork | undefined;
let steps: ForgetStep[];
let warned: string[];
beforeEach(async () => {
  clock = createManualClock(startMs);
  steps = [];
  warned = [];
  database = await createDatabase({
    url: "sqlite::memory:",
    bodyKeepMaxBytes: 1000,
    queueMax: 10_000,
    clock: systemClock,
    warn: (message) => warned.push(message),
  });
});
afterEach(async () => {
  await retention?.close();
  retention = undefined;
  await database.close();
});

function start(
  tenants: () => Promise<readonly { readonly id: string; readonly retentionDays: number }[]>,
  forget: Database["forget"] = (step) => database.forget(step),
): void {
  retention = createRetention({
    tenants,
    store: {
      forget(step) {
        steps.push(step);
        return forget(step);
      },
    },
    clock,
    warn: (message) => warned.push(message),
  });
}

const keep = (id: string, retentionDays: number) => async () => [{ id, retentionDays }];

function record(tenantId: string, ageMs: number): string {
  const id = idAt(startMs - ageMs);
  database.ledger.open(openedCall({ id, tenantId }));
  return id;
}

const hasBody = async (tenantId: string, id: string): Promise<boolean> =>
  (await database.records.bodies(principalOf(tenantId), id)) !== undefined;

/** Moves on by so long, as soon as somebody waits for it. */
async function after(ms: number): Promise<void> {
  await expect.poll(() => clock.pendingTimers, { interval: 1 }).toBe(1);
  clock.advance(ms);
}

/** Moves on until so many steps were taken and a pause has begun. */
async function untilStep(count: number): Promise<void> {
  while (steps.length < count) await after(50);
  await expect.poll(() => clock.pendingTimers, { interval: 1 }).toBe(1);
}

it("removes what is older than its tenant keeps it, in steps, until nothing is left, and again in an hour", async () => {
  const old = Array.from({ length: 450 }, (_, index) => record("red", 30 * dayMs + index + 1));
  const young = record("red", 30 * dayMs - hourMs);
  const foreign = record("blue", 300 * dayMs);
  start(keep("red", 30));
  await after(minuteMs - 1);
  expect(steps).toEqual([]);
  await after(1);
  await untilStep(3);
  expect(steps).toEqual(
    [1, 2, 3].map(() => ({ tenantId: "red", beforeMs: startMs + minuteMs - 30 * dayMs, limit: 200 })),
  );
  expect(await hasBody("red", old[0] ?? "")).toBe(false);
  expect(await hasBody("red", old[449] ?? "")).toBe(false);
  expect(await hasBody("red", young)).toBe(true);
  expect(await hasBody("blue", foreign)).toBe(true);
  await after(50);
  await after(hourMs - 1);
  expect(steps).toHaveLength(3);
  await after(1);
  await untilStep(4);
  expect(await hasBody("red", young)).toBe(false);
});

it("keeps what it keeps for a day at least", async () => {
  const young = record("red", dayMs - hourMs);
  const old = record("red", dayMs);
  start(keep("red", 0));
  await after(minuteMs);
  await untilStep(1);
  expect(await hasBody("red", young)).toBe(true);
  expect(await hasBody("red", old)).toBe(false);
});

it("says what fails, and tries again in an hour", async () => {
  const id = record("red", 9 * dayMs);
  const failures = [new Error("No tenants now."), new Error("No room now.")];
  start(
    async () => {
      const failure = failures.length === 2 ? failures.shift() : undefined;
      if (failure !== undefined) throw failure;
      return [{ id: "red", retentionDays: 8 }];
    },
    (step) => {
      const failure = failures.shift();
      return failure === undefined ? database.forget(step) : Promise.reject(failure);
    },
  );
  await after(minuteMs);
  await after(hourMs);
  expect(warned).toEqual([
    "Old bodies and labels could not be removed, which is tried again in an hour: No tenants now.",
  ]);
  await expect.poll(() => warned.length).toBe(2);
  await after(hourMs);
  await untilStep(2);
  expect(warned[1]).toMatch(/: No room now\.$/);
  expect(await hasBody("red", id)).toBe(false);
});

it("ends after the step under way when it is closed, and leaves no timer", async () => {
  const under = Promise.withResolvers<{ calls: number; hasMore: boolean }>();
  start(keep("red", 1), () => under.promise);
  await after(minuteMs);
  await expect.poll(() => steps.length).toBe(1);
  const order: string[] = [];
  const closing = (async () => {
    await retention?.close();
    order.push("closed");
  })();
  setImmediate(() => {
    order.push("step done");
    under.resolve({ calls: 200, hasMore: true });
  });
  await closing;
  expect(order).toEqual(["step done", "closed"]);
  expect(steps).toHaveLength(1);
  expect(clock.pendingTimers).toBe(0);
});

it("ends at once when it is closed between runs", async () => {
  start(keep("red", 1));
  await retention?.close();
  expect(clock.pendingTimers).toBe(0);
  expect(steps).toEqual([]);
});

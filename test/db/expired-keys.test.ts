// Idempotency keys whose time is over are removed hour by hour. The clock is moved by hand.

import { afterEach, beforeEach, expect, it } from "vitest";
import type { ExpiredStep, KeptKeys } from "../../src/core/runs/kept-keys.ts";
import { createDatabase, type Database } from "../../src/db/database.ts";
import { createExpiredKeyRemoval } from "../../src/db/expired-keys.ts";
import type { HourlyWork } from "../../src/db/hourly-work.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createManualClock, type ManualClock } from "../support/manual-clock.ts";
import { claimAt } from "./idempotency-contract.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

let clock: ManualClock;
let database: Database;
let removal: HourlyWork | undefined;
let steps: ExpiredStep[];
let warned: string[];
beforeEach(async () => {
  clock = createManualClock();
  steps = [];
  warned = [];
  database = await createDatabase({
    url: "sqlite::memory:",
    bodyKeepMaxBytes: 1000,
    queueMax: 1000,
    clock: systemClock,
    warn: (message) => warned.push(message),
  });
});
afterEach(async () => {
  await removal?.close();
  removal = undefined;
  await database.close();
});

function start(
  removeExpired: KeptKeys["removeExpired"] = (step) => database.idempotency.removeExpired(step),
) {
  removal = createExpiredKeyRemoval({
    keys: {
      removeExpired(step) {
        steps.push(step);
        return removeExpired(step);
      },
    },
    clock,
    warn: (message) => warned.push(message),
  });
}

/** Moves on by so long, as soon as somebody waits for it. */
async function after(ms: number): Promise<void> {
  await expect.poll(() => clock.pendingTimers, { interval: 1 }).toBe(1);
  clock.advance(ms);
}

it("removes expired keys in steps until none is left, and those of the next hour then", async () => {
  const startMs = clock.epochMs();
  const claims = Array.from({ length: 120 }, (_, index) =>
    claimAt(clock, { key: `${index}`, expiresAtMs: startMs + (index < 110 ? minuteMs : 10 * minuteMs) }),
  );
  for (const claim of claims) await database.idempotency.claim(claim, startMs);
  /** At the beginning none was free. */
  const removed = async () => {
    const found = await Promise.all(claims.map((claim) => database.idempotency.claim(claim, startMs)));
    return claims.filter((_, index) => found[index]?.state === "claimed").map(({ key }) => Number(key));
  };
  start();
  await after(minuteMs - 1);
  expect(steps).toEqual([]);
  await after(1);
  for (const _ of [1, 2]) await after(50);
  await expect.poll(() => clock.pendingTimers, { interval: 1 }).toBe(1);
  expect(steps).toEqual([1, 2, 3].map(() => ({ nowMs: startMs + minuteMs, limit: 50 })));
  // Looking has claimed them anew, and their time is over again.
  expect((await removed()).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 110 }, (_, i) => i));
  await after(50);
  await after(hourMs);
  for (const _ of [1, 2]) await after(50);
  await expect.poll(() => clock.pendingTimers, { interval: 1 }).toBe(1);
  expect(await removed()).toHaveLength(120);
});

it("says what fails, and tries again in an hour", async () => {
  start(() => Promise.reject(new Error("No room now.")));
  await after(minuteMs);
  await expect
    .poll(() => warned)
    .toEqual([
      "Expired idempotency keys could not be removed, which is tried again in an hour: No room now.",
    ]);
  await after(hourMs);
  await expect.poll(() => steps).toHaveLength(2);
});

it("leaves no timer when it is closed", async () => {
  start();
  await removal?.close();
  expect(clock.pendingTimers).toBe(0);
  expect(steps).toEqual([]);
});

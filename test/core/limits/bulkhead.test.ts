import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { Bulkhead, type BulkheadEntry } from "../../../src/core/limits/bulkhead.ts";
import { createManualClock } from "../../support/manual-clock.ts";

const maxWaitMs = 100;

function createBulkhead(firstLimit: number | undefined, queueMax = 3) {
  let limit = firstLimit;
  const clock = createManualClock();
  const bulkhead = new Bulkhead({ limit: () => limit, queueMax, maxWaitMs, clock });
  return {
    clock,
    bulkhead,
    setLimit: (next: number | undefined): void => {
      limit = next;
    },
    enter: (signal = new AbortController().signal, remainingMs = 60_000): Promise<BulkheadEntry> =>
      bulkhead.enter({ signal, remainingMs }),
  };
}

describe("Bulkhead", () => {
  it("lets in as many as its limit, and one more for each that leaves", () => {
    const { bulkhead } = createBulkhead(2);
    expect([bulkhead.tryEnter(), bulkhead.tryEnter(), bulkhead.tryEnter()]).toEqual([true, true, false]);
    expect(bulkhead.inFlight()).toBe(2);
    bulkhead.leave();
    expect(bulkhead.inFlight()).toBe(1);
    expect([bulkhead.tryEnter(), bulkhead.tryEnter()]).toEqual([true, false]);
  });

  it("lets in all who come where there is no limit", async () => {
    const { bulkhead, enter } = createBulkhead(undefined, 0);
    for (let n = 0; n < 100; n += 1) expect(await enter()).toBe("entered");
    expect(bulkhead.inFlight()).toBe(100);
    expect(bulkhead.expectedWaitMs()).toBe(0);
  });

  it("gives a place that is left to the first in line", async () => {
    const { bulkhead, clock, enter } = createBulkhead(1);
    bulkhead.tryEnter();
    const first = enter();
    const second = enter();
    expect(bulkhead.waiting()).toBe(2);
    bulkhead.leave();
    expect(await first).toBe("entered");
    expect([bulkhead.inFlight(), bulkhead.waiting()]).toEqual([1, 1]);
    bulkhead.leave();
    expect(await second).toBe("entered");
    expect(clock.pendingTimers).toBe(0);
  });

  it("refuses at once when the line is full", async () => {
    const { bulkhead, enter } = createBulkhead(1, 1);
    bulkhead.tryEnter();
    void enter();
    expect(await enter()).toBe("full");
    expect(bulkhead.waiting()).toBe(1);
  });

  it("lets nobody wait longer than the longest wait", async () => {
    const { bulkhead, clock, enter } = createBulkhead(1);
    bulkhead.tryEnter();
    const first = enter();
    clock.advance(60);
    const second = enter();
    clock.advance(40);
    expect(await first).toBe("late");
    expect(bulkhead.waiting()).toBe(1);
    bulkhead.leave();
    expect(await second).toBe("entered");
  });

  it("refuses at once who would have to wait beyond the remaining time", async () => {
    const { bulkhead, clock, enter } = createBulkhead(1);
    bulkhead.tryEnter();
    clock.advance(80);
    bulkhead.leave();
    bulkhead.tryEnter();
    expect(await enter(undefined, 79)).toBe("late");
    void enter(undefined, 80);
    expect(bulkhead.waiting()).toBe(1);
    expect(await enter(undefined, 159)).toBe("late");
  });

  it("rejects with the signal's reason, and keeps nothing of who went away", async () => {
    const { bulkhead, clock, enter } = createBulkhead(1);
    bulkhead.tryEnter();
    const caller = new AbortController();
    const entry = enter(caller.signal);
    const behind = enter();
    expect(getEventListeners(caller.signal, "abort")).toHaveLength(1);
    caller.abort(new Error("gone"));
    await expect(entry).rejects.toThrow("gone");
    expect(bulkhead.waiting()).toBe(1);
    bulkhead.leave();
    expect(await behind).toBe("entered");
    expect(clock.pendingTimers).toBe(0);
    expect(getEventListeners(caller.signal, "abort")).toHaveLength(0);
  });

  it("takes nobody in whose signal is aborted, although there is room", async () => {
    const { bulkhead, enter } = createBulkhead(1);
    await expect(enter(AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    expect(bulkhead.inFlight()).toBe(0);
  });

  it("gives the places of a raised limit to those who wait before anyone who comes", async () => {
    const { bulkhead, setLimit, enter } = createBulkhead(1);
    bulkhead.tryEnter();
    const waiting = [enter(), enter()];
    setLimit(3);
    expect(bulkhead.tryEnter()).toBe(false);
    expect(await Promise.all(waiting)).toEqual(["entered", "entered"]);
    expect([bulkhead.inFlight(), bulkhead.waiting()]).toEqual([3, 0]);
  });

  it("gives no place on while more are inside than a lowered limit", () => {
    const { bulkhead, setLimit, enter } = createBulkhead(3);
    for (let n = 0; n < 3; n += 1) bulkhead.tryEnter();
    void enter();
    setLimit(1);
    bulkhead.leave();
    bulkhead.leave();
    expect([bulkhead.inFlight(), bulkhead.waiting()]).toEqual([1, 1]);
    bulkhead.leave();
    expect([bulkhead.inFlight(), bulkhead.waiting()]).toEqual([1, 0]);
  });
});

describe("expectedWaitMs", () => {
  it("is nothing while there is room, or before anyone has left", () => {
    const { bulkhead, clock } = createBulkhead(2);
    bulkhead.tryEnter();
    bulkhead.tryEnter();
    clock.advance(500);
    expect(bulkhead.expectedWaitMs()).toBe(0);
    bulkhead.leave();
    expect(bulkhead.expectedWaitMs()).toBe(0);
    bulkhead.tryEnter();
    expect(bulkhead.expectedWaitMs()).toBeGreaterThan(0);
  });

  it("is the time that places are held, shared by the places, for each who must leave first", () => {
    const { bulkhead, clock, setLimit, enter } = createBulkhead(4);
    for (let n = 0; n < 4; n += 1) bulkhead.tryEnter();
    clock.advance(200);
    bulkhead.leave();
    bulkhead.tryEnter();
    expect(bulkhead.expectedWaitMs()).toBeCloseTo(50, 9);
    void enter();
    expect(bulkhead.expectedWaitMs()).toBeCloseTo(100, 9);
    // Five must leave before the sixth has the one place.
    setLimit(1);
    expect(bulkhead.expectedWaitMs()).toBeCloseTo(1000, 9);
  });

  it("follows the times that places are held, a tenth with each", () => {
    const { bulkhead, clock } = createBulkhead(1);
    for (const heldMs of [100, 200]) {
      bulkhead.tryEnter();
      clock.advance(heldMs);
      bulkhead.leave();
    }
    bulkhead.tryEnter();
    expect(bulkhead.expectedWaitMs()).toBeCloseTo(110, 9);
  });

  it("finds the mean time held in a steady flow of short and long stays", () => {
    const { bulkhead, clock } = createBulkhead(40);
    // A hundred come each second; four of five stay 100 ms, the fifth 900 ms: 260 ms on average, so 26 at a time.
    for (let n = 0; n < 2000; n += 1) {
      expect(bulkhead.tryEnter()).toBe(true);
      clock.setTimer(n % 5 === 0 ? 900 : 100, () => bulkhead.leave());
      clock.advance(10);
    }
    while (bulkhead.tryEnter());
    expect(bulkhead.expectedWaitMs() * 40).toBeGreaterThan(260 * 0.85);
    expect(bulkhead.expectedWaitMs() * 40).toBeLessThan(260 * 1.15);
  });
});

import { describe, expect, it } from "vitest";
import { type Arrivals, runArrivals } from "../../../src/cli/load-test/arrivals.ts";
import { createManualClock } from "../../support/manual-clock.ts";

/** Calls that end only when the test says so. */
function arriving(arrivals: Arrivals) {
  const clock = createManualClock();
  let stoodMs = 0;
  const due: number[] = [];
  const open: (() => void)[] = [];
  let notSent = 0;
  const ending = new AbortController();
  const done = runArrivals(arrivals, {
    // A timer of the manual clock comes exactly; the time that the process stood still is only read.
    clock: { ...clock, monotonicMs: () => clock.monotonicMs() + stoodMs },
    signal: ending.signal,
    notSent: () => (notSent += 1),
    send(dueMs) {
      due.push(dueMs);
      return new Promise((resolve) => open.push(resolve));
    },
  });
  const standStill = (ms: number) => (stoodMs += ms);
  return { clock, due, open, ending, done, standStill, notSent: () => notSent };
}

describe("arrivals", () => {
  it("come at a constant rate, however long the answers take", async () => {
    const { clock, due, done } = arriving({ rate: 4, seconds: 2, inFlightMax: 100 });
    clock.advance(999);
    expect(due).toEqual([0, 250, 500, 750]);
    clock.advance(10_000);
    await done;
    expect(due).toEqual([0, 250, 500, 750, 1_000, 1_250, 1_500, 1_750]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("are made up for when the process stood still, each with the time at which it was due", async () => {
    const { clock, due, done, standStill } = arriving({ rate: 4, seconds: 2, inFlightMax: 100 });
    clock.advance(300);
    standStill(1_000);
    clock.advance(200);
    expect(due).toEqual([0, 250, 500, 750, 1_000, 1_250, 1_500]);
    clock.advance(1_000);
    await done;
    expect(due.at(-1)).toBe(1_750);
  });

  it("beyond the bound of open calls are counted and not sent, and go on when calls have ended", async () => {
    const { clock, due, open, done, notSent } = arriving({ rate: 10, seconds: 1, inFlightMax: 3 });
    clock.advance(450);
    expect(due).toEqual([0, 100, 200]);
    expect(notSent()).toBe(2);
    for (const end of open) end();
    await new Promise(setImmediate);
    clock.advance(1_000);
    await done;
    expect(due).toEqual([0, 100, 200, 500, 600, 700]);
    expect(notSent()).toBe(4);
  });

  it("end at once when they are told to", async () => {
    const { clock, due, ending, done } = arriving({ rate: 10, seconds: 10, inFlightMax: 100 });
    clock.advance(250);
    ending.abort();
    await done;
    clock.advance(10_000);
    expect(due).toEqual([0, 100, 200]);
  });
});

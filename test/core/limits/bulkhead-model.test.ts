// Any order of coming, leaving, giving up and waiting too long, against a list.

import { getEventListeners } from "node:events";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Bulkhead, type BulkheadEntry } from "../../../src/core/limits/bulkhead.ts";
import { createManualClock } from "../../support/manual-clock.ts";

const queueMax = 3;
const maxWaitMs = 100;

interface Waiter {
  readonly caller: AbortController;
  readonly sinceMs: number;
  outcome: BulkheadEntry | "rejected" | undefined;
  expected: BulkheadEntry | "rejected" | undefined;
}

/** A list of who waits, and a number of who is inside. */
class Model {
  limit: number | undefined = 2;
  inside = 0;
  line: Waiter[] = [];

  letIn(): void {
    while (this.line.length > 0 && this.hasRoom()) {
      const first = this.line.shift();
      if (first !== undefined) first.expected = "entered";
      this.inside += 1;
    }
  }

  hasRoom(): boolean {
    return this.limit === undefined || this.inside < this.limit;
  }

  enter(waiter: Waiter): void {
    this.letIn();
    if (this.hasRoom()) {
      this.inside += 1;
      waiter.expected = "entered";
    } else if (this.line.length >= queueMax) waiter.expected = "full";
    else this.line.push(waiter);
  }

  giveUp(waiter: Waiter, how: "late" | "rejected"): void {
    this.line = this.line.filter((other) => other !== waiter);
    waiter.expected = how;
  }

  timeIs(nowMs: number): void {
    for (const waiter of this.line) if (nowMs - waiter.sinceMs >= maxWaitMs) this.giveUp(waiter, "late");
  }
}

const bulkheadStep = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: "enter" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "tryEnter" } as const) },
  { weight: 3, arbitrary: fc.constant({ kind: "leave" } as const) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("abort" as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(60) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("limit" as const),
      limit: fc.option(fc.nat(4), { nil: undefined, freq: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "settle" } as const) },
);

it("loses no place and no turn, whatever the order of leaving, giving up and running out of time", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(bulkheadStep, { maxLength: 120, size: "max" }), async (steps) => {
      const clock = createManualClock();
      const model = new Model();
      const bulkhead = new Bulkhead({ limit: () => model.limit, queueMax, maxWaitMs, clock });
      const all: Waiter[] = [];
      for (const step of steps) {
        if (step.kind === "settle") await Promise.resolve();
        if (step.kind === "limit") model.limit = step.limit;
        if (step.kind === "wait") {
          clock.advance(step.ms);
          model.timeIs(clock.monotonicMs());
        }
        if (step.kind === "leave" && model.inside > 0) {
          model.inside -= 1;
          model.letIn();
          bulkhead.leave();
        }
        if (step.kind === "tryEnter") {
          const hadRoom = bulkhead.hasRoom();
          model.letIn();
          expect(hadRoom).toBe(model.hasRoom());
          expect(bulkhead.tryEnter()).toBe(model.hasRoom());
          if (model.hasRoom()) model.inside += 1;
        }
        if (step.kind === "enter") {
          const waiter: Waiter = {
            caller: new AbortController(),
            sinceMs: clock.monotonicMs(),
            outcome: undefined,
            expected: undefined,
          };
          all.push(waiter);
          model.enter(waiter);
          bulkhead.enter({ signal: waiter.caller.signal, remainingMs: Number.POSITIVE_INFINITY }).then(
            (entry) => (waiter.outcome = entry),
            () => (waiter.outcome = "rejected"),
          );
        }
        if (step.kind === "abort" && all.length > 0) {
          const waiter = all[step.which % all.length];
          waiter?.caller.abort();
          if (waiter !== undefined && model.line.includes(waiter)) model.giveUp(waiter, "rejected");
        }
        expect(bulkhead.inFlight()).toBe(model.inside);
        expect(bulkhead.waiting()).toBe(model.line.length);
        expect(clock.pendingTimers).toBe(model.line.length);
      }
      await new Promise(setImmediate);
      for (const waiter of all) {
        expect(waiter.outcome).toBe(waiter.expected);
        const listeners = getEventListeners(waiter.caller.signal, "abort").length;
        expect(listeners).toBe(model.line.includes(waiter) ? 1 : 0);
      }
    }),
  );
});

// Any order of attempts' beginnings and ends, against the rules as a list of permits.

import fc from "fast-check";
import { expect, it } from "vitest";
import {
  type BreakerPermit,
  type BreakerState,
  CircuitBreaker,
} from "../../../../src/core/routing/targets/circuit-breaker.ts";
import type { BreakerPolicy } from "../../../../src/core/snapshot.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

const policy: BreakerPolicy = { failureThreshold: 3, resetTimeoutMs: 1000 };

interface Attempt {
  readonly permit: BreakerPermit;
}

/** The rules, said as plainly as can be. */
class Model {
  state: BreakerState = "closed";
  failures = 0;
  openedMs = 0;
  /** Of which nothing is known yet. */
  probe: Attempt | undefined;
  counted = new Set<Attempt>();

  change(to: BreakerState, nowMs: number): void {
    this.state = to;
    this.failures = 0;
    this.openedMs = nowMs;
    this.probe = undefined;
    this.counted.clear();
  }

  mayAcquire(nowMs: number): boolean {
    if (this.state === "open") return nowMs - this.openedMs >= policy.resetTimeoutMs;
    return this.state === "closed" || this.probe === undefined;
  }

  acquired(attempt: Attempt, nowMs: number): void {
    if (this.state === "open") this.change("half_open", nowMs);
    if (this.state === "half_open") this.probe = attempt;
    this.counted.add(attempt);
  }

  committed(attempt: Attempt): void {
    if (this.probe === attempt) this.probe = undefined;
  }

  ended(attempt: Attempt, outcome: "ok" | "failed" | "released", nowMs: number): void {
    if (!this.counted.has(attempt)) return;
    if (this.state === "half_open") {
      this.counted.delete(attempt);
      this.committed(attempt);
      if (outcome !== "released") this.change(outcome === "ok" ? "closed" : "open", nowMs);
      return;
    }
    if (outcome === "ok") this.failures = 0;
    if (outcome === "failed") this.failures += 1;
    if (this.failures >= policy.failureThreshold) this.change("open", nowMs);
  }
}

it("does as its rules say, whatever the order in which attempts begin and end", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ kind: "acquire" } as const) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("end" as const),
        which: fc.nat(),
        outcome: fc.constantFrom("ok" as const, "failed" as const, "failed" as const, "released" as const),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("commit" as const), which: fc.nat() }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(1500) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
      const clock = createManualClock();
      const told: BreakerState[] = ["closed"];
      const breaker = new CircuitBreaker({
        policy: () => policy,
        clock,
        onChange(from, to) {
          expect(from).toBe(told.at(-1));
          told.push(to);
        },
      });
      const model = new Model();
      const underWay: Attempt[] = [];
      for (const next of steps) {
        const nowMs = clock.monotonicMs();
        if (next.kind === "wait") clock.advance(next.ms);
        if (next.kind === "acquire") {
          expect(breaker.ready()).toBe(model.mayAcquire(nowMs));
          const permit = breaker.acquire();
          expect(permit !== undefined).toBe(model.mayAcquire(nowMs));
          if (permit === undefined) continue;
          const attempt = { permit };
          model.acquired(attempt, nowMs);
          underWay.push(attempt);
        }
        if (next.kind === "commit" && underWay.length > 0) {
          const attempt = underWay[next.which % underWay.length];
          if (attempt === undefined) continue;
          model.committed(attempt);
          breaker.committed(attempt.permit);
        }
        if (next.kind === "end" && underWay.length > 0) {
          const [attempt] = underWay.splice(next.which % underWay.length, 1);
          if (attempt === undefined) continue;
          const { permit } = attempt;
          model.ended(attempt, next.outcome, nowMs);
          if (next.outcome === "ok") breaker.succeeded(permit);
          if (next.outcome === "failed") breaker.failed(permit);
          if (next.outcome === "released") breaker.released(permit);
        }
        const isOver = model.state === "open" && model.mayAcquire(clock.monotonicMs());
        expect(breaker.state()).toBe(isOver ? "half_open" : model.state);
        expect(told.at(-1)).toBe(model.state);
      }
    }),
  );
});

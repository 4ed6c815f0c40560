import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RetryBudget } from "../../../../src/core/routing/targets/retry-budget.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

function taken(budget: RetryBudget, tries: number): number {
  let granted = 0;
  for (let n = 0; n < tries; n += 1) granted += budget.take() ? 1 : 0;
  return granted;
}

describe("RetryBudget", () => {
  it("grants ten retries in ten seconds without a single first try, and ten more when those are over", () => {
    const clock = createManualClock();
    const budget = new RetryBudget(clock);
    expect(taken(budget, 20)).toBe(10);
    clock.advance(9_999);
    expect(taken(budget, 20)).toBe(0);
    clock.advance(501);
    expect(taken(budget, 20)).toBe(10);
  });

  it("grants a tenth of the first tries where that is more", () => {
    const clock = createManualClock();
    const budget = new RetryBudget(clock);
    for (let n = 0; n < 259; n += 1) budget.first();
    expect(taken(budget, 100)).toBe(25);
    budget.first();
    expect(taken(budget, 100)).toBe(1);
  });

  it("has forgotten the first tries of more than ten seconds ago", () => {
    const clock = createManualClock();
    const budget = new RetryBudget(clock);
    for (let n = 0; n < 1000; n += 1) budget.first();
    clock.advance(10_000);
    expect(taken(budget, 100)).toBe(10);
  });

  it("gives a total failure at 200 calls a second close to its tenth, and no more", () => {
    const clock = createManualClock();
    const budget = new RetryBudget(clock);
    let retries = 0;
    for (let call = 0; call < 200 * 60; call += 1) {
      budget.first();
      retries += taken(budget, 2);
      clock.advance(5);
    }
    expect(retries).toBeLessThanOrEqual(1200 + 10);
    expect(retries).toBeGreaterThan(1200 * 0.85);
  });

  it("keeps to the rule of an exact list at every retry, and grants what is within it by a slice's breadth", () => {
    const step = fc.record({
      pauseMs: fc.oneof(
        { weight: 8, arbitrary: fc.nat(60) },
        { weight: 1, arbitrary: fc.nat(12_000) },
        { weight: 1, arbitrary: fc.constantFrom(500, 10_000) },
      ),
      firstTries: fc.nat(40),
      retries: fc.nat(6),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const clock = createManualClock();
        const budget = new RetryBudget(clock);
        const firsts: number[] = [];
        const retries: number[] = [];
        const of = (list: readonly number[], ms: number): number =>
          list.filter((atMs) => atMs >= clock.monotonicMs() - ms).length;
        for (const { pauseMs, firstTries, retries: wanted } of steps) {
          clock.advance(pauseMs);
          for (let n = 0; n < firstTries; n += 1) {
            budget.first();
            firsts.push(clock.monotonicMs());
          }
          for (let n = 0; n < wanted; n += 1) {
            const granted = budget.take();
            const surelyAllowed = Math.max(10, of(firsts, 9_499) / 10);
            if (!granted) expect(of(retries, 10_500) + 1).toBeGreaterThan(surelyAllowed);
            if (!granted) continue;
            retries.push(clock.monotonicMs());
            expect(of(retries, 9_999)).toBeLessThanOrEqual(Math.max(10, of(firsts, 9_999) / 10));
          }
        }
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HedgeShare } from "../../../src/core/routing/hedge-share.ts";

function calls(share: HedgeShare, count: number): void {
  for (let n = 0; n < count; n += 1) share.call();
}

function taken(share: HedgeShare, tries: number, maxShare: number): number {
  let granted = 0;
  for (let n = 0; n < tries; n += 1) granted += share.take(maxShare) ? 1 : 0;
  return granted;
}

describe("HedgeShare", () => {
  it("grants none before the first call", () => {
    expect(new HedgeShare().take(1)).toBe(false);
  });

  it("grants one with every twentieth call at 5 %", () => {
    const share = new HedgeShare();
    const granted: number[] = [];
    for (let call = 1; call <= 60; call += 1) {
      share.call();
      if (share.take(0.05)) granted.push(call);
    }
    expect(granted).toEqual([20, 40, 60]);
  });

  it("grants exactly the share, where a product of fractions would round below it", () => {
    const share = new HedgeShare();
    let hedged = 0;
    for (let call = 1; call <= 1000; call += 1) {
      share.call();
      hedged += taken(share, 2, 0.29);
      expect(hedged).toBe(Math.floor((call * 29) / 100));
    }
  });

  it("saves up no more than ten", () => {
    const share = new HedgeShare();
    calls(share, 100_000);
    expect(taken(share, 1000, 0.05)).toBe(10);
    calls(share, 19);
    expect(taken(share, 1000, 0.05)).toBe(0);
    share.call();
    expect(taken(share, 1000, 0.05)).toBe(1);
  });

  it("grants none with a share of 0, and one for each call with a share of 1", () => {
    const share = new HedgeShare();
    calls(share, 5);
    expect(taken(share, 10, 0)).toBe(0);
    expect(taken(share, 10, 1)).toBe(5);
  });

  it("begins anew with another share, without debts", () => {
    const share = new HedgeShare();
    calls(share, 100);
    expect(taken(share, 10, 0.05)).toBe(5);
    calls(share, 99);
    expect(taken(share, 10, 0.01)).toBe(0);
    calls(share, 100);
    expect(taken(share, 10, 0.01)).toBe(1);
  });

  it("stays within the share at every moment, and reaches it where hedges are always wanted", () => {
    const step = fc.record({ calls: fc.nat(400), hedges: fc.nat(30) });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 100, size: "max" }),
        fc.integer({ min: 1, max: 100 }),
        (steps, percent) => {
          const maxShare = percent / 100;
          const share = new HedgeShare();
          let called = 0;
          let hedged = 0;
          let saved = 0;
          for (const { calls: more, hedges } of steps) {
            calls(share, more);
            called += more;
            // In hundredths of a hedge: whole numbers.
            saved = Math.min(saved + more * percent, 1000);
            const granted = taken(share, hedges, maxShare);
            hedged += granted;
            saved -= granted * 100;
            expect(hedged * 100).toBeLessThanOrEqual(called * percent);
            // What is saved is cut to whole calls, which may leave a part of a call's credit more.
            expect(saved).toBeGreaterThanOrEqual(-percent);
            if (granted < hedges) expect(saved).toBeLessThan(100);
          }
        },
      ),
    );
  });
});

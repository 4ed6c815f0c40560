import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecayingQuantile } from "../../../../src/core/routing/targets/decaying-quantile.ts";

function addAll(quantile: DecayingQuantile, durationsMs: readonly number[], nowMs = 0): void {
  for (const durationMs of durationsMs) quantile.add(durationMs, nowMs);
}

const expectNear = (foundMs: number, exactMs: number): void => {
  expect(foundMs).toBeGreaterThanOrEqual(exactMs * (1 - 1e-9));
  expect(foundMs).toBeLessThanOrEqual(exactMs * 1.020_001);
};

describe("DecayingQuantile", () => {
  it("is 0 of nothing", () => {
    expect(new DecayingQuantile(95).valueMs()).toBe(0);
  });

  it("is the nearest rank's duration, at most 2 % too long", () => {
    const quantile = new DecayingQuantile(95);
    addAll(
      quantile,
      Array.from({ length: 100 }, (_, n) => (n + 1) * 10),
    );
    expectNear(quantile.valueMs(), 950);
  });

  it("agrees with a sorted list while nothing has decayed", () => {
    const durations = fc.array(
      fc.oneof(fc.double({ min: 1, max: 3_600_000, noNaN: true }), fc.constantFrom(1, 20, 250, 3_600_000)),
      { minLength: 1, maxLength: 511, size: "max" },
    );
    fc.assert(
      fc.property(durations, fc.constantFrom(50, 95, 99), (list, percent) => {
        const quantile = new DecayingQuantile(percent);
        addAll(quantile, list);
        const sorted = list.toSorted((a, b) => a - b);
        expectNear(quantile.valueMs(), sorted[Math.ceil((percent * list.length) / 100) - 1] ?? 0);
        expect(quantile.total()).toBe(list.length);
      }),
    );
  });

  it("puts what is too short or too long into its outermost buckets", () => {
    const short = new DecayingQuantile(50);
    addAll(short, [0, 0.2, 1e-9]);
    expect(short.valueMs()).toBe(1);
    const long = new DecayingQuantile(50);
    addAll(long, [1e12]);
    expectNear(long.valueMs(), 3_600_000);
  });

  it("halves its counts when there are 512 of them, so that new durations come to count", () => {
    const quantile = new DecayingQuantile(95);
    addAll(
      quantile,
      Array.from({ length: 5000 }, () => 100),
    );
    expect(quantile.total()).toBeLessThan(512);
    expectNear(quantile.valueMs(), 100);
    addAll(
      quantile,
      Array.from({ length: 40 }, () => 1000),
    );
    expectNear(quantile.valueMs(), 1000);
  });

  it("halves its counts with every five minutes", () => {
    const quantile = new DecayingQuantile(95);
    addAll(
      quantile,
      Array.from({ length: 400 }, () => 100),
    );
    quantile.add(1000, 299_999);
    expect(quantile.total()).toBe(401);
    quantile.add(1000, 300_000);
    expect(quantile.total()).toBe(201.5);
    quantile.add(1000, 1_200_000);
    expect(quantile.total()).toBe(201.5 / 8 + 1);
  });

  it("is found anew soon after the durations change", () => {
    const quantile = new DecayingQuantile(95);
    addAll(
      quantile,
      Array.from({ length: 300 }, () => 100),
    );
    expectNear(quantile.valueMs(), 100);
    let added = 0;
    while (quantile.valueMs() < 1000) {
      quantile.add(1000, 0);
      added += 1;
    }
    // The sixteenth is the first above 5 of 100, and one in 32 is looked at together.
    expect(added).toBeLessThanOrEqual(16 + 10);
  });

  it("knows nothing of what it forgot", () => {
    const quantile = new DecayingQuantile(95);
    addAll(
      quantile,
      Array.from({ length: 100 }, () => 1000),
    );
    expectNear(quantile.valueMs(), 1000);
    quantile.forget();
    expect([quantile.total(), quantile.valueMs()]).toEqual([0, 0]);
    quantile.add(10, 0);
    expectNear(quantile.valueMs(), 10);
  });
});

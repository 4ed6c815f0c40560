import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecayingMean } from "../../../../src/core/routing/targets/decaying-mean.ts";

describe("DecayingMean", () => {
  it("is the first value at first", () => {
    const mean = new DecayingMean();
    expect(mean.mean()).toBeNaN();
    mean.add(300, 1, 1_000_000);
    expect(mean.mean()).toBe(300);
    expect(mean.count()).toBe(1);
  });

  it("takes a twentieth off earlier weights with each value", () => {
    const mean = new DecayingMean();
    mean.add(100, 1, 5);
    mean.add(200, 1, 5);
    expect(mean.mean()).toBeCloseTo((95 + 200) / 1.95, 9);
    mean.add(300, 1, 5);
    expect(mean.mean()).toBeCloseTo((90.25 + 190 + 300) / (0.9025 + 0.95 + 1), 9);
  });

  it("takes half off earlier weights with each minute", () => {
    const mean = new DecayingMean();
    mean.add(100, 1, 0);
    mean.add(200, 1, 120_000);
    expect(mean.mean()).toBeCloseTo((100 * 0.25 * 0.95 + 200) / (0.25 * 0.95 + 1), 9);
  });

  it("weighs a value by what it is the total of", () => {
    const mean = new DecayingMean();
    mean.add(1000, 10, 0);
    mean.add(900, 90, 0);
    expect(mean.mean()).toBeCloseTo((950 + 900) / (9.5 + 90), 9);
  });

  it("knows nothing of what it forgot", () => {
    const mean = new DecayingMean();
    mean.add(1000, 1, 0);
    mean.forget();
    expect([mean.count(), mean.mean()]).toEqual([0, Number.NaN]);
    mean.add(5, 1, 10);
    expect(mean.mean()).toBe(5);
  });

  it("lies between the smallest and the largest of its values, and where an exact sum puts it", () => {
    const value = fc.record({
      ms: fc.double({ min: 0, max: 1e6, noNaN: true }),
      pauseMs: fc.nat(100_000),
    });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 100, size: "max" }), (values) => {
        const mean = new DecayingMean();
        let nowMs = 0;
        const added = values.map(({ ms, pauseMs }) => {
          nowMs += pauseMs;
          mean.add(ms, 1, nowMs);
          return { ms, atMs: nowMs };
        });
        const weights = added.map(
          ({ atMs }, place) => 0.95 ** (added.length - 1 - place) * 2 ** ((atMs - nowMs) / 60_000),
        );
        const weight = weights.reduce((sum, one) => sum + one, 0);
        const exact = added.reduce((sum, { ms }, place) => sum + ms * (weights[place] ?? 0), 0) / weight;
        expect(Math.abs(mean.mean() - exact)).toBeLessThanOrEqual(exact * 1e-9);
      }),
    );
  });
});

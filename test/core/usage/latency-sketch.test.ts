import fc from "fast-check";
import { expect, test } from "vitest";
import { addDuration, bucketOf, bucketsAt, valueOf } from "../../../src/core/usage/latency-sketch.ts";

const durations = fc.oneof(
  fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
  fc.double({ min: 0.01, max: 60_000, noNaN: true }),
  fc.constantFrom(0, 1, 2, 1000),
);

test("a bucket's value is within half a percent of each duration in it", () => {
  fc.assert(
    fc.property(durations, (durationMs) => {
      const found = valueOf(bucketOf(durationMs));
      expect(Math.abs(found - durationMs)).toBeLessThanOrEqual(durationMs * 0.005_000_1);
    }),
  );
});

test("none, and less than a nanosecond, is zero", () => {
  expect([0, -1, 9e-7, 1e-300].map((durationMs) => valueOf(bucketOf(durationMs)))).toEqual([0, 0, 0, 0]);
});

test("the bucket just below a millisecond is 0, and not -0", () => {
  expect(bucketOf(0.995)).toBe(0);
});

test("longer durations are in no lower bucket", () => {
  fc.assert(
    fc.property(durations, durations, (a, b) => {
      expect(bucketOf(Math.max(a, b))).toBeGreaterThanOrEqual(bucketOf(Math.min(a, b)));
    }),
  );
});

test("quantiles are those of the nearest rank", () => {
  fc.assert(
    fc.property(fc.array(durations, { minLength: 1, maxLength: 300 }), (list) => {
      const sketch = new Map<number, number>();
      for (const durationMs of list) addDuration(sketch, durationMs);
      const sorted = list.toSorted((a, b) => a - b);
      const exact = [1, 50, 95, 99, 100].map(
        (percent) => sorted[Math.ceil((percent * sorted.length) / 100) - 1] ?? 0,
      );
      expect(bucketsAt(sketch, [1, 50, 95, 99, 100])).toEqual(exact.map(bucketOf));
    }),
  );
});

test("nothing has no quantiles", () => {
  expect(bucketsAt(new Map(), [50, 99])).toEqual([]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { SlidingCount } from "../../../../src/core/routing/targets/sliding-count.ts";

const windowMs = 1000;

test("what fell into the oldest slice is counted from above only, and then no more", () => {
  const count = new SlidingCount(windowMs);
  for (const atMs of [10, 20, 60]) count.add(atMs);
  expect([count.atLeast(999), count.atMost(999)]).toEqual([3, 3]);
  // The window goes on through the first slice of 50 ms.
  expect([count.atLeast(1000), count.atMost(1000)]).toEqual([1, 3]);
  expect([count.atLeast(1050), count.atMost(1050)]).toEqual([0, 1]);
  expect([count.atLeast(1100), count.atMost(1100)]).toEqual([0, 0]);
});

test("a long silence empties it", () => {
  const count = new SlidingCount(windowMs);
  count.add(5);
  expect(count.atMost(1_000_000)).toBe(0);
  count.add(1_000_000);
  expect([count.atLeast(1_000_900), count.atMost(1_000_900)]).toEqual([1, 1]);
});

test("the exact number is never outside of its bounds, and these are a slice apart", () => {
  const pauses = fc.array(fc.oneof(fc.nat(40), fc.nat(3000), fc.constant(0), fc.constant(50)), {
    maxLength: 200,
    size: "max",
  });
  fc.assert(
    fc.property(pauses, fc.nat(3000), (pausesMs, lastPauseMs) => {
      const count = new SlidingCount(windowMs);
      const times: number[] = [];
      let nowMs = 0;
      for (const pauseMs of pausesMs) {
        nowMs += pauseMs;
        count.add(nowMs);
        times.push(nowMs);
      }
      nowMs += lastPauseMs;
      const within = (ms: number): number => times.filter((atMs) => atMs > nowMs - ms).length;
      expect(count.atLeast(nowMs)).toBeLessThanOrEqual(within(windowMs));
      expect(count.atLeast(nowMs)).toBeGreaterThanOrEqual(within(windowMs - 50));
      expect(count.atMost(nowMs)).toBeGreaterThanOrEqual(within(windowMs));
      expect(count.atMost(nowMs)).toBeLessThanOrEqual(within(windowMs + 50));
    }),
  );
});

import { expect, test } from "vitest";
import { ErrorRate } from "../../../../src/core/routing/targets/error-rate.ts";

test("it is reached exactly at its share, where a product of fractions would round past it", () => {
  const rate = new ErrorRate(60_000);
  for (let n = 0; n < 71; n += 1) rate.succeeded(0);
  for (let n = 0; n < 28; n += 1) rate.failed(0);
  expect(rate.reaches(0.29, 1, 0)).toBe(false);
  rate.failed(0);
  expect(rate.reaches(0.29, 1, 0)).toBe(true);
  expect(rate.reaches(0.29, 100, 0)).toBe(true);
  expect(rate.reaches(0.29, 101, 0)).toBe(false);
});

test("successes and failures leave the window", () => {
  const rate = new ErrorRate(1000);
  rate.failed(0);
  rate.succeeded(500);
  expect(rate.reaches(0.5, 2, 900)).toBe(true);
  expect(rate.reaches(0.1, 1, 1100)).toBe(false);
  rate.failed(1100);
  expect(rate.reaches(0.5, 2, 1100)).toBe(true);
  expect(rate.reaches(1, 1, 1600)).toBe(true);
});

test("nothing has failed where nothing has ended", () => {
  expect(new ErrorRate(1000).reaches(0.1, 0, 0)).toBe(false);
});

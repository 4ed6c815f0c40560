import { expect, it } from "vitest";
import { createLoadMeasuring } from "../../../src/cli/load-test/load-figures.ts";

it("times count from the moment when a call was due, not from when it was sent", () => {
  const measuring = createLoadMeasuring(1_000);
  // A hundred calls, due every 10 ms; the process stands still and sends all of them at 2,000.
  for (let call = 0; call < 100; call += 1) {
    const dueMs = 1_000 + call * 10;
    measuring.sent(dueMs, 2_000);
    measuring.ended(dueMs, { code: "ok", firstTokenAtMs: 2_001, attempts: 1, provider: "a", atMs: 2_002 });
  }
  const { latencyMs, firstTokenMs, sentLateMs, answersPerSecond } = measuring.figures();
  // 12 to 1,002 ms in steps of 10; the histogram has three digits.
  expect(latencyMs?.p50).toBeCloseTo(502, -1);
  expect(latencyMs?.p99).toBeCloseTo(992, -1);
  expect(latencyMs?.max).toBeCloseTo(1_002, -1);
  expect(firstTokenMs?.p50).toBeCloseTo(501, -1);
  expect(sentLateMs?.p50).toBeCloseTo(500, -1);
  expect(answersPerSecond).toBeCloseTo(100 / 1.002, 5);
});

it("errors, refusals, providers and fallbacks are told apart", () => {
  const measuring = createLoadMeasuring(0);
  const ended = (code: string, provider?: string, attempts?: number, message?: string) => {
    measuring.sent(0, 0);
    measuring.ended(0, { code, provider, attempts, message, atMs: 500 });
  };
  ended("ok", "a", 1);
  ended("ok", "b", 2);
  ended("ok", "b", 3);
  ended("ok", "a");
  ended("all_providers_failed", undefined, 2);
  ended("ECONNRESET", undefined, undefined, "the first");
  ended("ECONNRESET", undefined, undefined, "the second");
  measuring.notSent();
  expect(measuring.figures()).toMatchObject({
    sent: 7,
    ok: 4,
    notSent: 1,
    answersPerSecond: 8,
    errors: { all_providers_failed: 1, ECONNRESET: 2 },
    errorMessages: { ECONNRESET: "the first" },
    byProvider: { a: 2, b: 2 },
    fallbackShare: 0.5,
  });
});

it("without any answer there are no times", () => {
  expect(createLoadMeasuring(0).figures()).toMatchObject({
    ok: 0,
    answersPerSecond: 0,
    latencyMs: undefined,
    firstTokenMs: undefined,
    fallbackShare: 0,
  });
});

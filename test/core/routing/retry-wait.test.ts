import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryWaitMs, type RetryQuestion } from "../../../src/core/routing/retry-wait.ts";
import { failing } from "../../support/chat-scripts.ts";

const question = (about: Partial<RetryQuestion>): RetryQuestion => ({
  error: failing("unavailable"),
  retried: 0,
  retries: 10,
  anotherIsReady: false,
  opensInMs: 0,
  maxRetryDelayMs: 250,
  remainingMs: 60_000,
  random: () => 0,
  ...about,
});

describe("the wait before a retry", () => {
  it("is any time from nothing up to a bound that doubles, to two seconds at most", () => {
    const longest = [0, 1, 2, 3, 4, 5, 6].map((retried) =>
      retryWaitMs(question({ retried, random: () => 1 })),
    );
    expect(longest).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
    expect(retryWaitMs(question({ retried: 3 }))).toBe(0);
  });

  it("comes after what the provider asks for, and keeps to every bound", () => {
    fc.assert(
      fc.property(
        fc.record({
          retried: fc.nat(4),
          retries: fc.nat(4),
          anotherIsReady: fc.boolean(),
          maxRetryDelayMs: fc.nat(3_000),
          remainingMs: fc.nat(20_000),
          retryAfterMs: fc.option(fc.nat(20_000), { nil: undefined }),
          drawn: fc.double({ min: 0, max: 0.999, noNaN: true }),
        }),
        ({ retryAfterMs, drawn, ...asked }) => {
          const error = failing("overloaded", { retryAfterMs });
          const waitMs = retryWaitMs(question({ ...asked, error, random: () => drawn }));
          if (asked.retried >= asked.retries) expect(waitMs).toBeUndefined();
          if (waitMs === undefined) return;
          const jitterMs = waitMs - (retryAfterMs ?? 0);
          expect(jitterMs).toBeGreaterThanOrEqual(0);
          expect(jitterMs).toBeLessThan(Math.min(2_000, 100 * 2 ** asked.retried));
          expect(waitMs).toBeLessThan(asked.remainingMs);
          expect(waitMs).toBeLessThanOrEqual(asked.anotherIsReady ? asked.maxRetryDelayMs : 10_000);
        },
      ),
    );
  });
});

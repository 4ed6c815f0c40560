import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CachedAnswer } from "../../../src/core/cache/answer-cache.ts";
import { createMemoryAnswers } from "../../../src/stores/memory/memory-answers.ts";
import { answerOf } from "../../support/kept-answers.ts";
import { createWallClock } from "../../support/wall-clock.ts";
import { answerContract } from "../answer-contract.ts";

const defaults = { maxEntries: 1_000, maxBytes: 268_435_456 };

answerContract("answers in memory", () => {
  const clock = createWallClock();
  const cache = createMemoryAnswers({ ...defaults, clock });
  return Promise.resolve({ cache, clock, close: () => cache.close() });
});

/** What one takes beside its own bytes. */
const besideBytes = (key: string): number => 256 + 2 * key.length;

interface Modelled {
  readonly key: string;
  readonly answer: CachedAnswer;
  readonly size: number;
  readonly untilMs: number;
}

describe("answers in memory", () => {
  it("leave those out first that were used longest ago", () => {
    const clock = createWallClock();
    const cache = createMemoryAnswers({ maxEntries: 3, maxBytes: 1e6, clock });
    const nowMs = clock.epochMs();
    for (const key of ["a", "b", "c"]) cache.put(key, answerOf(key, nowMs));
    cache.find("a");
    cache.put("d", answerOf("d", nowMs));
    expect(["a", "b", "c", "d"].map((key) => cache.find(key) !== undefined)).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect(cache.size).toBe(3);
  });

  it("keep no answer of more than a quarter of their bytes, nor the one it replaces", () => {
    const clock = createWallClock();
    const cache = createMemoryAnswers({ maxEntries: 10, maxBytes: 40_000, clock });
    const nowMs = clock.epochMs();
    const put = (bytes: number): boolean => {
      cache.put("a", answerOf("", nowMs, { bytes }));
      return cache.find("a") !== undefined;
    };
    const largest = 10_000 - besideBytes("a");
    expect([largest, largest + 1, 1, Number.NaN, 1, Infinity].map(put)).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
    ]);
    expect([cache.size, cache.bytes]).toEqual([0, 0]);
  });

  it("keep none where there is no room for any", () => {
    const clock = createWallClock();
    for (const room of [
      { ...defaults, maxEntries: 0 },
      { ...defaults, maxBytes: 0 },
    ]) {
      const cache = createMemoryAnswers({ ...room, clock });
      cache.put("a", answerOf("", clock.epochMs()));
      expect([cache.find("a"), cache.size]).toEqual([undefined, 0]);
    }
  });

  it("get no younger when the clock is set back", () => {
    const clock = createWallClock();
    const cache = createMemoryAnswers({ ...defaults, clock });
    cache.put("a", answerOf("", clock.epochMs()));
    clock.advance(3_599_999);
    clock.jump(-3_000_000);
    expect(cache.find("a")).toBeDefined();
    clock.advance(1);
    expect(cache.find("a")).toBeUndefined();
  });

  it("do what a list would that is searched through, and count their bytes as it does", () => {
    const key = fc.constantFrom("a/1", "a/2", "a/3", "b/1", "b/22", "c/333");
    const stepMs = fc.constantFrom(0, 1, 500, 10_000, 60_000, 60_001, 3_600_000);
    const step = fc.oneof(
      fc.record({
        type: fc.constant("put" as const),
        key,
        bytes: fc.oneof(fc.integer({ min: 0, max: 1_200 }), fc.double({ min: 0, max: 900, noNaN: true })),
        agoMs: fc.constantFrom(0, 1, 5_000, -60_000, -60_001),
        forMs: fc.constantFrom(1, 1_000, 100_000),
      }),
      fc.record({ type: fc.constant("find" as const), key }),
      fc.record({ type: fc.constant("advance" as const), ms: stepMs }),
      fc.record({
        type: fc.constant("jump" as const),
        ms: fc.oneof(
          stepMs,
          stepMs.map((ms) => -ms),
        ),
      }),
    );
    const room = fc.record({
      maxEntries: fc.integer({ min: 0, max: 4 }),
      maxBytes: fc.integer({ min: 0, max: 5_000 }),
    });
    fc.assert(
      fc.property(room, fc.array(step, { maxLength: 60 }), ({ maxEntries, maxBytes }, steps) => {
        const clock = createWallClock();
        const cache = createMemoryAnswers({ maxEntries, maxBytes, clock });
        /** The one used longest ago first. */
        let model: readonly Modelled[] = [];
        const bytesOf = (kept: readonly Modelled[]): number => kept.reduce((sum, { size }) => sum + size, 0);
        for (const step of steps) {
          const nowMs = clock.epochMs();
          if (step.type === "advance") clock.advance(step.ms);
          if (step.type === "jump") clock.jump(step.ms);
          if (step.type === "put") {
            const storedAtMs = nowMs - step.agoMs;
            const endsAtMs = storedAtMs + step.forMs;
            const { key, bytes } = step;
            const answer = answerOf("", storedAtMs, {
              bytes,
              freshUntilMs: endsAtMs,
              staleUntilMs: endsAtMs,
            });
            cache.put(key, answer);
            model = model.filter((kept) => kept.key !== key);
            const size = besideBytes(key) + Math.ceil(bytes);
            const fits = maxEntries > 0 && size <= maxBytes / 4;
            if (fits && nowMs < endsAtMs && nowMs >= storedAtMs - 60_000) {
              model = [...model, { key, answer, size, untilMs: clock.monotonicMs() + endsAtMs - nowMs }];
            }
            while (model.length > maxEntries || bytesOf(model) > maxBytes) model = model.slice(1);
          }
          if (step.type === "find") {
            const kept = model.find(({ key }) => key === step.key);
            model = model.filter((each) => each !== kept);
            const serves =
              kept !== undefined &&
              nowMs < kept.answer.staleUntilMs &&
              nowMs >= kept.answer.storedAtMs - 60_000 &&
              clock.monotonicMs() < kept.untilMs;
            if (serves) model = [...model, kept];
            expect(cache.find(step.key)).toBe(serves ? kept.answer : undefined);
          }
          expect([cache.size, cache.bytes]).toEqual([model.length, bytesOf(model)]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TargetLatency } from "../../../../src/core/routing/targets/target-latency.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

function createLatency() {
  const clock = createManualClock();
  const latency = new TargetLatency(clock);
  return {
    clock,
    latency,
    stream: (times: number, firstTokenMs: number, msPerToken: number): void => {
      for (let n = 0; n < times; n += 1) {
        latency.committed(firstTokenMs);
        latency.ended({ outputTokens: 50, generationMs: 50 * msPerToken });
      }
    },
    whole: (times: number, ms: number, outputTokens?: number): void => {
      for (let n = 0; n < times; n += 1) latency.committedWhole(ms, outputTokens);
    },
  };
}

describe("a target of which little is known", () => {
  it("is cold until five streams have been measured", () => {
    const { latency, stream } = createLatency();
    expect([latency.isCold(), latency.expectedMs(10), latency.samples()]).toEqual([true, undefined, 0]);
    stream(4, 200, 10);
    expect([latency.isCold(), latency.expectedMs(10), latency.samples()]).toEqual([true, undefined, 4]);
    stream(1, 200, 10);
    expect([latency.isCold(), latency.samples()]).toEqual([false, 5]);
  });

  it("is cold while fewer than five streams have ended", () => {
    const { latency } = createLatency();
    for (let n = 0; n < 10; n += 1) latency.committed(100);
    for (let n = 0; n < 4; n += 1) latency.ended({ outputTokens: 10, generationMs: 100 });
    expect(latency.isCold()).toBe(true);
    latency.ended({ outputTokens: 10, generationMs: 100 });
    expect(latency.isCold()).toBe(false);
  });

  it("is cold after five minutes of silence, and then has to be measured anew", () => {
    const { latency, clock, stream, whole } = createLatency();
    stream(100, 200, 10);
    whole(100, 1000, 10);
    clock.advance(300_000);
    expect(latency.isCold()).toBe(false);
    expect(latency.p95Ms()).toBeDefined();
    clock.advance(1);
    expect([latency.isCold(), latency.expectedMs(10), latency.p95Ms(), latency.samples()]).toEqual([
      true,
      undefined,
      undefined,
      0,
    ]);
    stream(4, 900, 10);
    whole(4, 900, 10);
    expect([latency.isCold(), latency.p95Ms(), latency.p95WholeMs(), latency.samples()]).toEqual([
      true,
      undefined,
      undefined,
      8,
    ]);
    stream(1, 900, 10);
    expect(latency.expectedMs(10)).toBeCloseTo(1000, 6);
  });
});

describe("expectedMs", () => {
  it("is the time to the first token, and that of each token of the answer", () => {
    const { latency, stream } = createLatency();
    stream(5, 200, 10);
    expect(latency.expectedMs(0)).toBeCloseTo(200, 9);
    expect(latency.expectedMs(100)).toBeCloseTo(1200, 9);
  });

  it("weighs an answer's speed by its tokens, and leaves answers without any out", () => {
    const { latency } = createLatency();
    for (let n = 0; n < 5; n += 1) latency.committed(0);
    for (let n = 0; n < 4; n += 1) latency.ended({ outputTokens: 0, generationMs: 5000 });
    expect(latency.isCold()).toBe(true);
    for (let n = 0; n < 4; n += 1) latency.ended({ outputTokens: 1, generationMs: 100 });
    latency.ended({ outputTokens: 1000, generationMs: 10_000 });
    const early = 0.95 + 0.95 ** 2 + 0.95 ** 3 + 0.95 ** 4;
    expect(latency.expectedMs(1)).toBeCloseTo((100 * early + 10_000) / (early + 1000), 9);
  });

  it("follows a target that becomes slow", () => {
    const { latency, stream } = createLatency();
    stream(100, 200, 10);
    stream(50, 2000, 10);
    expect(latency.expectedMs(0)).toBeGreaterThan(1800);
  });

  it("is the mean time of a target that gives whole answers only, by their length", () => {
    const { latency, whole } = createLatency();
    whole(4, 1000, 100);
    expect(latency.isCold()).toBe(true);
    whole(1, 1000, 100);
    expect(latency.isCold()).toBe(false);
    expect(latency.expectedMs(100)).toBeCloseTo(1000, 9);
    expect(latency.expectedMs(250)).toBeCloseTo(2500, 9);
  });

  it("is the mean time of a target whose answers have no tokens", () => {
    const { latency, whole } = createLatency();
    whole(5, 40);
    expect(latency.expectedMs(0)).toBeCloseTo(40, 9);
    expect(latency.expectedMs(500)).toBeCloseTo(40, 9);
  });

  it("takes the usual length from those whole answers that tell it", () => {
    const { latency, whole } = createLatency();
    whole(5, 1000, 100);
    whole(5, 1000);
    expect(latency.expectedMs(200)).toBeCloseTo(2000, 9);
  });

  it("is of the streams alone where there are both", () => {
    const { latency, stream, whole } = createLatency();
    whole(50, 9000, 10);
    stream(5, 200, 10);
    expect(latency.expectedMs(100)).toBeCloseTo(1200, 9);
  });

  it("is known just when the target is not cold, and is never beyond what was measured", () => {
    const step = fc.record({
      kind: fc.constantFrom("committed" as const, "ended" as const, "whole" as const),
      ms: fc.nat(60_000),
      pauseMs: fc.oneof({ weight: 9, arbitrary: fc.nat(5000) }, { weight: 1, arbitrary: fc.nat(700_000) }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: "max" }), (steps) => {
        const { latency, clock } = createLatency();
        for (const { kind, ms, pauseMs } of steps) {
          clock.advance(pauseMs);
          if (kind === "committed") latency.committed(ms);
          if (kind === "ended") latency.ended({ outputTokens: 10, generationMs: ms });
          if (kind === "whole") latency.committedWhole(ms, 10);
          const expectedMs = latency.expectedMs(10);
          expect(expectedMs === undefined).toBe(latency.isCold());
          if (expectedMs === undefined) continue;
          expect(expectedMs).toBeGreaterThanOrEqual(0);
          expect(expectedMs).toBeLessThanOrEqual(120_000.001);
        }
      }),
    );
  });
});

describe("p95Ms", () => {
  it("is undefined below twenty streams, and then within 2 % of the nineteenth of twenty", () => {
    const { latency, stream } = createLatency();
    stream(18, 100, 10);
    stream(1, 500, 10);
    expect(latency.p95Ms()).toBeUndefined();
    stream(1, 5000, 10);
    expect(latency.p95Ms()).toBeGreaterThanOrEqual(500);
    expect(latency.p95Ms()).toBeLessThanOrEqual(510);
  });

  it("keeps first tokens and whole answers apart", () => {
    const { latency, stream, whole } = createLatency();
    stream(20, 100, 10);
    expect(latency.p95WholeMs()).toBeUndefined();
    whole(20, 3000, 10);
    expect(latency.p95Ms()).toBeLessThanOrEqual(102);
    expect(latency.p95WholeMs()).toBeGreaterThanOrEqual(3000);
  });
});

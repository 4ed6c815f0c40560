import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GcraBucket } from "../../../src/core/limits/gcra.ts";

const minuteUs = 60_000_000n;

/** The same in whole numbers of any size: what is used, in parts of a unit that one unit a minute brings back. */
class Model {
  usedParts = 0n;
  sinceUs = 0n;

  refill(nowUs: bigint, limit: number): void {
    if (this.usedParts === 0n || nowUs < this.sinceUs - minuteUs) this.sinceUs = nowUs;
    if (nowUs <= this.sinceUs) return;
    const back = (nowUs - this.sinceUs) * BigInt(limit);
    this.usedParts = back >= this.usedParts ? 0n : this.usedParts - back;
    this.sinceUs = nowUs;
  }

  used(): number {
    return Number((this.usedParts + minuteUs - 1n) / minuteUs);
  }

  use(cost: number): void {
    const after = this.usedParts + BigInt(cost) * minuteUs;
    this.usedParts = after < 0n || this.used() + cost <= 0 ? 0n : after;
  }
}

const anyLimit = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 1_000_000_000_000 }));

describe("GcraBucket", () => {
  const step = fc.record({
    passMs: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 50 }),
      fc.integer({ min: 0, max: 86_400_000 }),
    ),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    /** Of the limit: what more was used than reserved, or less. */
    correction: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.double({ min: -2, max: 4, noNaN: true }) },
    ),
  });

  it("is what whole numbers of any size say, for any limits, waits, costs and corrections", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(step, fc.nat(1)), { maxLength: 60 }),
        fc.tuple(anyLimit, anyLimit),
        (steps, limits) => {
          const bucket = new GcraBucket();
          const model = new Model();
          let nowMs = 0;
          for (const [{ passMs, share, correction }, which] of steps) {
            nowMs += passMs;
            const limit = limits[which] ?? 1;
            bucket.refill(nowMs, limit);
            model.refill(BigInt(nowMs) * 1_000n, limit);
            expect(limit - bucket.remaining(limit)).toBe(model.used());
            const cost = Math.ceil(share * limit);
            if (bucket.waitMs(cost, limit, nowMs) === 0) {
              expect(model.used() + cost).toBeLessThanOrEqual(limit);
              bucket.use(cost);
              model.use(cost);
            } else expect(model.used() + cost).toBeGreaterThan(limit);
            const more = Math.round(correction * limit);
            bucket.use(more);
            model.use(more);
          }
        },
      ),
    );
  });

  it("admits in any time what is its burst and what comes back in that time, and no more", () => {
    const arrivals = fc.array(
      fc.tuple(fc.double({ min: 0, max: 400, noNaN: true }), fc.integer({ min: 1, max: 20 })),
      {
        minLength: 1,
        maxLength: 300,
        size: "max",
      },
    );
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 3_000 }), (arrivals, limit) => {
        const bucket = new GcraBucket();
        const admitted: { readonly atMs: number; readonly cost: number }[] = [];
        let nowMs = 0;
        for (const [passMs, wish] of arrivals) {
          nowMs += passMs;
          const cost = Math.min(wish, limit);
          bucket.refill(nowMs, limit);
          if (bucket.waitMs(cost, limit, nowMs) > 0) continue;
          bucket.use(cost);
          admitted.push({ atMs: nowMs, cost });
        }
        let mostBeyond = Number.NEGATIVE_INFINITY;
        for (const [index, { atMs: fromMs }] of admitted.entries()) {
          let sum = 0;
          for (const { atMs, cost } of admitted.slice(index)) {
            sum += cost;
            mostBeyond = Math.max(mostBeyond, sum - limit - ((atMs - fromMs) * limit) / 60_000);
          }
        }
        // What is left room for is the rounding of this sum itself.
        expect(mostBeyond).toBeLessThanOrEqual(1e-6);
      }),
    );
  });

  it("does not drift in months: one a second of 60 a minute is always let in, and nothing beside it", () => {
    const bucket = new GcraBucket();
    const [limit, cost] = [7, 1];
    bucket.refill(0, limit);
    bucket.use(limit);
    let nowMs = 0;
    let admitted = 0;
    // Every wait is the shortest that lets one in: the sum of them is what seven a minute take.
    for (; admitted < 7 * 60 * 24; admitted += 1) {
      bucket.refill(nowMs, limit);
      const waitMs = bucket.waitMs(cost, limit, nowMs);
      nowMs += waitMs;
      bucket.refill(nowMs, limit);
      expect(bucket.waitMs(cost, limit, nowMs)).toBe(0);
      bucket.use(cost);
    }
    expect(nowMs).toBe(24 * 60 * 60_000);
    nowMs += 90 * 24 * 60 * 60_000;
    bucket.refill(nowMs, limit);
    expect(bucket.remaining(limit)).toBe(limit);
  });

  it("brings nothing back for a clock that goes back and forth, beyond the time in which it went forth", () => {
    const moves = fc.array(fc.integer({ min: -120_000, max: 30_000 }), { maxLength: 100, size: "max" });
    fc.assert(
      fc.property(moves, fc.integer({ min: 1, max: 600 }), (moves, limit) => {
        const bucket = new GcraBucket();
        let nowMs = 10_000_000;
        let forthMs = 0;
        let admitted = 0;
        for (const move of moves) {
          nowMs += move;
          forthMs += Math.max(0, move);
          for (;;) {
            bucket.refill(nowMs, limit);
            if (bucket.waitMs(1, limit, nowMs) > 0) break;
            bucket.use(1);
            admitted += 1;
          }
          expect(admitted).toBeLessThanOrEqual(limit + (forthMs * limit) / 60_000);
        }
      }),
    );
  });

  it("goes on by a clock that was set back for good", () => {
    const bucket = new GcraBucket();
    bucket.refill(3_600_000, 60);
    bucket.use(60);
    bucket.refill(0, 60);
    expect(bucket.remaining(60)).toBe(0);
    bucket.refill(1_000, 60);
    expect(bucket.remaining(60)).toBe(1);
  });
});

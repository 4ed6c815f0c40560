// What every store of limits does, whatever keeps it.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LimitDecision, LimitStore, Take } from "../../src/core/limits/limit-store.ts";

export interface StoreUnderTest {
  readonly store: LimitStore;
  /** Moves the clock that the store goes by; never back. */
  advance(ms: number): void;
  close(): Promise<void>;
}

let keys = 0;
/** One that no other test has. */
const freshKey = (name: string): string => `${name}:{t${++keys}}`;

const take = (key: string, limit: number, cost = 1): Take => ({ bucket: { key, limit }, cost });

export function limitContract(name: string, create: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let under: StoreUnderTest;
    const taken = async (...takes: readonly Take[]): Promise<LimitDecision> => under.store.take(takes);
    beforeAll(async () => {
      under = await create();
    });
    afterAll(() => under.close());

    it("gives the whole limit at once, and no more", async () => {
      const key = freshKey("rpm");
      for (let left = 9; left >= 0; left -= 1) {
        const { allowed, states, refused, retryAfterMs } = await taken(take(key, 10));
        expect({ allowed, refused, retryAfterMs }).toEqual({
          allowed: true,
          refused: undefined,
          retryAfterMs: 0,
        });
        expect(states).toEqual([{ limit: 10, remaining: left, resetMs: (10 - left) * 6_000 }]);
      }
      expect(await taken(take(key, 10))).toEqual({
        allowed: false,
        states: [{ limit: 10, remaining: 0, resetMs: 60_000 }],
        refused: 0,
        retryAfterMs: 6_000,
      });
    });

    it("gives it back evenly over a minute, and not beyond", async () => {
      const key = freshKey("rpm");
      await taken(take(key, 10, 10));
      under.advance(30_000);
      expect((await taken(take(key, 10, 0))).states[0]?.remaining).toBe(5);
      under.advance(10_000_000);
      expect((await taken(take(key, 10, 10))).allowed).toBe(true);
      expect((await taken(take(key, 10))).allowed).toBe(false);
    });

    it("tells how long to wait, to the millisecond", async () => {
      const cost = fc.integer({ min: 1, max: 100 });
      const limit = fc.oneof(
        fc.integer({ min: 100, max: 5_000 }),
        fc.integer({ min: 100, max: 1_000_000_000_000 }),
      );
      const aMoment = fc.integer({ min: 0, max: 5_000 });
      await fc.assert(
        fc.asyncProperty(limit, cost, aMoment, async (limit, cost, aMoment) => {
          const key = freshKey("tpm");
          await taken(take(key, limit, limit));
          under.advance(aMoment);
          // Whatever has come back meanwhile is taken.
          const { states } = await taken(take(key, limit, 0));
          const left = states[0]?.remaining ?? 0;
          await taken(take(key, limit, left));
          const { allowed, retryAfterMs } = await taken(take(key, limit, cost));
          expect(allowed).toBe(false);
          under.advance(retryAfterMs - 1);
          const again = await taken(take(key, limit, cost));
          expect(again).toMatchObject({ allowed: false, retryAfterMs: 1 });
          under.advance(1);
          expect((await taken(take(key, limit, cost))).allowed).toBe(true);
        }),
        { numRuns: 50 },
      );
    });

    it("takes of all buckets or of none, and names the one that is waited for longest", async () => {
      const [tenant, apiKey] = [freshKey("rpm"), freshKey("rpm:key")];
      expect((await taken(take(tenant, 10), take(apiKey, 2, 2))).allowed).toBe(true);
      const refused = await taken(take(tenant, 10), take(apiKey, 2));
      expect(refused).toMatchObject({ allowed: false, refused: 1, retryAfterMs: 30_000 });
      expect(refused.states.map(({ remaining }) => remaining)).toEqual([9, 0]);
      expect((await taken(take(tenant, 10, 9))).allowed).toBe(true);
      // Both are empty now: the key's is the slower one.
      expect(await taken(take(tenant, 10), take(apiKey, 2))).toMatchObject({
        refused: 1,
        retryAfterMs: 30_000,
      });
      under.advance(30_000);
      expect((await taken(take(tenant, 10), take(apiKey, 2))).allowed).toBe(true);
    });

    it("is corrected below zero and back, and never above full", async () => {
      const key = freshKey("tpm");
      const reserved = take(key, 600, 100);
      await taken(reserved);
      under.store.correct([{ bucket: reserved.bucket, cost: 800 }]);
      expect(await taken(take(key, 600))).toMatchObject({
        allowed: false,
        states: [{ limit: 600, remaining: -300, resetMs: 90_000 }],
        retryAfterMs: 30_100,
      });
      under.store.correct([{ bucket: reserved.bucket, cost: -850 }]);
      expect((await taken(take(key, 600, 0))).states[0]?.remaining).toBe(550);
      under.store.correct([{ bucket: reserved.bucket, cost: -1_000 }]);
      expect((await taken(take(key, 600, 600))).allowed).toBe(true);
      expect((await taken(take(key, 600))).allowed).toBe(false);
    });

    it("holds each asker's limit against the same use", async () => {
      const key = freshKey("rpm");
      await taken(take(key, 10, 8));
      expect(await taken(take(key, 5))).toMatchObject({ allowed: false, states: [{ remaining: -3 }] });
      expect(await taken(take(key, 20, 12))).toMatchObject({ allowed: true, states: [{ remaining: 0 }] });
      under.advance(30_000);
      // As much came back as the one who asks has in half a minute.
      expect((await taken(take(key, 20, 0))).states[0]?.remaining).toBe(10);
    });

    it("lets 200 who come at once take exactly the burst", async () => {
      const [tenant, apiKey] = [freshKey("rpm"), freshKey("rpm:key")];
      const all = await Promise.all(
        Array.from({ length: 200 }, () => taken(take(tenant, 120), take(apiKey, 60))),
      );
      expect(all.filter(({ allowed }) => allowed)).toHaveLength(60);
      expect((await taken(take(tenant, 120, 0))).states[0]?.remaining).toBe(60);
    });

    it("has as many places as it says, and gives them on when they are left", async () => {
      const places = [{ key: freshKey("streams"), limit: 2 }];
      expect([await under.store.enter(places, "a"), await under.store.enter(places, "b")]).toEqual([
        undefined,
        undefined,
      ]);
      expect(await under.store.enter(places, "c")).toBe(0);
      // Who has one does not need another.
      expect(await under.store.enter(places, "a")).toBeUndefined();
      under.store.leave(places, "a");
      under.store.leave(places, "a");
      under.store.leave(places, "never came");
      expect(await under.store.enter(places, "c")).toBeUndefined();
      expect(await under.store.enter(places, "d")).toBe(0);
    });

    it("takes a place in each or in none", async () => {
      const tenant = { key: freshKey("streams"), limit: 3 };
      const apiKey = { key: freshKey("streams:key"), limit: 1 };
      expect(await under.store.enter([tenant, apiKey], "a")).toBeUndefined();
      expect(await under.store.enter([tenant, apiKey], "b")).toBe(1);
      expect(await under.store.enter([tenant], "c")).toBeUndefined();
      expect(await under.store.enter([tenant], "d")).toBeUndefined();
      expect(await under.store.enter([tenant], "e")).toBe(0);
    });

    it("has no place where there are none", async () => {
      expect(await under.store.enter([{ key: freshKey("streams"), limit: 0 }], "a")).toBe(0);
    });

    it("keeps the places of a long stream", async () => {
      const places = [{ key: freshKey("streams"), limit: 1 }];
      await under.store.enter(places, "a");
      for (let minutes = 0; minutes < 5; minutes += 1) {
        under.advance(60_000 - 1);
        expect(await under.store.enter(places, "b")).toBe(0);
      }
      under.store.leave(places, "a");
      expect(await under.store.enter(places, "b")).toBeUndefined();
    });

    it("has nothing to complain of", () => {
      expect(under.store.problems()).toEqual([]);
    });
  });
}

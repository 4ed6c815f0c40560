import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { LimitStore } from "../../../src/core/limits/limit-store.ts";
import { createMemoryLimits } from "../../../src/stores/memory/memory-limits.ts";
import { createRedisLimits, type RedisLimitsOptions } from "../../../src/stores/redis/redis-limits.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { limitContract } from "../limit-contract.ts";
import { farAwayBy, redisOptions } from "./redis-options.ts";

limitContract("limits in Redis", async () => {
  const redis = await startRedis();
  const time = createManualClock();
  const byTime = { clock: farAwayBy(time), nowMs: () => time.epochMs() };
  const store = createRedisLimits(redisOptions(redis.url, byTime));
  return {
    store,
    advance: (ms) => time.advance(ms),
    async close() {
      await store.close();
      await redis.remove();
    },
  };
});

const oneOf = (key: string, limit: number) => [{ bucket: { key, limit }, cost: 1 }];

describe("limits in Redis", () => {
  let redis: RedisServer;
  const stores: LimitStore[] = [];
  const open = (more: Partial<RedisLimitsOptions> = {}): LimitStore => {
    const store = createRedisLimits(redisOptions(redis.url, more));
    stores.push(store);
    return store;
  };
  beforeAll(async () => {
    redis = await startRedis({ password: "p@ss word" });
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await redis.remove();
  });

  it("decide as memory does, number by number", async () => {
    const time = createManualClock();
    const memory = createMemoryLimits({ clock: time });
    const store = open({ nowMs: () => time.epochMs() });
    const limits = [1, 7, 600, 50_000, 61_000_000, 1_000_000_000_000];
    const step = fc.record({
      passMs: fc.oneof(
        fc.constant(0),
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 0, max: 200_000 }),
      ),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      correction: fc.oneof(fc.constant(0), fc.double({ min: -1, max: 3, noNaN: true })),
    });
    const anyLimit = fc.constantFrom(...limits);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 30 }),
        anyLimit,
        anyLimit,
        async (steps, first, second) => {
          run += 1;
          for (const { passMs, share, correction } of steps) {
            time.advance(passMs);
            const takes = [
              { bucket: { key: `a:{r${run}}`, limit: first }, cost: Math.ceil(share * first) },
              { bucket: { key: `b:{r${run}}`, limit: second }, cost: Math.ceil(share * second) },
            ];
            expect(await store.take(takes)).toEqual(memory.take(takes));
            const more = takes.map(({ bucket }) => ({ bucket, cost: Math.round(correction * bucket.limit) }));
            store.correct(more);
            memory.correct(more);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it("go by Redis' own clock, and come back with it", async () => {
    const store = open();
    const takes = [{ bucket: { key: "rpm:{clock}", limit: 1_200 }, cost: 1_200 }];
    expect((await store.take(takes)).allowed).toBe(true);
    const one = [{ bucket: { key: "rpm:{clock}", limit: 1_200 }, cost: 1 }];
    const refused = await store.take(one);
    expect(refused).toMatchObject({ allowed: false });
    expect(refused.retryAfterMs).toBeLessThanOrEqual(50);
    await vi.waitFor(async () => expect((await store.take(one)).allowed).toBe(true), { interval: 5 });
  });

  it("keep nothing of buckets that are full again, and of no place that was left", async () => {
    const store = open();
    const bucket = { key: "rpm:{gone}", limit: 60 };
    await store.take([{ bucket, cost: 30 }]);
    // Half a minute until it is full, and a second more.
    const ttlMs = Number((await redis.run("PTTL", "sluice:rpm:{gone}")).slice(1));
    expect(ttlMs).toBeGreaterThan(30_000);
    expect(ttlMs).toBeLessThanOrEqual(31_000);
    store.correct([{ bucket, cost: -30 }]);
    const places = [{ key: "streams:{gone}", limit: 5 }];
    await store.enter(places, "a");
    expect(await redis.run("EXISTS", "sluice:rpm:{gone}")).toBe(":0");
    expect(await redis.run("EXISTS", "sluice:streams:{gone}")).toBe(":1");
    store.leave(places, "a");
    await expect.poll(() => redis.run("EXISTS", "sluice:streams:{gone}")).toBe(":0");
  });

  it("keep all that is decided together on one node of a cluster", async () => {
    const store = open();
    await store.take([
      { bucket: { key: "rpm:{acme}", limit: 10 }, cost: 1 },
      { bucket: { key: "rpm:{acme}:key:1", limit: 10 }, cost: 1 },
    ]);
    const slots = ["sluice:rpm:{acme}", "sluice:rpm:{acme}:key:1"].map((key) =>
      redis.run("CLUSTER", "KEYSLOT", key),
    );
    expect(new Set(await Promise.all(slots)).size).toBe(1);
  });

  it("free the places of a gateway that has died, and of no other", async () => {
    const time = createManualClock();
    const living = open({ clock: farAwayBy(time), nowMs: () => time.epochMs() });
    // Its clock moves no timer: it renews nothing.
    const dead = open({ nowMs: () => time.epochMs() });
    const places = [{ key: "streams:{died}", limit: 2 }];
    await living.enter(places, "living");
    await dead.enter(places, "dead");
    time.advance(59_999);
    expect(await living.enter(places, "next")).toBe(0);
    time.advance(1);
    expect(await living.enter(places, "next")).toBeUndefined();
    expect(await living.enter(places, "one more")).toBe(0);
  });

  it("are the same for all gateways", async () => {
    const [one, other] = [open(), open()];
    const all = await Promise.all(
      Array.from({ length: 200 }, async (_, n) =>
        (n % 2 === 0 ? one : other).take(oneOf("rpm:{shared}", 100)),
      ),
    );
    const admitted = all.filter(({ allowed }) => allowed).length;
    // What came back while they were asked is let in too.
    expect(admitted).toBeGreaterThanOrEqual(100);
    expect(admitted).toBeLessThanOrEqual(102);
  });

  it("send scripts again that Redis has forgotten", async () => {
    const store = open();
    const takes = [{ bucket: { key: "rpm:{flushed}", limit: 2 }, cost: 1 }];
    await store.take(takes);
    await redis.run("SCRIPT", "FLUSH");
    expect((await store.take(takes)).states[0]?.remaining).toBe(0);
    expect(store.problems()).toEqual([]);
  });
});

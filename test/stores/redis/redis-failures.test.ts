import { afterEach, describe, expect, it, vi } from "vitest";
import type { Clock } from "../../../src/core/clock.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import type { LimitStore, Take } from "../../../src/core/limits/limit-store.ts";
import { createRedisLimits, type RedisLimitsOptions } from "../../../src/stores/redis/redis-limits.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { type RedisServer, type RedisServerOptions, startRedis } from "../../support/redis-server.ts";
import { startTcpProxy } from "../../support/tcp-proxy.ts";
import { redisOptions } from "./redis-options.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function redisOfTest(options: RedisServerOptions = {}): Promise<RedisServer> {
  const redis = await startRedis(options);
  ends.push(() => redis.remove());
  return redis;
}

function open(url: string, more: Partial<RedisLimitsOptions> = {}): LimitStore {
  const store = createRedisLimits(redisOptions(url, more));
  ends.push(() => store.close());
  return store;
}

/**
 * Looks at whether Redis is back more often than every second, and counts that; waits five times as long for an answer
 * as calls should, for this machine may be busy.
 */
function createImpatientClock(): Clock & { readonly tries: number } {
  let tries = 0;
  return {
    ...systemClock,
    get tries() {
      return tries;
    },
    setTimer(delayMs, run) {
      if (delayMs !== 1_000) return systemClock.setTimer(delayMs * 5, run);
      tries += 1;
      return systemClock.setTimer(20, run);
    },
  };
}

const impatient = createImpatientClock();

/** Until it was tried again and again. */
async function triesOf(clock: { readonly tries: number }): Promise<void> {
  const before = clock.tries;
  await expect.poll(() => clock.tries).toBeGreaterThanOrEqual(before + 2);
}

const take = (key: string, limit: number, cost = 1): readonly Take[] => [{ bucket: { key, limit }, cost }];

/** How the other gateways would see the bucket. */
const usedInRedis = async (redis: RedisServer, key: string): Promise<number> =>
  Number(/(\d+) \d+ \d+$/.exec(await redis.run("GET", `sluice:${key}`))?.[1] ?? 0);

/** Until it has taken in Redis. */
const reached = (store: LimitStore, redis: RedisServer) =>
  vi.waitFor(
    async () => {
      await store.take(take("rpm:{reached}", 60));
      expect(await redis.run("EXISTS", "sluice:rpm:{reached}")).toBe(":1");
      expect(store.problems()).toEqual([]);
    },
    { timeout: 5_000 },
  );

const isBack = (store: LimitStore) =>
  vi.waitFor(() => expect(store.problems()).toEqual([]), { timeout: 5_000 });

describe("limits whose Redis is frozen", () => {
  it("cost a caller fifty milliseconds, and those who come later nothing", async () => {
    const redis = await redisOfTest();
    const clock = createManualClock();
    const store = open(redis.url, { clock });
    await store.take(take("rpm:{a}", 60));
    redis.freeze();
    const asked = [store.take(take("rpm:{a}", 60)), store.enter([{ key: "streams:{a}", limit: 5 }], "a")];
    clock.advance(49);
    const later = store.take(take("rpm:{a}", 60));
    const decided = vi.fn<() => void>();
    void Promise.all([...asked, later]).then(decided);
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    expect(decided).not.toHaveBeenCalled();
    clock.advance(1);
    expect(await Promise.all([...asked, later])).toMatchObject([
      { allowed: true },
      undefined,
      { allowed: true },
    ]);
    // At once, and not as a promise.
    expect(store.take(take("rpm:{a}", 60))).toMatchObject({ allowed: true });
    expect(store.enter([{ key: "streams:{a}", limit: 5 }], "b")).toBeUndefined();
    redis.thaw();
  });

  it("serve by the real clock well within what a caller notices, and are back when it thaws", async () => {
    const redis = await redisOfTest();
    const told: string[] = [];
    const store = open(redis.url, { clock: systemClock, tell: (message) => void told.push(message) });
    await reached(store, redis);
    const before = told.length;
    redis.freeze();
    const startedMs = performance.now();
    expect((await store.take(take("rpm:{a}", 60))).allowed).toBe(true);
    const firstMs = performance.now() - startedMs;
    expect(firstMs).toBeGreaterThanOrEqual(45);
    // 60 on a machine that does nothing else.
    expect(firstMs).toBeLessThan(300);
    expect(store.problems()).toEqual([
      "Redis does not answer in time. See what it is busy with. " +
        "Until it is back, this gateway keeps limits alone, divided by SLUICE_NODES=1.",
    ]);
    redis.thaw();
    await isBack(store);
    expect(told.slice(before).at(-1)).toBe(`Redis at 127.0.0.1:${redis.port} answers again.`);
  });

  it("free in it the places that were left meanwhile, and no others", async () => {
    const redis = await redisOfTest();
    const store = open(redis.url, { clock: impatient });
    const places = [{ key: "streams:{away}", limit: 4 }];
    await store.enter(places, "left");
    await store.enter(places, "stays");
    redis.freeze();
    await store.enter(places, "came");
    await store.enter(places, "came and left");
    expect(store.problems()).not.toEqual([]);
    for (const id of ["left", "came and left"]) store.leave(places, id);
    redis.thaw();
    await expect.poll(() => store.problems()).toEqual([]);
    const held = (): Promise<string> => redis.run("ZRANGE", "sluice:streams:{away}", "0", "-1");
    await expect.poll(async () => (await held()).match(/^[a-z ]+$/gm)?.toSorted()).toEqual(["came", "stays"]);
  });
});

describe("limits whose Redis is gone", () => {
  it("go on with a share of each limit, at least one, until it is started again", async () => {
    const redis = await redisOfTest();
    const store = open(redis.url, { clock: impatient, nodes: 3 });
    await reached(store, redis);
    await redis.kill();
    await expect.poll(() => store.problems()).toHaveLength(1);
    expect(store.problems()[0]).toMatch(/broke the connection|refuses connections/);
    const admitted = [];
    for (let n = 0; n < 60; n += 1) admitted.push(await store.take(take("rpm:{a}", 60)));
    expect(admitted.filter(({ allowed }) => allowed)).toHaveLength(20);
    expect(await store.take(take("rpm:{one}", 1))).toMatchObject({ allowed: true, states: [{ limit: 1 }] });
    // More than the share at once: the share is taken.
    expect(await store.take(take("tpm:{a}", 900, 800))).toMatchObject({
      allowed: true,
      states: [{ remaining: 0 }],
    });
    await redis.start();
    await isBack(store);
    expect(await store.take(take("rpm:{a}", 60))).toMatchObject({ states: [{ limit: 60, remaining: 59 }] });
  });

  it("were never there: a gateway starts and serves all the same", async () => {
    const redis = await redisOfTest();
    await redis.kill();
    const store = open(redis.url, { clock: impatient });
    expect((await store.take(take("rpm:{a}", 60))).allowed).toBe(true);
    await expect.poll(() => store.problems()[0]).toMatch(/^Redis refuses connections\./);
    await redis.start();
    await isBack(store);
  });

  it("are refused for as long, where the policy is so", async () => {
    const redis = await redisOfTest();
    await redis.kill();
    const store = open(redis.url, { clock: impatient, policy: "closed" });
    for (const asked of [
      () => store.take(take("rpm:{a}", 60)),
      () => store.enter([{ key: "streams:{a}", limit: 1 }], "a"),
      () => store.take(take("rpm:{a}", 60)),
    ]) {
      const error: unknown = await Promise.resolve(asked()).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(GatewayError);
      expect(error).toMatchObject({ code: "unavailable", retryAfterMs: 1_000 });
    }
    expect(store.problems()[0]).toContain("REDIS_FAILURE=closed");
    await redis.start();
    await isBack(store);
    expect((await store.take(take("rpm:{a}", 60))).allowed).toBe(true);
  });

  it("correct where they took", async () => {
    const redis = await redisOfTest();
    await redis.kill();
    const store = open(redis.url, { clock: impatient, nodes: 2 });
    const here = take("tpm:{a}", 1_000, 800);
    // Half of the limit is all there is.
    expect(await store.take(here)).toMatchObject({ states: [{ limit: 500, remaining: 0 }] });
    const refused = await store.take(take("tpm:{a}", 1_000, 100));
    expect(refused.allowed).toBe(false);
    await redis.start();
    await isBack(store);
    const there = take("tpm:{a}", 1_000, 600);
    await store.take(there);
    // Of the 800 that were asked for, 300 were used: not of those that were taken in Redis.
    store.correct(here.map(({ bucket }) => ({ bucket, cost: -500 })));
    store.correct(there.map(({ bucket }) => ({ bucket, cost: 100 })));
    await expect.poll(() => usedInRedis(redis, "tpm:{a}")).toBeGreaterThan(650);
    await redis.kill();
    await expect.poll(() => store.problems()).toHaveLength(1);
    expect((await store.take(take("tpm:{a}", 1_000, 0))).states[0]?.remaining).toBeGreaterThanOrEqual(200);
  });

  it("tell a Redis that has lost them which places are held", async () => {
    const redis = await redisOfTest();
    const store = open(redis.url, { clock: impatient });
    const other = open(redis.url, { clock: impatient });
    const places = [{ key: "streams:{a}", limit: 2 }];
    expect([await store.enter(places, "a"), await other.enter(places, "b")]).toEqual([undefined, undefined]);
    await redis.kill();
    await redis.start();
    await isBack(store);
    await isBack(other);
    await expect.poll(() => redis.run("ZCARD", "sluice:streams:{a}")).toBe(":2");
    expect(await store.enter(places, "c")).toBe(0);
  });
});

describe("limits whose Redis cannot do what they need", () => {
  it("are kept here while it is full", async () => {
    const redis = await redisOfTest({ args: ["--maxmemory", "100kb", "--maxmemory-policy", "noeviction"] });
    const clock = createImpatientClock();
    const store = open(redis.url, { clock });
    expect((await store.take(take("rpm:{a}", 60))).allowed).toBe(true);
    await expect.poll(() => store.problems()[0]).toMatch(/has no memory left\. Raise its maxmemory/);
    // It stays so: a server that answers and takes nothing is not back.
    await triesOf(clock);
    expect(store.problems()).toHaveLength(1);
    await redis.run("CONFIG", "SET", "maxmemory", "0");
    await isBack(store);
  });

  it("are kept here while its password is another, which nobody is told", async () => {
    const redis = await redisOfTest({ password: "the right one" });
    const told: string[] = [];
    const url = redis.url.replace("the%20right%20one", "canary-4711");
    const store = open(url, { clock: impatient, tell: (message) => void told.push(message) });
    expect((await store.take(take("rpm:{a}", 60))).allowed).toBe(true);
    await expect.poll(() => store.problems()[0]).toMatch(/refuses the password/);
    expect([...store.problems(), ...told].join(" ")).not.toContain("canary");
    expect(told).toHaveLength(1);
  });

  it("are kept here while it answers too slowly", async () => {
    const redis = await redisOfTest();
    const proxy = await startTcpProxy({ host: "127.0.0.1", port: redis.port });
    ends.push(() => proxy.close());
    const store = open(`redis://127.0.0.1:${proxy.port}`, { clock: impatient });
    await reached(store, redis);
    proxy.hang();
    expect((await store.take(take("rpm:{a}", 60))).allowed).toBe(true);
    expect(store.problems()[0]).toMatch(/does not answer in time/);
    expect((await store.take(take("rpm:{a}", 60))).allowed).toBe(true);
  });

  it("never make more than one connection at a time, and none once they are closed", async () => {
    const redis = await redisOfTest();
    const clock = createImpatientClock();
    const store = createRedisLimits(redisOptions(redis.url, { clock }));
    await reached(store, redis);
    const connections = async () =>
      Number(/connected_clients:(\d+)/.exec(await redis.run("INFO", "clients"))?.[1]) - 1;
    for (let round = 0; round < 2; round += 1) {
      redis.freeze();
      await store.take(take("rpm:{a}", 60));
      await triesOf(clock);
      redis.thaw();
      await isBack(store);
    }
    await expect.poll(connections).toBe(1);
    await store.close();
    await expect.poll(connections).toBe(0);
    // Whoever still asks is answered.
    expect((await store.take(take("rpm:{a}", 60))).allowed).toBe(true);
  });

  it("leave no timer and no socket when they are closed while it is away", async () => {
    const redis = await redisOfTest();
    redis.freeze();
    const clock = createManualClock();
    const store = createRedisLimits(redisOptions(redis.url, { clock }));
    void store.enter([{ key: "streams:{a}", limit: 1 }], "a");
    clock.advance(50);
    clock.advance(2_000);
    await store.close();
    await new Promise(setImmediate);
    expect(clock.pendingTimers).toBe(0);
    redis.thaw();
    const connections = async () =>
      Number(/connected_clients:(\d+)/.exec(await redis.run("INFO", "clients"))?.[1]) - 1;
    await expect.poll(connections).toBe(0);
  });
});

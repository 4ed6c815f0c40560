import { afterEach, describe, expect, it, vi } from "vitest";
import type { SemanticEntry, SemanticStore } from "../../../src/core/cache/semantic/semantic-store.ts";
import type { Clock } from "../../../src/core/clock.ts";
import { createRedisSemantics } from "../../../src/stores/redis/redis-semantics.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { patientClock } from "../../support/patient-clock.ts";
import { type RedisServer, type RedisServerOptions, startRedis } from "../../support/redis-server.ts";
import { entryOf, semanticContract } from "../semantic-contract.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** The wall clock can be moved on; answers are waited for patiently. */
function createMovableClock(): Clock & { advance(ms: number): void } {
  let movedMs = 0;
  return {
    ...patientClock,
    epochMs: () => Date.now() + movedMs,
    advance(ms) {
      movedMs += ms;
    },
  };
}

semanticContract("questions in Redis", async () => {
  const redis = await startRedis();
  const clock = createMovableClock();
  const options = { url: redis.url, clock, nodeId: "n", tell() {}, maxEntries: 8 };
  const store = createRedisSemantics(options);
  return {
    store,
    nowMs: () => clock.epochMs(),
    advance: (ms) => clock.advance(ms),
    async close() {
      await store.close();
      await redis.remove();
    },
  };
});

async function redisOfTest(options: RedisServerOptions = {}): Promise<RedisServer> {
  const redis = await startRedis(options);
  ends.push(() => redis.remove());
  return redis;
}

let nodes = 0;
function open(redis: RedisServer, clock: Clock = patientClock): SemanticStore {
  nodes += 1;
  const store = createRedisSemantics({ url: redis.url, clock, nodeId: `n${nodes}`, tell() {} });
  ends.push(() => store.close());
  return store;
}

const add = (store: SemanticStore, answerKey: string, more: Partial<SemanticEntry> = {}) =>
  store.add(entryOf({ nowMs: Date.now(), answerKey, question: `${answerKey}?`, ...more }));

const keysIn = (store: SemanticStore, tenantId = "acme") =>
  store
    .nearest({ tenantId, scope: "s" }, [1, 0], { count: 2_000, atLeast: 0.5 })
    .map(({ answerKey }) => answerKey)
    .sort();

const knows = (store: SemanticStore, ...keys: readonly string[]) =>
  vi.waitFor(() => expect(keysIn(store)).toEqual(keys), { timeout: 10_000, interval: 10 });

const isBack = (store: SemanticStore) =>
  vi.waitFor(() => expect(store.problems()).toEqual([]), { timeout: 10_000 });

const isAway = (store: SemanticStore) =>
  vi.waitFor(() => expect(store.problems()).toHaveLength(1), { timeout: 10_000 });

describe("questions that gateways share in Redis", () => {
  it("are known to the others within a second", async () => {
    const redis = await redisOfTest();
    const [one, other] = [open(redis), open(redis)];
    add(one, "acme/first");
    await knows(other, "acme/first");
    const startMs = performance.now();
    add(one, "acme/second");
    await knows(other, "acme/first", "acme/second");
    expect(performance.now() - startMs).toBeLessThan(1_000);
    add(other, "acme/third");
    await knows(one, "acme/first", "acme/second", "acme/third");
    expect(other.sameText({ tenantId: "acme", scope: "s" }, "acme/second")).toMatchObject({ similarity: 1 });
  });

  it("are known to one that starts later, however many", async () => {
    const redis = await redisOfTest();
    const one = open(redis);
    const keys = Array.from({ length: 300 }, (_, at) => `acme/${String(at).padStart(3, "0")}`);
    for (const key of keys) add(one, key);
    await expect.poll(() => redis.run("XLEN", "sluice:semantic")).toBe(":300");
    await knows(open(redis), ...keys);
  });

  it("expire in Redis with their answers", async () => {
    const redis = await redisOfTest();
    add(open(redis), "acme/1", { expiresAtMs: Date.now() + 30_000 });
    await expect.poll(() => redis.run("EXISTS", "sluice:semantic:acme/1")).toBe(":1");
    const leftMs = Number((await redis.run("PTTL", "sluice:semantic:acme/1")).slice(1));
    expect(leftMs).toBeGreaterThan(20_000);
    expect(leftMs).toBeLessThanOrEqual(30_000);
    // Whose question it was is no longer known then; only its key is named.
    expect(await redis.run("XRANGE", "sluice:semantic", "-", "+")).not.toContain("acme/1?");
  });

  it("are skipped where they are no questions", async () => {
    const redis = await redisOfTest();
    const one = open(redis);
    add(one, "acme/ok");
    await expect.poll(() => redis.run("EXISTS", "sluice:semantic:acme/ok")).toBe(":1");
    const whole = (await redis.run("GET", "sluice:semantic:acme/ok")).replace(/^\$\d+\r\n/, "");
    const broken = {
      "acme/cut": whole.slice(0, -20),
      "acme/text": "no JSON",
      "acme/null": "null",
      "acme/list": "[]",
      "acme/foreign": whole,
      "other/stolen": whole.replaceAll("acme/ok", "other/stolen"),
      "acme/novector": whole
        .replaceAll("acme/ok", "acme/novector")
        .replace(/"vector":"[^"]*"/, '"vector":"AAA"'),
      "acme/times": whole
        .replaceAll("acme/ok", "acme/times")
        .replace(/"expiresAtMs":\d+/, '"expiresAtMs":"x"'),
      "acme/later": whole.replaceAll("acme/ok", "acme/later").replaceAll(/AtMs":\d/g, 'AtMs":9'),
      "acme/long": whole.replaceAll("acme/ok", "acme/long").replace(/"question":"/, `$&${"x".repeat(3_000)}`),
    };
    for (const [key, text] of Object.entries(broken)) {
      await redis.run("SET", `sluice:semantic:${key}`, text);
      await redis.run("XADD", "sluice:semantic", "*", "node", "x", "key", key);
    }
    await redis.run("XADD", "sluice:semantic", "*", "node", "x", "key", "acme/gone");
    await redis.run("XADD", "sluice:semantic", "*", "other", "field");
    await redis.run("XADD", "sluice:semantic", "*", "node", "x", "key", "acme/x\ny\u0000");
    const other = open(redis);
    add(one, "acme/z");
    await knows(other, "acme/ok", "acme/z");
    expect(keysIn(other, "other")).toEqual([]);
    expect(other.problems()).toEqual([]);
  });

  it("are told and heard after Redis was restarted", async () => {
    const redis = await redisOfTest();
    const [one, other] = [open(redis), open(redis)];
    add(one, "acme/1");
    await knows(other, "acme/1");
    await redis.kill();
    await isAway(one);
    add(one, "acme/2");
    await knows(one, "acme/1", "acme/2");
    expect(keysIn(other)).toEqual(["acme/1"]);
    await redis.start();
    await knows(other, "acme/1", "acme/2");
    await isBack(one);
    add(other, "acme/3");
    await knows(one, "acme/1", "acme/2", "acme/3");
  });

  it("are heard from a Redis that begins anew with an earlier clock", async () => {
    const redis = await redisOfTest();
    const [one, other] = [open(redis), open(redis)];
    add(one, "acme/1");
    await knows(other, "acme/1");
    const text = (await redis.run("GET", "sluice:semantic:acme/1")).replace(/^\$\d+\r\n/, "");
    await redis.kill();
    await isAway(other);
    await redis.start();
    await redis.run("SET", "sluice:semantic:acme/2", text.replaceAll("acme/1", "acme/2"));
    await redis.run("XADD", "sluice:semantic", "5-1", "node", "x", "key", "acme/2");
    await knows(other, "acme/1", "acme/2");
  });

  it("cost no caller time while Redis is frozen, and are told when it goes on", async () => {
    const redis = await redisOfTest();
    const [one, other] = [open(redis, systemClock), open(redis, systemClock)];
    await isBack(one);
    redis.freeze();
    const startMs = performance.now();
    for (let at = 0; at < 100; at += 1) add(one, `acme/${at + 100}`);
    expect(keysIn(one)).toHaveLength(100);
    expect(performance.now() - startMs).toBeLessThan(60);
    await isAway(one);
    redis.thaw();
    await vi.waitFor(() => expect(keysIn(other)).toHaveLength(100), { timeout: 10_000 });
  });

  it("stay in each gateway's memory while Redis is full", async () => {
    const redis = await redisOfTest();
    const [one, other] = [open(redis), open(redis)];
    add(one, "acme/1");
    await knows(other, "acme/1");
    await redis.run("CONFIG", "SET", "maxmemory", "1");
    add(one, "acme/2");
    await isAway(one);
    expect(one.problems()[0]).toMatch(/has no memory left\. Raise its maxmemory/);
    expect(keysIn(one)).toEqual(["acme/1", "acme/2"]);
    await redis.run("CONFIG", "SET", "maxmemory", "0");
    await knows(other, "acme/1", "acme/2");
  });

  it("leave no timer behind", async () => {
    const redis = await redisOfTest();
    const running = new Set<object>();
    const clock: Clock = {
      ...systemClock,
      setTimer(delayMs, run) {
        const timer = systemClock.setTimer(delayMs, () => {
          running.delete(timer);
          run();
        });
        running.add(timer);
        return {
          cancel() {
            running.delete(timer);
            timer.cancel();
          },
        };
      },
    };
    const store = createRedisSemantics({ url: redis.url, clock, nodeId: "t", tell() {} });
    add(store, "acme/1");
    await expect.poll(() => redis.run("EXISTS", "sluice:semantic:acme/1")).toBe(":1");
    await store.close();
    await expect.poll(() => running.size).toBe(0);
  });
});

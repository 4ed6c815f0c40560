import { afterEach, describe, expect, it, vi } from "vitest";
import type { AnswerCache } from "../../../src/core/cache/answer-cache.ts";
import { createRedisAnswers, type RedisAnswersOptions } from "../../../src/stores/redis/redis-answers.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { answerOf } from "../../support/kept-answers.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { type RedisServer, type RedisServerOptions, startRedis } from "../../support/redis-server.ts";
import { redisAnswersOptions } from "./redis-answers-options.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function redisOfTest(options: RedisServerOptions = {}): Promise<RedisServer> {
  const redis = await startRedis(options);
  ends.push(() => redis.remove());
  return redis;
}

function open(url: string, more: Partial<RedisAnswersOptions> = {}): AnswerCache {
  const cache = createRedisAnswers(redisAnswersOptions(url, more));
  ends.push(() => cache.close());
  return cache;
}

const answerNow = (text: string) => answerOf(text, Date.now());

const isBack = (cache: AnswerCache) =>
  vi.waitFor(() => expect(cache.problems()).toEqual([]), { timeout: 5_000 });

/** Until what was put is there for all. */
async function putAndFound(cache: AnswerCache, key: string): Promise<void> {
  await expect
    .poll(async () => {
      cache.put(key, answerNow(key));
      return cache.find(key);
    })
    .toBeDefined();
}

describe("answers whose Redis is frozen", () => {
  it("cost who asks fifty milliseconds, and those who come later nothing", async () => {
    const redis = await redisOfTest();
    const clock = createManualClock();
    const cache = open(redis.url, { clock });
    cache.put("acme/1", answerOf("", clock.epochMs()));
    expect(await cache.find("acme/1")).toBeDefined();
    redis.freeze();
    const find = async (key: string) => cache.find(key);
    const asked = [find("acme/1"), find("acme/2")];
    cache.put("acme/2", answerOf("", clock.epochMs()));
    clock.advance(49);
    asked.push(find("acme/1"));
    const told = vi.fn<() => void>();
    void Promise.all(asked).then(told);
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    expect(told).not.toHaveBeenCalled();
    clock.advance(1);
    expect(await Promise.all(asked)).toEqual([undefined, undefined, undefined]);
    // At once, and not as a promise.
    expect(cache.find("acme/1")).toBeUndefined();
    cache.put("acme/2", answerOf("", clock.epochMs()));
    redis.thaw();
  });

  it("are nothing well within what a caller notices, by the real clock, and there when it thaws", async () => {
    const redis = await redisOfTest();
    const told: string[] = [];
    const cache = open(redis.url, { clock: systemClock, tell: (message) => void told.push(message) });
    await putAndFound(cache, "acme/1");
    const before = told.length;
    redis.freeze();
    const startedMs = performance.now();
    expect(await cache.find("acme/1")).toBeUndefined();
    const firstMs = performance.now() - startedMs;
    expect(firstMs).toBeGreaterThanOrEqual(45);
    // 60 on a machine that does nothing else.
    expect(firstMs).toBeLessThan(300);
    expect(cache.problems()).toEqual([
      "Redis does not answer in time. See what it is busy with. " +
        "Until it is back, this gateway shares no cached answers with others.",
    ]);
    redis.thaw();
    await isBack(cache);
    await expect.poll(() => cache.find("acme/1")).toBeDefined();
    expect(told.slice(before).at(-1)).toBe(`Redis at 127.0.0.1:${redis.port} answers again.`);
  });

  it("hold only so much for it of what is put meanwhile", async () => {
    const redis = await redisOfTest();
    // No time goes by: it is not found out.
    const cache = open(redis.url, { clock: createManualClock(Date.now()), maxEntryBytes: 2_000_000 });
    await cache.find("acme/1");
    redis.freeze();
    for (let n = 0; n < 10; n += 1) cache.put(`acme/${n}`, { ...answerNow("x".repeat(1_500_000)), bytes: 1 });
    redis.thaw();
    expect(await cache.find("acme/0")).toBeDefined();
    expect(await redis.run("DBSIZE")).toBe(":2");
    cache.put("acme/9", answerNow(""));
    expect(await cache.find("acme/9")).toBeDefined();
  });
});

describe("answers whose Redis is gone", () => {
  it("are nothing until it is started again", async () => {
    const redis = await redisOfTest();
    const cache = open(redis.url);
    await putAndFound(cache, "acme/1");
    await redis.kill();
    await expect.poll(() => cache.problems()).toHaveLength(1);
    expect(cache.problems()[0]).toMatch(/broke the connection|refuses connections/);
    expect(cache.find("acme/1")).toBeUndefined();
    cache.put("acme/1", answerNow(""));
    await redis.start();
    await isBack(cache);
    expect(await cache.find("acme/1")).toBeUndefined();
    await putAndFound(cache, "acme/1");
  });

  it("were never there: nothing is found, and nobody is thrown at", async () => {
    const redis = await redisOfTest();
    await redis.kill();
    const cache = open(redis.url);
    cache.put("acme/1", answerNow(""));
    expect(await cache.find("acme/1")).toBeUndefined();
    await expect.poll(() => cache.problems()[0]).toMatch(/^Redis refuses connections\./);
    await redis.start();
    await isBack(cache);
    await putAndFound(cache, "acme/1");
  });
});

describe("answers whose Redis takes none", () => {
  it("are found while it is full, and taken again when it has room", async () => {
    const redis = await redisOfTest({ args: ["--maxmemory-policy", "noeviction"] });
    const told: string[] = [];
    const cache = open(redis.url, { tell: (message) => void told.push(message) });
    await putAndFound(cache, "acme/1");
    await redis.run("CONFIG", "SET", "maxmemory", "100kb");
    for (const key of ["acme/2", "acme/3"]) {
      cache.put(key, answerNow(""));
      expect(await cache.find(key)).toBeUndefined();
    }
    expect(cache.problems()).toEqual([
      "Redis has no memory left. Raise its maxmemory, or let it evict. " +
        "Until then no further answers are cached there.",
    ]);
    expect(await cache.find("acme/1")).toBeDefined();
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^Redis at 127\.0\.0\.1:\d+ has no memory left\..*\(OOM /);
    await redis.run("CONFIG", "SET", "maxmemory", "0");
    await putAndFound(cache, "acme/2");
    expect(cache.problems()).toEqual([]);
    expect(told.slice(1)).toEqual([`Redis at 127.0.0.1:${redis.port} takes cached answers again.`]);
  });

  it("are found from the start of a gateway that finds it full", async () => {
    const redis = await redisOfTest({ args: ["--maxmemory-policy", "noeviction"] });
    await putAndFound(open(redis.url), "acme/1");
    await redis.run("CONFIG", "SET", "maxmemory", "100kb");
    const late = open(redis.url);
    expect(await late.find("acme/1")).toBeDefined();
  });

  it("are found in a replica", async () => {
    const primary = await redisOfTest({ args: ["--repl-diskless-sync-delay", "0"] });
    await putAndFound(open(primary.url), "acme/1");
    const replica = await redisOfTest({ args: ["--replicaof", "127.0.0.1", String(primary.port)] });
    const cache = open(replica.url);
    await expect.poll(() => cache.find("acme/1")).toBeDefined();
    cache.put("acme/2", answerNow(""));
    await expect.poll(() => cache.problems()[0]).toMatch(/it is a replica/);
    expect(await cache.find("acme/1")).toBeDefined();
  });
});

describe("answers in Redis that are closed", () => {
  it("leave no timer and no socket, also while it is away", async () => {
    const redis = await redisOfTest();
    redis.freeze();
    const clock = createManualClock();
    const cache = createRedisAnswers(redisAnswersOptions(redis.url, { clock }));
    const asked = cache.find("acme/1");
    cache.put("acme/1", answerOf("", clock.epochMs()));
    clock.advance(50);
    expect(await asked).toBeUndefined();
    clock.advance(2_000);
    await cache.close();
    await new Promise(setImmediate);
    expect(clock.pendingTimers).toBe(0);
    redis.thaw();
    const connections = async () =>
      Number(/connected_clients:(\d+)/.exec(await redis.run("INFO", "clients"))?.[1]) - 1;
    await expect.poll(connections).toBe(0);
  });
});

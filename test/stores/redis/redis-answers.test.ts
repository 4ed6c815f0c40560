import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AnswerCache } from "../../../src/core/cache/answer-cache.ts";
import { createAnswerJson } from "../../../src/core/cache/answer-json.ts";
import { createRedisAnswers, type RedisAnswersOptions } from "../../../src/stores/redis/redis-answers.ts";
import { answerOf, testAnswerJson, testEventJsons } from "../../support/kept-answers.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { createWallClock } from "../../support/wall-clock.ts";
import { answerContract } from "../answer-contract.ts";
import { redisAnswersOptions, timeOf } from "./redis-answers-options.ts";

answerContract("answers in Redis", async () => {
  const redis = await startRedis();
  const clock = createWallClock();
  const cache = createRedisAnswers(redisAnswersOptions(redis.url, { clock: timeOf(clock) }));
  return {
    cache,
    clock,
    async close() {
      await cache.close();
      await redis.remove();
    },
  };
});

const answerNow = (text: string) => answerOf(text, Date.now());

describe("answers in Redis", () => {
  let redis: RedisServer;
  const caches: AnswerCache[] = [];
  const open = (more: Partial<RedisAnswersOptions> = {}): AnswerCache => {
    const cache = createRedisAnswers(redisAnswersOptions(redis.url, more));
    caches.push(cache);
    return cache;
  };
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await Promise.all(caches.map((cache) => cache.close()));
    await redis.remove();
  });

  it("are forgotten by Redis itself at their end", async () => {
    const cache = open();
    const nowMs = Date.now();
    cache.put("acme/1", answerOf("", nowMs, { freshUntilMs: nowMs + 5_000, staleUntilMs: nowMs + 9_000 }));
    expect(await cache.find("acme/1")).toBeDefined();
    const ttlMs = Number((await redis.run("PTTL", "sluice:cache:acme/1")).slice(1));
    expect(ttlMs).toBeGreaterThan(5_000);
    expect(ttlMs).toBeLessThanOrEqual(9_000);
    cache.put("acme/2", answerOf("", nowMs, { freshUntilMs: nowMs, staleUntilMs: Date.now() + 100 }));
    await expect.poll(() => redis.run("EXISTS", "sluice:cache:acme/2")).toBe(":0");
    expect(await cache.find("acme/2")).toBeUndefined();
  });

  it("are the same for all gateways", async () => {
    const [one, other] = [open(), open()];
    const answer = answerNow("shared");
    one.put("acme/shared", answer);
    expect(await one.find("acme/shared")).toEqual(answer);
    expect(await other.find("acme/shared")).toEqual(answer);
  });

  it("are nothing where they are not whole, and are removed", async () => {
    const cache = open();
    const key = "acme/corrupt";
    const whole = testAnswerJson.write(key, answerNow("hello"));
    const wrong = [
      "",
      "null",
      "{}",
      "[]",
      "\0",
      "hello",
      whole.slice(0, -1),
      `${whole}x`,
      whole.replace('"version":1', '"version":2'),
      whole.replace('"costNanos":"1234"', '"costNanos":1234'),
      whole.replace('"type":"part_delta"', '"type":"part"'),
      testAnswerJson.write("other/corrupt", answerNow("another tenant's")),
      testAnswerJson.write("acme/corrupt2", answerNow("another key's")),
    ];
    for (const text of wrong) {
      expect(await redis.run("SET", `sluice:cache:${key}`, text)).toBe("+OK");
      expect([text, await cache.find(key)]).toEqual([text, undefined]);
      expect(await redis.run("EXISTS", `sluice:cache:${key}`)).toBe(":0");
    }
    await redis.run("RPUSH", `sluice:cache:${key}`, whole);
    expect(await cache.find(key)).toBeUndefined();
    expect(await redis.run("EXISTS", `sluice:cache:${key}`)).toBe(":0");
    await redis.run("SET", `sluice:cache:${key}`, whole);
    expect(await cache.find(key)).toMatchObject({ events: [{ text: "hello" }] });
    expect(cache.problems()).toEqual([]);
  });

  it("are left out where they are too large, and so is what was there before", async () => {
    const cache = open({ maxEntryBytes: 5_000 });
    cache.put("acme/large", answerNow("small"));
    expect(await cache.find("acme/large")).toBeDefined();
    // Once by what it says, once by its text.
    cache.put("acme/large", { ...answerNow("small"), bytes: 5_001 });
    expect(await cache.find("acme/large")).toBeUndefined();
    cache.put("acme/large", answerNow("small"));
    cache.put("acme/large", { ...answerNow("é".repeat(2_500)), bytes: 5_000 });
    expect(await cache.find("acme/large")).toBeUndefined();
    cache.put("acme/large", { ...answerNow("é".repeat(2_000)), bytes: 5_000 });
    expect(await cache.find("acme/large")).toBeDefined();
  });

  it("count by their size, whatever they say, and are nothing where they are too large", async () => {
    const cache = open({ maxEntryBytes: 50_000 });
    const said = { bytes: 1 };
    for (const [key, length] of [
      ["acme/fits", 40_000],
      ["acme/large", 10_485_760],
    ] as const) {
      const text = testAnswerJson.write(key, { ...answerNow("x".repeat(length)), ...said });
      await redis.run("SET", `sluice:cache:${key}`, text);
    }
    expect((await cache.find("acme/fits"))?.bytes).toBeGreaterThanOrEqual(20_000);
    expect(await cache.find("acme/large")).toBeUndefined();
  });

  it("are nothing where an event cannot be written or read, which is reported", async () => {
    const faults: unknown[] = [];
    const fault = new Error("It was not foreseen.");
    const fail = () => {
      throw fault;
    };
    const reportFault = (error: unknown): void => void faults.push(error);
    const writing = open({
      json: createAnswerJson({ ...testEventJsons, chat: { ...testEventJsons.chat, write: fail } }),
      reportFault,
    });
    writing.put("acme/fault", answerNow(""));
    expect(await writing.find("acme/fault")).toBeUndefined();
    open().put("acme/fault", answerNow(""));
    const reading = open({
      json: createAnswerJson({ ...testEventJsons, chat: { ...testEventJsons.chat, read: fail } }),
      reportFault,
    });
    await expect.poll(() => redis.run("EXISTS", "sluice:cache:acme/fault")).toBe(":1");
    expect(await reading.find("acme/fault")).toBeUndefined();
    expect(faults).toEqual([fault, fault]);
  });

  it("make room for others where Redis may evict", async () => {
    const small = await startRedis({ args: ["--maxmemory", "4mb", "--maxmemory-policy", "allkeys-lru"] });
    const cache = createRedisAnswers(redisAnswersOptions(small.url));
    const text = "x".repeat(100_000);
    for (let n = 0; n < 60; n += 1) {
      cache.put(`acme/${n}`, answerNow(text));
      expect(await cache.find(`acme/${n}`)).toBeDefined();
    }
    // Which ones go, Redis draws from a sample.
    let found = 0;
    for (let n = 0; n < 60; n += 1) if ((await cache.find(`acme/${n}`)) !== undefined) found += 1;
    expect(found).toBeLessThan(40);
    expect(cache.problems()).toEqual([]);
    await cache.close();
    await small.remove();
  });
});

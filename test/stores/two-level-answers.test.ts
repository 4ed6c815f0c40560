import { describe, expect, it } from "vitest";
import type { AnswerCache, CachedAnswer } from "../../src/core/cache/answer-cache.ts";
import { createMemoryAnswers } from "../../src/stores/memory/memory-answers.ts";
import { createRedisAnswers } from "../../src/stores/redis/redis-answers.ts";
import { createTwoLevelAnswers } from "../../src/stores/two-level-answers.ts";
import { answerOf } from "../support/kept-answers.ts";
import { startRedis } from "../support/redis-server.ts";
import { createWallClock } from "../support/wall-clock.ts";
import { answerContract } from "./answer-contract.ts";
import { redisAnswersOptions, timeOf } from "./redis/redis-answers-options.ts";

const defaults = { maxEntries: 1_000, maxBytes: 268_435_456 };

answerContract("answers in memory before Redis", async () => {
  const redis = await startRedis();
  const clock = createWallClock();
  const cache = createTwoLevelAnswers(
    createMemoryAnswers({ ...defaults, clock }),
    createRedisAnswers(redisAnswersOptions(redis.url, { clock: timeOf(clock) })),
  );
  return {
    cache,
    clock,
    async close() {
      await cache.close();
      await redis.remove();
    },
  };
});

/** A shared level whose answers come when a test says so. */
function createHeldAnswers(): AnswerCache & {
  readonly asked: string[];
  answer(answer: CachedAnswer | undefined): void;
} {
  const asked: string[] = [];
  let waiting: ((answer: CachedAnswer | undefined) => void) | undefined;
  return {
    asked,
    answer: (answer) => waiting?.(answer),
    find(key) {
      asked.push(key);
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    put: () => undefined,
    problems: () => ["The shared level is on fire."],
    close: () => Promise.resolve(),
  };
}

function levels() {
  const clock = createWallClock();
  const front = createMemoryAnswers({ ...defaults, clock });
  const shared = createHeldAnswers();
  return { front, shared, cache: createTwoLevelAnswers(front, shared), nowMs: clock.epochMs() };
}

describe("answers on two levels", () => {
  it("ask the shared level once for all who want the same at the time, and then the memory", async () => {
    const { shared, cache, nowMs } = levels();
    const all = Array.from({ length: 50 }, async () => cache.find("a"));
    const answer = answerOf("shared", nowMs);
    shared.answer(answer);
    expect(new Set(await Promise.all(all))).toEqual(new Set([answer]));
    expect(cache.find("a")).toBe(answer);
    expect(shared.asked).toEqual(["a"]);
    void cache.find("b");
    expect(shared.asked).toEqual(["a", "b"]);
  });

  it("ask it again for what it did not have", async () => {
    const { shared, cache, nowMs } = levels();
    const first = cache.find("a");
    shared.answer(undefined);
    expect(await first).toBeUndefined();
    const second = cache.find("a");
    shared.answer(answerOf("meanwhile", nowMs));
    expect(await second).toEqual(answerOf("meanwhile", nowMs));
  });

  it("prefer what was put while it was asked", async () => {
    const { shared, cache, nowMs } = levels();
    const asked = cache.find("a");
    cache.put("a", answerOf("newer", nowMs));
    shared.answer(answerOf("older", nowMs - 1));
    expect(await asked).toEqual(answerOf("newer", nowMs));
    expect(cache.find("a")).toEqual(answerOf("newer", nowMs));
  });

  it("tell what stands in the way of either", () => {
    expect(levels().cache.problems()).toEqual(["The shared level is on fire."]);
  });

  it("are seen by another gateway, which then has them in its own memory", async () => {
    const redis = await startRedis();
    const clock = createWallClock();
    const open = () => {
      const front = createMemoryAnswers({ ...defaults, clock });
      const shared = createRedisAnswers(redisAnswersOptions(redis.url, { clock: timeOf(clock) }));
      return createTwoLevelAnswers(front, shared);
    };
    const [one, other] = [open(), open()];
    const answer = answerOf("shared", clock.epochMs());
    one.put("acme/1", answer);
    await expect.poll(() => other.find("acme/1")).toEqual(answer);
    await redis.run("FLUSHALL");
    // At once, and not as a promise.
    expect(other.find("acme/1")).toEqual(answer);
    await Promise.all([one.close(), other.close()]);
    await redis.remove();
  });
});

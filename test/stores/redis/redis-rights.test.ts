import { afterEach, beforeEach, expect, it } from "vitest";
import type { Clock } from "../../../src/core/clock.ts";
import { createRedisSemantics } from "../../../src/stores/redis/redis-semantics.ts";
import { createRedisSharedKeys } from "../../../src/stores/redis/redis-shared-keys.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { runsClock } from "./open-runs.ts";

let redis: RedisServer;
let told: string[];
/** How often it was waited for the next try. */
let tries: number;
beforeEach(async () => {
  redis = await startRedis();
  told = [];
  tries = 0;
});
afterEach(() => redis.remove());

const tell = (message: string): void => void told.push(message);

const countingClock: Clock = {
  ...runsClock,
  setTimer(delayMs, run) {
    if (delayMs === 1_000) tries += 1;
    return runsClock.setTimer(delayMs, run);
  },
};

/** The server as a user sees it who may do all but that. */
async function urlWithout(command: string): Promise<string> {
  await redis.run("ACL", "SETUSER", "limited", "on", ">secret", "~*", "&*", "+@all", `-${command}`);
  return `redis://limited:secret@127.0.0.1:${redis.port}`;
}

it.each(["xread", "mget", "set"])(
  "questions whose Redis user lacks %s are away, which is told once",
  async (command) => {
    const store = createRedisSemantics({
      url: await urlWithout(command),
      clock: countingClock,
      nodeId: "one",
      tell,
    });
    await expect.poll(() => store.problems()).toEqual([expect.stringContaining("Grant it")]);
    await expect.poll(() => tries).toBeGreaterThan(3);
    expect(told).toHaveLength(1);
    await store.close();
  },
);

it.each(["mget", "set", "get"])(
  "keys whose Redis user lacks %s are away, which is told once",
  async (command) => {
    const store = createRedisSharedKeys({ url: await urlWithout(command), clock: runsClock, tell });
    await expect.poll(() => told).toEqual([expect.stringContaining("Grant it")]);
    for (let n = 0; n < 20; n += 1) {
      await store.newestMark(["one"]);
      await new Promise(setImmediate);
    }
    expect(told).toHaveLength(1);
    await store.close();
  },
);

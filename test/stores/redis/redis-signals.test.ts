// Signals over a real Redis that is also frozen, killed and full.

import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Clock } from "../../../src/core/clock.ts";
import { createRedisSignals, type RedisSignals } from "../../../src/stores/redis/redis-signals.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { type RedisServer, type RedisServerOptions, startRedis } from "../../support/redis-server.ts";

const answerMs = 2_000;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function redisOfTest(options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = await startRedis(options);
  ends.push(() => server.remove());
  return server;
}

/** Comes back, and asks whether it is heard, a hundred times as often; is as patient as it needs to be here. */
const impatientClock: Clock = {
  ...systemClock,
  setTimer: (delayMs, run) => systemClock.setTimer(impatiently(delayMs), run),
};

function impatiently(delayMs: number): number {
  if (delayMs === answerMs) return 500;
  return delayMs >= 1_000 ? delayMs / 100 : delayMs * 20;
}

interface Opened {
  readonly signals: RedisSignals;
  readonly told: readonly string[];
}

function open(url: string, clock: Clock = impatientClock): Opened {
  const told: string[] = [];
  const signals = createRedisSignals({ url, clock, tell: (message) => void told.push(message) });
  ends.push(() => signals.close());
  return { signals, told };
}

/** What is heard, in its order, from when the subscription is in force. */
async function listen({ signals }: Opened, channel: string) {
  const heard: (string | undefined)[] = [];
  const end = signals.subscribe(channel, (text) => void heard.push(text));
  await expect.poll(() => heard).toEqual([undefined]);
  heard.pop();
  return { heard, end };
}

const subscribers = async (redis: RedisServer, channel: string): Promise<string> =>
  redis.run("PUBSUB", "NUMSUB", channel);

/** Until it comes through. */
const isHeard = ({ signals }: Opened, channel: string, heard: readonly (string | undefined)[]) =>
  expect
    .poll(
      () => {
        signals.publish(channel, "there?");
        return heard;
      },
      { timeout: 5_000 },
    )
    .toContain("there?");

describe("signals", () => {
  let redis: RedisServer;
  let one: Opened;
  let other: Opened;
  beforeEach(async () => {
    redis = await redisOfTest();
    one = open(redis.url);
    other = open(redis.url);
  });

  it("are heard by all who listen to their channel, in order, and by nobody else", async () => {
    const [here, there] = [await listen(one, "c"), await listen(other, "c")];
    const elsewhere = await listen(other, "d");
    const texts = Array.from({ length: 100 }, (_, i) => `text ${i}`);
    for (const text of texts) one.signals.publish("c", text);
    await expect.poll(() => [here.heard, there.heard]).toEqual([texts, texts]);
    one.signals.publish("d", "");
    await expect.poll(() => elsewhere.heard).toEqual([""]);
  });

  it("say when a subscription comes into force: from then on nothing is missed", async () => {
    for (let i = 0; i < 10; i += 1) {
      const channel = `run:${i}`;
      const { heard, end } = await listen(other, channel);
      one.signals.publish(channel, "x");
      await expect.poll(() => heard).toEqual(["x"]);
      // Whoever comes to one that is there is told too, and not before it has subscribed.
      const second: (string | undefined)[] = [];
      const endSecond = other.signals.subscribe(channel, (text) => void second.push(text));
      expect(second).toEqual([]);
      await Promise.resolve();
      expect(second).toEqual([undefined]);
      endSecond();
      end();
    }
  });

  it("of channels that come and go while it runs", async () => {
    const { heard, end } = await listen(one, "c");
    const second = await listen(one, "d");
    end();
    end();
    await expect.poll(() => subscribers(redis, "c")).toMatch(/:0$/);
    other.signals.publish("c", "unheard");
    other.signals.publish("d", "heard");
    await expect.poll(() => second.heard).toEqual(["heard"]);
    expect(heard).toEqual([]);
    // Ended and begun in one moment.
    for (let i = 0; i < 20; i += 1) one.signals.subscribe("c", () => {})();
    const again = await listen(one, "c");
    await isHeard(other, "c", again.heard);
    again.end();
    second.end();
    // With no channel left it still listens.
    const last = await listen(one, "e");
    await isHeard(other, "e", last.heard);
  });

  it("are short, and so is what is heard", async () => {
    const { heard } = await listen(one, "c");
    expect(() => one.signals.publish("c", "x".repeat(1_025))).toThrow(RangeError);
    await redis.run("PUBLISH", "c", "x".repeat(5_000));
    await expect.poll(() => heard).toEqual([undefined]);
  });

  it("have ten thousand subscriptions at most, whose room is free again when they end", async () => {
    const all = Array.from({ length: 10_000 }, (_, i) => one.signals.subscribe(`run:${i % 5_000}`, () => {}));
    expect(() => one.signals.subscribe("more", () => {})).toThrow(
      expect.objectContaining({ code: "overloaded" }),
    );
    all[0]?.();
    one.signals.subscribe("more", () => {});
    await expect.poll(() => subscribers(redis, "run:4999")).toMatch(/:1$/);
    const { heard } = await listen(other, "run:4999");
    one.signals.publish("run:4999", randomUUID());
    await expect.poll(() => heard).toHaveLength(1);
  });
});

describe("signals whose Redis", () => {
  it("was killed: they are told of when it is back, and what they listen to is as before", async () => {
    const redis = await redisOfTest();
    const one = open(redis.url);
    const { heard } = await listen(one, "c");
    const second = await listen(one, "d");
    await redis.kill();
    await expect.poll(() => one.told).toHaveLength(1);
    expect(one.told[0]).toContain("other gateways are heard late");
    // Lost, and nobody waits.
    one.signals.publish("c", "lost");
    const meanwhile: (string | undefined)[] = [];
    one.signals.subscribe("e", (text) => void meanwhile.push(text));
    await redis.start();
    await expect
      .poll(() => [heard, second.heard, meanwhile])
      .toEqual([[undefined], [undefined], [undefined]]);
    expect(one.told).toEqual([expect.any(String), `Redis at 127.0.0.1:${redis.port} is listened to again.`]);
    await isHeard(one, "c", heard);
  });

  it("was not there at first", async () => {
    const redis = await redisOfTest();
    await redis.kill();
    const one = open(redis.url);
    const heard: (string | undefined)[] = [];
    one.signals.subscribe("c", (text) => void heard.push(text));
    await expect.poll(() => one.told).toHaveLength(1);
    await redis.start();
    await expect.poll(() => heard).toEqual([undefined]);
  });

  it("is frozen: that is noticed, nobody waits, and it is listened to again when it thaws", async () => {
    const redis = await redisOfTest();
    const one = open(redis.url);
    const { heard } = await listen(one, "c");
    redis.freeze();
    one.signals.publish("c", "lost");
    await expect.poll(() => one.told[0]).toMatch(/no answer|does not answer in time/);
    redis.thaw();
    await expect.poll(() => heard, { timeout: 5_000 }).toContain(undefined);
    await isHeard(one, "c", heard);
  });

  it("is full: nothing that they need is kept there", async () => {
    const redis = await redisOfTest({ args: ["--maxmemory", "100kb", "--maxmemory-policy", "noeviction"] });
    const one = open(redis.url);
    const { heard } = await listen(one, "c");
    one.signals.publish("c", "x");
    await expect.poll(() => heard).toEqual(["x"]);
    expect(one.told).toEqual([]);
  });

  it("has another password: that is told once, without the one that was tried", async () => {
    const redis = await redisOfTest({ password: "the right one" });
    const one = open(redis.url.replace("the%20right%20one", "canary-4711"));
    await expect.poll(() => one.told[0]).toMatch(/refuses the password/);
    await new Promise((resolve) => systemClock.setTimer(60, () => resolve(undefined)));
    expect(one.told).toHaveLength(1);
    expect(one.told.join()).not.toContain("canary");
  });

  it("leaves no timer and no socket when they are closed, away or not", async () => {
    const redis = await redisOfTest();
    const clients = async () =>
      Number(/connected_clients:(\d+)/.exec(await redis.run("INFO", "clients"))?.[1]) - 1;
    const clock = createManualClock();
    const signals = createRedisSignals({ url: redis.url, clock, tell() {} });
    const { heard } = await listen({ signals, told: [] }, "c");
    expect(await clients()).toBe(2);
    await signals.close();
    expect(clock.pendingTimers).toBe(0);
    await expect.poll(clients).toBe(0);
    redis.freeze();
    const late = createRedisSignals({ url: redis.url, clock, tell() {} });
    late.subscribe("c", () => {});
    await late.close();
    // Of the attempt to say something.
    clock.advance(2_000);
    await new Promise(setImmediate);
    expect(clock.pendingTimers).toBe(0);
    redis.thaw();
    await expect.poll(clients).toBe(0);
    expect(heard).toEqual([]);
  });
});

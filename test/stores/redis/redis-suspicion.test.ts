import { afterEach, expect, it, vi } from "vitest";
import { createRedisLink, type RedisLink } from "../../../src/stores/redis/redis-link.ts";
import { createRedisSuspicion, type RedisSuspicion } from "../../../src/stores/redis/redis-suspicion.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

interface LinkParts {
  readonly clock: ManualClock;
  readonly suspicion: RedisSuspicion;
}

const ping = (link: RedisLink): Promise<unknown> | undefined =>
  link.ask((connection) => connection.send(["PING"]));

/** One that Redis has answered. */
async function answeredLink({ url }: RedisServer, parts: LinkParts): Promise<RedisLink> {
  const { promise: answered, resolve: back } = Promise.withResolvers<void>();
  const link = createRedisLink({ url, check: () => Promise.resolve(), back, tell() {}, ...parts });
  ends.push(() => link.close());
  await answered;
  return link;
}

async function setUp() {
  const redis = await startRedis();
  ends.push(() => redis.remove());
  const parts = { clock: createManualClock(), suspicion: createRedisSuspicion() };
  return { redis, ...parts, one: await answeredLink(redis, parts), other: await answeredLink(redis, parts) };
}

it("whoever needs several links to a frozen Redis waits once", async () => {
  const { redis, clock, one, other } = await setUp();
  redis.freeze();
  const failed = vi.fn<() => void>();
  ping(one)?.catch(failed);
  clock.advance(50);
  await expect.poll(() => failed.mock.calls.length).toBe(1);
  expect(other.failure()).toBeUndefined();
  const otherFailed = vi.fn<() => void>();
  ping(other)?.catch(otherFailed);
  clock.advance(5);
  await expect.poll(() => otherFailed.mock.calls.length).toBe(1);
  expect(other.failure()).toMatch(/does not answer in time/);
  redis.thaw();
});

it("a slow answer to one link takes no other one away", async () => {
  const { redis, clock, one, other } = await setUp();
  redis.freeze();
  const answered = ping(one);
  clock.advance(5);
  redis.thaw();
  expect(await answered).toBe("PONG");
  clock.advance(44);
  expect(await ping(other)).toBe("PONG");
  await vi.waitFor(() => expect(clock.pendingTimers).toBe(0));
  clock.advance(1_000);
  expect([one.failure(), other.failure()]).toEqual([undefined, undefined]);
});

it("a link that was closed is not asked", async () => {
  const { suspicion, other, clock } = await setUp();
  await other.close();
  suspicion.raise();
  await expect.poll(() => clock.pendingTimers).toBe(0);
});

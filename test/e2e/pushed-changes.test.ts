// What one gateway changes, another one of the same database and Redis knows at once: none of these ever comes to its
// next look.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ApiKey } from "../../src/core/directory/entries.ts";
import type { Clock } from "../../src/core/clock.ts";
import { pollMs } from "../../src/config/managed/managed-configuration.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { platform, serveGateway, type ServedGateway } from "./served-gateway.ts";

/** Without the look that comes every two seconds; a Redis that was away is tried sooner. */
const lookless: Clock = {
  ...systemClock,
  setTimer(delayMs, run) {
    if (delayMs === pollMs) return { cancel() {} };
    return systemClock.setTimer(delayMs === 1_000 ? 20 : delayMs, run);
  },
};

let redis: RedisServer;
let databaseUrl: string;
let one: ServedGateway;
let other: ServedGateway;

const start = (environment: Readonly<Record<string, string>> = {}) =>
  serveGateway({
    clock: lookless,
    environment: {
      ...environment,
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.url,
      SLUICE_SECRET: "a secret of both, thirty-two bytes long",
      SLUICE_NODES: "2",
    },
  });

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.remove());
beforeEach(async () => {
  databaseUrl = await createTestDatabase();
  [one, other] = await Promise.all([start(), start()]);
  // Both listen.
  for (const channel of ["sluice:directory", "sluice:config"]) {
    await expect.poll(() => redis.run("PUBSUB", "NUMSUB", channel)).toMatch(/:2$/);
  }
});
afterEach(async () => {
  await Promise.all([one.close(), other.close()]);
});

const statusAt = async ({ baseUrl }: ServedGateway, secret: string): Promise<number> =>
  (await fetch(`${baseUrl}/v1/models`, { headers: { authorization: `Bearer ${secret}` } })).status;

async function msUntil(isSo: () => Promise<boolean>): Promise<number> {
  const startedMs = performance.now();
  while (!(await isSo())) if (performance.now() - startedMs > 5_000) throw new Error("It never is.");
  return performance.now() - startedMs;
}

const makeKey = () =>
  one.gateway.administration.createApiKey(platform, { name: "k", permissions: ["gateway:use"] });

const revoke = ({ id, version }: ApiKey) =>
  one.gateway.administration.revokeApiKey(platform, id, { version });

describe("a change of one gateway", () => {
  it("that revokes a key is in force at the other within milliseconds", async () => {
    const times: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      const { secret, apiKey } = await makeKey();
      expect(await statusAt(other, secret)).toBe(200);
      await revoke(apiKey);
      times.push(await msUntil(async () => (await statusAt(other, secret)) === 401));
    }
    const [best = Number.POSITIVE_INFINITY] = times.toSorted((a, b) => a - b);
    process.stdout.write(`a revoked key is refused elsewhere after ${times.map(Math.round).join(", ")} ms\n`);
    // Two seconds without a signal. This machine may be busy.
    expect(best).toBeLessThan(200);
  });

  it("of providers and routes is in force at the other", async () => {
    const provider = { name: "pushed", kind: "vllm", baseUrl: "http://127.0.0.1:9", model: "m" };
    await one.gateway.settings.addProvider(platform, provider);
    await expect
      .poll(() => other.gateway.settings.providers(platform).map(({ name }) => name))
      .toContain("pushed");
    await other.gateway.settings.removeProvider(platform, "pushed");
    await expect
      .poll(() => one.gateway.settings.providers(platform).map(({ name }) => name))
      .not.toContain("pushed");
  });

  it("that was made while Redis was away is in force when it is back", async () => {
    await redis.kill();
    const { secret, apiKey } = await makeKey();
    expect(await statusAt(other, secret)).toBe(200);
    await revoke(apiKey);
    expect(await statusAt(one, secret)).toBe(401);
    expect(await statusAt(other, secret)).toBe(200);
    await redis.start();
    await msUntil(async () => (await statusAt(other, secret)) === 401);
  });
});

it("a key that was revoked does not come back from Redis to a gateway that holds nothing", async () => {
  const shared = { API_KEY_CACHE: "redis" };
  const [first, cold] = [await start(shared), await start(shared)];
  try {
    const { administration } = first.gateway;
    const { secret, apiKey } = await administration.createApiKey(platform, { name: "k" });
    expect(await statusAt(first, secret)).toBe(200);
    await expect.poll(() => redis.run("KEYS", "sluice:keys:found:*")).toMatch(/^\*1\r/);
    await administration.revokeApiKey(platform, apiKey.id, { version: apiKey.version });
    // At once, whether it has heard a signal or not.
    expect(await statusAt(cold, secret)).toBe(401);
    expect(await redis.run("KEYS", "sluice:keys:found:*")).toMatch(/^\*1\r/);
  } finally {
    await Promise.all([first.close(), cold.close()]);
  }
});

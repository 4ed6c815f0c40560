// Gateways as the process composes them, on one Redis.

import { afterAll, beforeAll, expect, test } from "vitest";
import { configurationOf, createGateway, type RunningGateway } from "../../../src/gateway.ts";
import { request } from "../../support/chat-scripts.ts";
import { patientClock } from "../../support/patient-clock.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";

const password = "canary-4711";
const gateways: RunningGateway[] = [];
const logged: string[] = [];
let redis: RedisServer;

const log = (message: string, fields?: object): void =>
  void logged.push(`${message} ${JSON.stringify(fields)}`);

async function start(): Promise<RunningGateway> {
  const configuration = configurationOf({
    DATABASE_URL: "sqlite::memory:",
    REDIS_URL: redis.url,
    SLUICE_NODES: "2",
    REQUESTS_PER_MINUTE: "6",
    TOKENS_PER_MINUTE: "off",
  });
  const gateway = await createGateway(configuration, {
    log: { info: log, warn: log, error: log },
    clock: patientClock,
  });
  gateway.addProvider("scripted", createScriptedProvider(textScript("Hi")), { models: ["m"] });
  gateways.push(gateway);
  return gateway;
}

const isServed = (gateway: RunningGateway): Promise<boolean> =>
  gateway.chat({ ...request, model: "scripted/m" }).then(
    () => true,
    () => false,
  );

beforeAll(async () => {
  redis = await startRedis({ password });
});

afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  await redis.remove();
});

test("two gateways hold one limit, and each its half of it while Redis is away, which they tell of", async () => {
  const [first, second] = [await start(), await start()];
  // Each has one for limits, budgets, cached answers and runs, and two for signals; this one asks.
  await expect.poll(() => redis.run("INFO", "clients")).toContain("connected_clients:13");
  const served: boolean[] = [];
  for (let n = 0; n < 8; n += 1) served.push(await isServed(n % 2 === 0 ? first : second));
  expect(served).toEqual([true, true, true, true, true, true, false, false]);
  expect(first.readiness().problems.join(" ")).not.toContain("Redis");

  await redis.kill();
  for (const gateway of [first, second]) {
    await expect.poll(() => gateway.readiness().problems.join(" ")).toContain("SLUICE_NODES=2");
    const alone = [];
    for (let n = 0; n < 5; n += 1) alone.push(await isServed(gateway));
    expect(alone).toEqual([true, true, true, false, false]);
  }
  expect([...logged, ...first.readiness().problems].join(" ")).not.toContain(password);
  expect(first.readiness().problems.join(" ")).not.toContain("127.0.0.1");
  expect(logged.filter((line) => line.startsWith("Redis at "))).toHaveLength(2);
});

test("a gateway that is one of several and shares no Redis tells of it, and serves", async () => {
  const configuration = configurationOf({
    DATABASE_URL: "sqlite::memory:",
    SLUICE_NODES: "2",
    LOG_LEVEL: "silent",
  });
  const gateway = await createGateway(configuration);
  gateways.push(gateway);
  gateway.addProvider("scripted", createScriptedProvider(textScript("Hi")), { models: ["m"] });
  expect(gateway.readiness()).toEqual({
    ready: true,
    problems: [expect.stringMatching(/^SLUICE_NODES says 2 gateways, .* Set REDIS_URL\.$/)],
  });
});

// Gateways as the process composes them, on one database and one Redis: they spend one budget.

import { afterAll, beforeAll, expect, test } from "vitest";
import { createDemoUpstream, type DemoUpstream } from "../../../src/demo/demo-upstream.ts";
import { patientClock } from "../../support/patient-clock.ts";
import { keylessPrincipal as platform } from "../../support/principals.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { createManagedFixture, type ManagedFixture } from "../managed/managed-fixture.ts";

let redis: RedisServer;
let upstream: DemoUpstream;
let fixture: ManagedFixture;

beforeAll(async () => {
  redis = await startRedis();
  // No call has ended before all are decided.
  upstream = await createDemoUpstream({ tokenDelayMs: 100 });
  fixture = await createManagedFixture("PostgreSQL");
});

afterAll(async () => {
  await fixture.close();
  await upstream.close();
  await redis.remove();
});

/** One dollar a million tokens: a call of 100 tokens out and 4 bytes in costs 101 µ$ at most. */
const start = () =>
  fixture.start({
    environment: {
      SLUICE_SECRET: "a secret that is long enough to be one",
      REQUESTS_PER_MINUTE: "off",
      TOKENS_PER_MINUTE: "off",
      REDIS_URL: redis.url,
      SLUICE_NODES: "2",
      REDIS_FAILURE: "closed",
    },
    yaml: `
providers:
  mine: { kind: openai-compatible, apiKey: k, baseUrl: "${upstream.url}/v1", model: demo-chat }
prices:
  mine/*: { input: 1, output: 1 }
`,
    clock: patientClock,
  });

test("two gateways let in together what there is money for, and tell when they cannot know", async () => {
  const gateways = [await start(), await start()];
  const { administration } = gateways[0] ?? (await start());
  const hardNanos = 101_000n * 7n;
  await administration.createTenant(platform, { id: "acme", name: "Acme", budget: { hardNanos } });
  const { secret: credential } = await administration.createApiKey(platform, {
    tenantId: "acme",
    name: "k",
    permissions: ["gateway:use", "api_keys:create"],
  });

  const presented = { remoteAddress: "127.0.0.1", host: undefined, origin: undefined, credential };
  const callers = await Promise.all(
    gateways.map(async (gateway) => ({ gateway, principal: await gateway.access.authenticate(presented) })),
  );
  const question = {
    messages: [{ role: "user", parts: [{ type: "text", text: "Hey!" }] }],
    maxOutputTokens: 100,
  } as const;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, () => callers).flatMap((both) =>
      both.map(({ gateway, principal }) => gateway.chat(question, { principal })),
    ),
  );
  const refused = outcomes.flatMap((each): unknown[] => (each.status === "rejected" ? [each.reason] : []));
  expect(refused).toHaveLength(33);
  for (const error of refused) expect(error).toMatchObject({ code: "budget_exceeded" });

  await redis.kill();
  for (const gateway of gateways) {
    await expect
      .poll(() => gateway.readiness().problems.join(" "), { timeout: 5_000 })
      .toContain("calls that have budgets are answered unavailable");
  }
});

// What one gateway has answered, another one of the same Redis gives to whoever asks the same in other words.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { platform, serveGateway, type ServedGateway } from "../served-gateway.ts";
import { createLettersUpstream, type LettersUpstream } from "./letters-upstream.ts";

let redis: RedisServer;
let letters: LettersUpstream;
const served: ServedGateway[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.remove());
beforeEach(async () => {
  letters = await createLettersUpstream();
  await redis.run("FLUSHALL");
});
afterEach(async () => {
  await Promise.all(served.splice(0).map((each) => each.close()));
  await letters.close();
});

async function start(mode: "serve" | "shadow", environment: Readonly<Record<string, string>> = {}) {
  const gateway = await serveGateway({
    environment: { AUTH_REQUIRED: "false", ...environment },
    yaml: `
providers:
  letters: { kind: openai, apiKey: k, baseUrl: "${letters.baseUrl}", models: [letters] }
prices:
  letters/letters: { input: 1 }
  openai/demo-chat: { input: 1, output: 2 }
routes:
  default:
    cache: { mode: all, semantic: { mode: ${mode}, embedding: { provider: letters, model: letters } } }
    targets: [{ provider: openai, model: demo-chat }]
`,
  });
  served.push(gateway);
  return gateway;
}

async function ask(
  { baseUrl }: ServedGateway,
  content: string,
  headers: Readonly<Record<string, string>> = {},
) {
  const response = await fetch(`${baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ messages: [{ role: "user", content }] }),
  });
  expect(response.status).toBe(200);
  await response.arrayBuffer();
  return {
    id: response.headers.get("x-sluice-request-id") ?? "",
    status: response.headers.get("x-sluice-cache-status"),
  };
}

async function query({ baseUrl }: ServedGateway, text: string, variables: object = {}) {
  const response = await fetch(`${baseUrl}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: text, variables }),
  });
  const { data } = z.object({ data: z.record(z.string(), z.unknown()) }).parse(await response.json());
  return data;
}

const recordQuery = /* GraphQL */ `
  query ($id: ID!) {
    request(id: $id) {
      cacheStatus
      costNanos
      savedNanos
      answeredFrom
      attemptCount
      attempts {
        reason
        provider
        model
        status
        costNanos
      }
    }
  }
`;

const question = "What is the capital of France?";

/** What it tells in the end: others' questions are read four times a second. */
async function untilSemantic(gateway: ServedGateway, content: string) {
  const startedMs = performance.now();
  for (;;) {
    // None is kept: so none finds the answer of the one before.
    const told = await ask(gateway, content, { "x-sluice-cache-ttl": "0" });
    if (told.status === "semantic") return { ...told, tookMs: performance.now() - startedMs };
    if (performance.now() - startedMs > 5_000) throw new Error("It never is.");
  }
}

describe("an answer by meaning", () => {
  it("is given by another gateway within a second, and both records tell what was paid and saved", async () => {
    const [one, other] = await Promise.all([
      start("serve", { REDIS_URL: redis.url }),
      start("serve", { REDIS_URL: redis.url }),
    ]);
    const first = await ask(one, question);
    expect(first.status).toBe("miss");
    const second = await untilSemantic(other, "What's the capital of France");
    process.stdout.write(`another gateway knew it after ${Math.round(second.tookMs)} ms\n`);
    expect(second.tookMs).toBeLessThan(1_000);

    await Promise.all([one, other].map(({ gateway }) => gateway.database.flush()));
    const { request: paid } = await query(one, recordQuery, { id: first.id });
    expect(paid).toMatchObject({
      cacheStatus: "MISS",
      attemptCount: 1,
      attempts: [
        { reason: "SEMANTIC", provider: "letters", model: "letters", status: "OK", costNanos: "10000" },
        { reason: "PRIMARY", provider: "openai", model: "demo-chat", status: "OK" },
      ],
    });
    const { attempts, costNanos } = z
      .object({ costNanos: z.string(), attempts: z.array(z.object({ costNanos: z.string() })) })
      .parse(paid);
    const [embedding = "", answer = ""] = attempts.map((attempt) => attempt.costNanos);
    expect(BigInt(embedding) + BigInt(answer)).toBe(BigInt(costNanos));

    const { request: saved } = await query(other, recordQuery, { id: second.id });
    expect(saved).toMatchObject({ cacheStatus: "SEMANTIC", answeredFrom: first.id, savedNanos: answer });
    expect(saved).toMatchObject({ attemptCount: 0, costNanos: "10000", attempts: [{ reason: "SEMANTIC" }] });
    expect(await query(other, "{ metrics { cacheHits } }")).toEqual({ metrics: { cacheHits: 1 } });
    const { usage } = await query(
      other,
      `{ usage(from: "2020-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z") { totals { cacheHits } } }`,
    );
    expect(usage).toMatchObject({ totals: { cacheHits: "1" } });
  });

  it("is compared in shadow mode, and the report tells it", async () => {
    const gateway = await start("shadow");
    await ask(gateway, question);
    const second = await ask(gateway, "What's the capital of France");
    expect(second.status).toBe("miss");
    const { semanticCacheReport } = await query(
      gateway,
      `{ semanticCacheReport { routes { route lookUps wouldServe hitRatePercent disagreeing suggestedThreshold
         bands { from to wouldHit agreed disagreed guardRefused { guard count } } } } }`,
    );
    expect(semanticCacheReport).toMatchObject({
      routes: [{ route: "default", lookUps: 2, wouldServe: 1, hitRatePercent: 50, suggestedThreshold: null }],
    });
    const [route] = gateway.gateway.semanticCacheReport().routes;
    expect(route?.bands.reduce((sum, { agreed, disagreed }) => sum + agreed + disagreed, 0)).toBe(1);
  });

  it("costs a miss while Redis is away, and is there again when it is", async () => {
    const gateway = await start("serve", { REDIS_URL: redis.url });
    await ask(gateway, question);
    redis.freeze();
    try {
      expect((await ask(gateway, "What's the capital of France")).status).toMatch(/^(miss|semantic)$/);
    } finally {
      redis.thaw();
    }
    await untilSemantic(gateway, "What's the capital of France");
  });

  it("is given on a route that is made while the gateway runs", async () => {
    const gateway = await serveGateway({
      environment: { AUTH_REQUIRED: "false" },
      yaml: `providers: { letters: { kind: openai, apiKey: k, baseUrl: "${letters.baseUrl}", models: [letters] } }`,
    });
    served.push(gateway);
    const { settings } = gateway.gateway;
    const targets = [{ provider: "openai", model: "demo-chat" }];
    const embedding = { provider: "letters", model: "letters" };
    const cache = { mode: "all", semantic: { embedding, mode: "serve" } } as const;
    await settings.addRoute(platform, { name: "default", targets, cache });
    const first = await ask(gateway, question);
    expect([first.status, (await ask(gateway, "What's the capital of France")).status]).toEqual([
      "miss",
      "semantic",
    ]);
    await settings.updateRoute(platform, { name: "default", cache: null });
    expect((await ask(gateway, "What is France's capital?")).status).toBe("bypass");
    expect(letters.asked).toHaveLength(2);
  });

  it("opens nothing in Redis where no route asks for it", async () => {
    const gateway = await serveGateway({ environment: { AUTH_REQUIRED: "false", REDIS_URL: redis.url } });
    served.push(gateway);
    await ask(gateway, question);
    expect(await redis.run("EXISTS", "sluice:semantic")).toBe(":0");
    expect(gateway.gateway.semanticCacheReport()).toEqual({ routes: [] });
  });
});

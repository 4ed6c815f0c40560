import { describe, expect, it } from "vitest";
import { policyOf } from "../../src/core/routing/default-policies.ts";
import { type Given, messageOf, snapshotOf, targetsOf } from "./load.ts";

const policies = (given: Given, route?: string) => targetsOf(given, route).map(policyOf);
const strategyOf = (given: Given) => snapshotOf(given).routes.get("default")?.strategy;

const keys = { GROQ_API_KEY: "k", OPENAI_API_KEY: "k" };

describe("what holds of cached answers", () => {
  it.each([
    [{}, "deterministic"],
    [{ CACHE_MODE: "all" }, "all"],
    [{ CACHE_MODE: "off" }, "off"],
    [{ CACHE_MODE: "all", CACHE_ENABLED: "true" }, "all"],
    [{ CACHE_MODE: "all", CACHE_ENABLED: "false" }, "off"],
  ])("with %j is %s", (environment, mode) => {
    expect(snapshotOf({ environment }).cache).toEqual({ mode, ttlSeconds: 3_600 });
  });

  it("follows the settings, and what use cases and routes say stands beside it", () => {
    const yaml = `
providers: { groq: { kind: groq, apiKey: k } }
routes: { r: { cache: { staleIfErrorSeconds: 9 }, fallbackMessage: Later., targets: [{ provider: groq, model: m }] } }
useCases: { u: { route: r, cache: { ttlSeconds: 7 } } }
cacheTtlSeconds: 60
`;
    const { cache, routes, useCases } = snapshotOf({ yaml });
    expect(cache).toEqual({ mode: "deterministic", ttlSeconds: 60 });
    expect(routes.get("r")?.policy).toMatchObject({
      cache: { staleIfErrorSeconds: 9 },
      fallbackMessage: "Later.",
    });
    expect(useCases.get("u")).toEqual({ route: "r", cache: { ttlSeconds: 7 } });
  });
});

describe("the policy of a target", () => {
  it("is the default where nothing is said", () => {
    expect(policies({ environment: keys })[0]).toEqual({
      breaker: { failureThreshold: 5, resetTimeoutMs: 60_000 },
      firstTokenMs: 300_000,
      betweenTokensMs: 120_000,
      wholeAnswerMs: 300_000,
    });
  });

  it("follows the settings, then its provider, then itself, member by member", () => {
    const environment = { ...keys, BREAKER_FAILURE_THRESHOLD: "3", BREAKER_RESET_TIMEOUT_SECONDS: "30" };
    const yaml = `
providers:
  groq:
    kind: groq
    apiKey: k
    breaker: { resetTimeoutSeconds: 10, errorRate: { percent: 25 } }
    timeouts: { firstTokenMs: 9000 }
    maxConcurrent: 50
routes:
  r:
    targets:
      - { provider: openai, model: m }
      - { provider: groq, model: m }
      - { provider: groq, model: n, breaker: { failureThreshold: 1 }, timeouts: { betweenTokensMs: 7 }, maxConcurrent: 5 }
      - { provider: groq, model: o, breaker: { resetTimeoutSeconds: 1 } }
`;
    const errorRate = { share: 0.25, windowMs: 60_000, minAttempts: 20 };
    expect(policies({ environment, yaml }, "r")).toEqual([
      {
        breaker: { failureThreshold: 3, resetTimeoutMs: 30_000 },
        firstTokenMs: 300_000,
        betweenTokensMs: 120_000,
        wholeAnswerMs: 300_000,
      },
      {
        breaker: { failureThreshold: 3, resetTimeoutMs: 10_000, errorRate },
        firstTokenMs: 9_000,
        betweenTokensMs: 120_000,
        wholeAnswerMs: 300_000,
        maxConcurrent: 50,
      },
      {
        breaker: { failureThreshold: 1, resetTimeoutMs: 10_000, errorRate },
        firstTokenMs: 9_000,
        betweenTokensMs: 7,
        wholeAnswerMs: 300_000,
        maxConcurrent: 5,
      },
      {
        breaker: { failureThreshold: 3, resetTimeoutMs: 1_000, errorRate },
        firstTokenMs: 9_000,
        betweenTokensMs: 120_000,
        wholeAnswerMs: 300_000,
        maxConcurrent: 50,
      },
    ]);
  });

  it("follows the provider's own variables", () => {
    const environment = {
      ...keys,
      BREAKER_FAILURE_THRESHOLD: "3",
      GROQ_BREAKER_FAILURE_THRESHOLD: "10",
      OPENAI_BREAKER_RESET_TIMEOUT_SECONDS: "120",
    };
    expect(policies({ environment }).map(({ breaker }) => breaker)).toEqual([
      { failureThreshold: 10, resetTimeoutMs: 60_000 },
      { failureThreshold: 3, resetTimeoutMs: 120_000 },
    ]);
  });

  it.each([
    ["BREAKER_FAILURE_THRESHOLD", "0", "must be a whole number from 1 to 1000"],
    ["GROQ_BREAKER_FAILURE_THRESHOLD", "1001", "must be a whole number from 1 to 1000"],
    ["GROQ_BREAKER_RESET_TIMEOUT_SECONDS", "-1", "must be a whole number from 1 to 86400"],
    ["MAX_CONCURRENT_CALLS", "0", "must be a whole number from 1 to 100000"],
    ["CALL_QUEUE_MAX", "-1", "must be a whole number from 0 to 100000"],
    ["CALL_QUEUE_MS", "0", "must be a whole number from 1 to 60000"],
    [
      "ROUTE_STRATEGY",
      "cheapest",
      "must be priority, weighted, round_robin, least_latency, lowest_cost, smart",
    ],
  ])("%s=%s is refused", (variable, value, allowed) => {
    expect(messageOf({ environment: { ...keys, [variable]: value } })).toBe(
      `environment: ${variable}: ${allowed}; found "${value}".`,
    );
  });
});

describe("a provider with several keys", () => {
  const yaml = "providers: { groq: { kind: groq, apiKeys: [a, b, c] } }";

  it("has an adapter for each, by a name that is not the key", () => {
    const groq = snapshotOf({ yaml }).providers.get("groq");
    expect(groq?.credentials?.map(({ id }) => id)).toEqual(["key-1", "key-2", "key-3"]);
    expect(new Set(groq?.credentials?.map(({ adapter }) => adapter)).size).toBe(3);
    expect(groq?.credentials?.[0]?.adapter).toBe(groq?.adapter);
  });

  it("is told from one with a single key", () => {
    const groq = snapshotOf({ environment: keys }).providers.get("groq");
    expect(groq?.credentials).toBeUndefined();
  });
});

describe("a route's strategy", () => {
  it("is the setting's where the gateway makes the route itself", () => {
    const environment = { ...keys, ROUTE_STRATEGY: "smart" };
    expect(strategyOf({ environment: keys })).toBe("priority");
    expect(strategyOf({ environment })).toBe("smart");
    const yaml = "routes: { default: { strategy: weighted, targets: [{ provider: groq, model: m }] } }";
    expect(strategyOf({ environment, yaml })).toBe("weighted");
  });

  it("comes with its policy, and its targets with their weights and retries", () => {
    const yaml = `
routes:
  r:
    strategy: weighted
    onStreamBreak: restart
    targets: [{ provider: groq, model: m, weight: 3, retries: 0 }]
`;
    expect(snapshotOf({ environment: keys, yaml }).routes.get("r")).toMatchObject({
      strategy: "weighted",
      policy: { midStream: "restart" },
      targets: [{ weight: 3, retries: 0 }],
    });
  });
});

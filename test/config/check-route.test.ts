import { describe, expect, it, test } from "vitest";
import { checkRoute } from "../../src/config/check-route.ts";
import { ConfigurationError, type RouteConfiguration } from "../../src/config/configuration.ts";
import { kinds, load } from "./load.ts";
import { knownProviders, routeRefusal } from "./refusals.ts";

const checked = (entry: unknown, name = "r"): RouteConfiguration =>
  checkRoute({
    name,
    source: "managed",
    entry,
    place: "input",
    providers: knownProviders,
    kinds,
    routes: [],
  });

const one = { provider: "groq", model: "m" };
const two = { provider: "openai", model: "n" };
const embedding = { provider: "openai", model: "text-embedding-3-small" };

describe("a route", () => {
  it("that says nothing but its targets has the defaults", () => {
    expect(checked({ targets: [one] })).toEqual({
      name: "r",
      source: "managed",
      strategy: "priority",
      targets: [{ provider: "groq", model: "m" }],
      policy: { midStream: "fail", maxRetryDelayMs: 250, smartWeights: { latency: 0.6, cost: 0.4 } },
    });
  });

  it("says how its targets are chosen, and what becomes of slow and broken ones", () => {
    const entry = {
      strategy: "smart",
      smartWeights: { latency: 1, cost: 3 },
      onStreamBreak: "continue",
      maxRetryDelayMs: 0,
      hedge: { afterMs: 800, maxSharePercent: 2.5, maxCostDollars: 0.01 },
      targets: [one, two],
    };
    expect(checked(entry)).toMatchObject({
      strategy: "smart",
      policy: {
        midStream: "continue",
        maxRetryDelayMs: 0,
        smartWeights: { latency: 1, cost: 3 },
        hedge: { after: { ms: 800 }, maxShare: 0.025, maxCostNanos: 10_000_000n },
      },
    });
  });

  it("may say how its answers are cached, and what is said when every provider fails", () => {
    const cache = { mode: "all", ttlSeconds: 0, staleIfErrorSeconds: 86_400 };
    const fallbackMessage = "x".repeat(16_384);
    expect(checked({ cache, fallbackMessage, targets: [one] }).policy).toMatchObject({
      cache,
      fallbackMessage,
    });
  });

  it("may say when an answer serves other questions: by itself in shadow mode, at 0.95", () => {
    expect(checked({ cache: { semantic: { embedding } }, targets: [one] }).policy?.cache?.semantic).toEqual({
      embedding,
      threshold: 0.95,
      mode: "shadow",
    });
    const semantic = { embedding, threshold: 1, mode: "serve", ttlSeconds: 60 };
    expect(checked({ cache: { semantic }, targets: [one] }).policy).toMatchObject({ cache: { semantic } });
  });

  it("hedges 5 % of its calls after the p95 where it says no more", () => {
    const { policy } = checked({ hedge: { afterMs: "p95" }, targets: [one, two] });
    expect(policy?.hedge).toEqual({ after: "p95", maxShare: 0.05, maxCostNanos: undefined });
  });

  it.each(["priority", "weighted", "round_robin", "least_latency", "lowest_cost", "smart"])(
    "may order by %s",
    (strategy) => expect(checked({ strategy, targets: [one] }).strategy).toBe(strategy),
  );

  it("has targets that say how they are asked", () => {
    const target = {
      ...one,
      priority: 3,
      weight: 2.5,
      retries: 0,
      breaker: { failureThreshold: 3, resetTimeoutSeconds: 30, errorRate: { percent: 50 } },
      timeouts: { firstTokenMs: 2_000, betweenTokensMs: 1_000 },
      maxConcurrent: 8,
    };
    expect(checked({ targets: [target] }).targets).toEqual([
      {
        provider: "groq",
        model: "m",
        priority: 3,
        weight: 2.5,
        retries: 0,
        policy: {
          breaker: {
            failureThreshold: 3,
            resetTimeoutMs: 30_000,
            errorRate: { share: 0.5, windowMs: 60_000, minAttempts: 20 },
          },
          firstTokenMs: 2_000,
          betweenTokensMs: 1_000,
          maxConcurrent: 8,
        },
      },
    ]);
  });

  it("may ask one model over two APIs, and wait as long as its provider's connections do", () => {
    const hosted = { name: "hosted", kind: "hosted" };
    const entry = {
      targets: [
        { provider: "hosted", model: "m" },
        { provider: "hosted", model: "m", api: "responses" },
      ],
    };
    const given = { name: "r", source: "managed", place: "input", kinds, routes: [] } as const;
    expect(checkRoute({ ...given, entry, providers: [hosted] }).targets).toHaveLength(2);
    const said = { targets: [...entry.targets, { provider: "hosted", model: "m", api: "chat" }] };
    expect(() => checkRoute({ ...given, entry: said, providers: [hosted] })).toThrow(
      "input.targets[2]: hosted/m is the same target as [0].",
    );
    const patient = { provider: "patient", model: "m", timeouts: { firstTokenMs: 1_800_000 } };
    expect(checked({ targets: [patient] }).targets).toHaveLength(1);
  });

  it("that is called what no route may be is refused", () => {
    expect(() => checked({ targets: [one] }, "No Route")).toThrow(
      'input.name: must be lower-case letters, digits, `-` or `_`; found "No Route".',
    );
  });
});

const withTarget = (over: object) => ({ targets: [two, { ...one, ...over }] });

describe("what is wrong with a route is refused in the same words wherever it is written", () => {
  const weight = "must be a number from 0 to 1000000";
  test.each<[string, unknown, string]>([
    ["a negative weight", withTarget({ weight: -1 }), `.targets[1].weight: ${weight}; found -1.`],
    ["a weight that is no number", withTarget({ weight: "2" }), `.targets[1].weight: ${weight}; found "2".`],
    [
      "no weight above 0",
      {
        targets: [
          { ...one, weight: 0 },
          { ...two, weight: 0 },
        ],
      },
      ".targets: one at least must have a weight above 0; found 0 on all.",
    ],
    [
      "too many retries",
      withTarget({ retries: 11 }),
      ".targets[1].retries: must be a whole number from 0 to 10; found 11.",
    ],
    [
      "half a retry",
      withTarget({ retries: 0.5 }),
      ".targets[1].retries: must be a whole number from 0 to 10; found 0.5.",
    ],
    [
      "no time for the first token",
      withTarget({ timeouts: { firstTokenMs: 0 } }),
      ".targets[1].timeouts.firstTokenMs: must be a whole number from 1 to 3600000; found 0.",
    ],
    [
      "no time between tokens",
      withTarget({ timeouts: { betweenTokensMs: 0 } }),
      ".targets[1].timeouts.betweenTokensMs: must be a whole number from 1 to 3600000; found 0.",
    ],
    [
      "a longer time than the provider's connections have",
      withTarget({ timeouts: { firstTokenMs: 600_001 } }),
      ".targets[1].timeouts.firstTokenMs: must be at most 600000, for which the connections of groq wait; " +
        "found 600001. Give groq a longer timeouts.firstTokenMs first.",
    ],
    [
      "a time that a target does not have",
      withTarget({ timeouts: { connectMs: 1 } }),
      ".targets[1].timeouts.connectMs: is no key. There are: firstTokenMs, betweenTokensMs, wholeAnswerMs.",
    ],
    [
      "a breaker that is never closed",
      withTarget({ breaker: { failureThreshold: 0 } }),
      ".targets[1].breaker.failureThreshold: must be a whole number from 1 to 1000; found 0.",
    ],
    [
      "a breaker that does not open",
      withTarget({ breaker: { resetTimeoutSeconds: 0 } }),
      ".targets[1].breaker.resetTimeoutSeconds: must be a whole number from 1 to 86400; found 0.",
    ],
    [
      "an error rate above all",
      withTarget({ breaker: { errorRate: { percent: 101 } } }),
      ".targets[1].breaker.errorRate.percent: must be a number from 1 to 100; found 101.",
    ],
    [
      "an error rate that is none",
      withTarget({ breaker: { errorRate: {} } }),
      ".targets[1].breaker.errorRate.percent: must be a number from 1 to 100; found nothing.",
    ],
    [
      "a breaker's key that does not exist",
      withTarget({ breaker: { threshold: 3 } }),
      ".targets[1].breaker.threshold: is no key. There are: failureThreshold, resetTimeoutSeconds, errorRate.",
    ],
    [
      "no call at a time",
      withTarget({ maxConcurrent: 0 }),
      ".targets[1].maxConcurrent: must be a whole number from 1 to 100000; found 0.",
    ],
    [
      "a provider that does not exist",
      withTarget({ provider: "ghost" }),
      '.targets[1].provider: "ghost" is not configured. There are: groq, openai, patient.',
    ],
    [
      "a route that falls back to itself",
      withTarget({ provider: "r" }),
      '.targets[1].provider: "r" is this route itself. A target is a provider and a model: write the targets of ' +
        "a route that is to be its fallback. Providers are: groq, openai, patient.",
    ],
    [
      "a route that falls back to another",
      withTarget({ provider: "spare" }),
      '.targets[1].provider: "spare" is a route. A target is a provider and a model',
    ],
    [
      "the same target twice",
      withTarget({ provider: "openai", model: "n", weight: 2 }),
      ".targets[1]: openai/n is the same target as [0]. Take one of them out; retries and weight say how often",
    ],
    ["no target", { targets: [] }, ".targets: must not be empty; found a list."],
    [
      "too many targets",
      { targets: Array.from({ length: 101 }, () => one) },
      ".targets: must have at most 100 entries; found a list.",
    ],
    [
      "a strategy that does not exist",
      { strategy: "cheapest", targets: [one] },
      '.strategy: must be priority, weighted, round_robin, least_latency, lowest_cost or smart; found "cheapest".',
    ],
    [
      "a policy for broken streams that does not exist",
      { onStreamBreak: "retry", targets: [one] },
      '.onStreamBreak: must be fail, restart or continue; found "retry".',
    ],
    [
      "a weight of smart below 0",
      { smartWeights: { latency: -0.5, cost: 1 }, targets: [one] },
      `.smartWeights.latency: ${weight}; found -0.5.`,
    ],
    [
      "half of smart's weights",
      { smartWeights: { latency: 1 }, targets: [one] },
      `.smartWeights.cost: ${weight}; found nothing.`,
    ],
    [
      "no weight of smart",
      { smartWeights: { latency: 0, cost: 0 }, targets: [one] },
      ".smartWeights: latency or cost must be above 0; found 0 on both.",
    ],
    [
      "a negative wait",
      { maxRetryDelayMs: -1, targets: [one] },
      ".maxRetryDelayMs: must be a whole number from 0 to 60000; found -1.",
    ],
    [
      "hedging with one target",
      { hedge: { afterMs: 100 }, targets: [one] },
      ".hedge: needs a second target to start beside the first; found one. Add one, or leave it out.",
    ],
    [
      "hedging at once",
      { hedge: { afterMs: 0 }, targets: [one, two] },
      ".hedge.afterMs: must be p95, or a whole number from 1 to 600000; found 0.",
    ],
    [
      "hedging after another percentile",
      { hedge: { afterMs: "p99" }, targets: [one, two] },
      '.hedge.afterMs: must be p95, or a whole number from 1 to 600000; found "p99".',
    ],
    [
      "hedging more than all calls",
      { hedge: { afterMs: 1, maxSharePercent: 100.1 }, targets: [one, two] },
      ".hedge.maxSharePercent: must be a number from 0 to 100; found 100.1.",
    ],
    [
      "hedging at a negative cost",
      { hedge: { afterMs: 1, maxCostDollars: -1 }, targets: [one, two] },
      ".hedge.maxCostDollars: must be a number from 0 to 1000; found -1.",
    ],
    [
      "another cache mode",
      { cache: { mode: "always" }, targets: [one] },
      '.cache.mode: must be deterministic, all or off; found "always".',
    ],
    [
      "a negative time to cache",
      { cache: { ttlSeconds: -1 }, targets: [one] },
      ".cache.ttlSeconds: must be a whole number from 0 to 2592000; found -1.",
    ],
    [
      "no time to serve late answers",
      { cache: { staleIfErrorSeconds: 0 }, targets: [one] },
      ".cache.staleIfErrorSeconds: must be a whole number from 1 to 2592000; found 0.",
    ],
    [
      "a cache with a key too many",
      { cache: { ttl: 60 }, targets: [one] },
      ".cache.ttl: is no key. There are: mode, ttlSeconds, staleIfErrorSeconds, semantic.",
    ],
    [
      "answers by meaning without vectors",
      { cache: { semantic: { threshold: 0.9 } }, targets: [one] },
      ".cache.semantic.embedding: must be a mapping; found nothing.",
    ],
    [
      "vectors of nobody who is configured",
      { cache: { semantic: { embedding: { provider: "nobody", model: "m" } } }, targets: [one] },
      '.cache.semantic.embedding.provider: "nobody" is not configured. There are: ',
    ],
    [
      "a threshold that lets anything pass",
      { cache: { semantic: { embedding, threshold: 0.49 } }, targets: [one] },
      ".cache.semantic.threshold: must be a number from 0.5 to 1; found 0.49.",
    ],
    [
      "another way to serve by meaning",
      { cache: { semantic: { embedding, mode: "on" } }, targets: [one] },
      '.cache.semantic.mode: must be shadow or serve; found "on".',
    ],
    [
      "no time to serve by meaning",
      { cache: { semantic: { embedding, ttlSeconds: 0 } }, targets: [one] },
      ".cache.semantic.ttlSeconds: must be a whole number from 1 to 2592000; found 0.",
    ],
    ["a cache that is none", { cache: "all", targets: [one] }, '.cache: must be a mapping; found "all".'],
    [
      "a fallback message without a word",
      { fallbackMessage: "", targets: [one] },
      '.fallbackMessage: must not be empty; found "".',
    ],
    [
      "a fallback message without an end",
      { fallbackMessage: "x".repeat(16_385), targets: [one] },
      ".fallbackMessage: must have at most 16384 characters; found",
    ],
    ["no mapping", "groq", ': must be a mapping; found "groq".'],
  ])("%s", (_, entry, fault) => {
    const { inFile, atRunTime } = routeRefusal(entry);
    expect(atRunTime).toContain(`input${fault}`);
    expect(inFile).toBe(atRunTime.replace(/^input/, "sluice.yaml: routes.r"));
  });

  test.each([".inf", "-.inf", ".nan"])("a weight of %s, which JSON cannot say", (number) => {
    const yaml = `providers: { groq: { kind: groq, apiKey: k } }\nroutes: { r: { targets: [{ provider: groq, model: m, weight: ${number} }] } }`;
    const found = { ".inf": "Infinity", "-.inf": "-Infinity", ".nan": "NaN" }[number];
    expect(() => load({ yaml })).toThrow(
      new ConfigurationError(`sluice.yaml: routes.r.targets[0].weight: ${weight}; found ${found}.`),
    );
  });
});

// What is configured of providers and routes, by query.

import { afterEach, expect, test } from "vitest";
import { createModelLists } from "../../../src/core/model-lists.ts";
import { TargetStates } from "../../../src/core/routing/targets/target-states.ts";
import { createSettings } from "../../../src/core/settings.ts";
import { snapshotOf } from "../../config/load.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { noChanges } from "../../support/no-changes.ts";
import { type ServedGraphql, serveGraphql } from "./serve-graphql.ts";

let served: ServedGraphql | undefined;
afterEach(() => served?.close());

async function ask(yaml: string, query: string): Promise<unknown> {
  const clock = createManualClock();
  const snapshot = snapshotOf({ yaml });
  const settings = createSettings({
    snapshot: () => snapshot,
    states: new TargetStates(clock),
    modelLists: createModelLists(clock),
    clock,
    changes: noChanges,
  });
  served = await serveGraphql({ providers: {}, change: (gateway) => ({ ...gateway, settings }) });
  const { result } = await served.post({ query });
  expect(result.errors).toBeUndefined();
  return result.data;
}

const policy = `breaker { failureThreshold resetTimeoutSeconds errorRate { percent windowSeconds minAttempts } }
  timeouts { firstTokenMs betweenTokensMs } maxConcurrent`;
const ofProvider = `providers { name keys connectMs probe { intervalSeconds timeoutMs } draining ${policy} }`;
const ofRoute = `routes { name strategy onStreamBreak maxRetryDelayMs smartWeights { latency cost }
  hedge { afterMs maxSharePercent maxCostNanos } cache { mode ttlSeconds staleIfErrorSeconds semantic { embedding { provider model } threshold mode ttlSeconds } }
  fallbackMessage
  draining targets { provider weight retries ${policy} } }`;

const yaml = `
providers:
  groq:
    kind: groq
    apiKeys: [s3cret-1, s3cret-2]
    breaker: { failureThreshold: 10, resetTimeoutSeconds: 120, errorRate: { percent: 29, windowSeconds: 30, minAttempts: 5 } }
    timeouts: { connectMs: 500, firstTokenMs: 20000, betweenTokensMs: 5000 }
    maxConcurrent: 100
    probe: { intervalSeconds: 15, timeoutMs: 900 }
routes:
  fast:
    strategy: least_latency
    onStreamBreak: restart
    maxRetryDelayMs: 100
    smartWeights: { latency: 3, cost: 1 }
    hedge: { afterMs: 800, maxSharePercent: 7, maxCostDollars: 0.02 }
    cache: { mode: all, ttlSeconds: 0, semantic: { embedding: { provider: groq, model: e }, ttlSeconds: 9 } }
    fallbackMessage: Come back later.
    targets:
      - { provider: groq, model: m, weight: 2.5, retries: 0, maxConcurrent: 7, breaker: { failureThreshold: 1 } }
      - { provider: groq, model: n }
`;

test("policies are told as they hold, in the words of the file, without a key", async () => {
  const data = await ask(yaml, `{ ${ofProvider} ${ofRoute} }`);
  const errorRate = { percent: 29, windowSeconds: 30, minAttempts: 5 };
  const breaker = { failureThreshold: 10, resetTimeoutSeconds: 120, errorRate };
  const timeouts = { firstTokenMs: 20_000, betweenTokensMs: 5_000 };
  expect(data).toMatchObject({
    providers: [
      {
        name: "groq",
        keys: 2,
        connectMs: 500,
        probe: { intervalSeconds: 15, timeoutMs: 900 },
        draining: false,
        breaker,
        timeouts,
        maxConcurrent: 100,
      },
    ],
    routes: [
      {
        name: "fast",
        strategy: "LEAST_LATENCY",
        onStreamBreak: "RESTART",
        maxRetryDelayMs: 100,
        smartWeights: { latency: 3, cost: 1 },
        hedge: { afterMs: 800, maxSharePercent: 7, maxCostNanos: "20000000" },
        cache: {
          mode: "ALL",
          ttlSeconds: 0,
          staleIfErrorSeconds: null,
          semantic: {
            embedding: { provider: "groq", model: "e" },
            threshold: 0.95,
            mode: "SHADOW",
            ttlSeconds: 9,
          },
        },
        fallbackMessage: "Come back later.",
        draining: false,
        targets: [
          {
            weight: 2.5,
            retries: 0,
            breaker: { ...breaker, failureThreshold: 1 },
            timeouts,
            maxConcurrent: 7,
          },
          { weight: 1, retries: null, breaker, timeouts, maxConcurrent: 100 },
        ],
      },
      { name: "default" },
    ],
  });
  expect(JSON.stringify(data)).not.toContain("s3cret");
});

test("what nobody configured has the defaults", async () => {
  const plain = "providers: { groq: { kind: groq, apiKey: s3cret } }";
  const data = await ask(plain, `{ ${ofProvider} ${ofRoute} }`);
  const defaults = {
    breaker: { failureThreshold: 5, resetTimeoutSeconds: 60, errorRate: null },
    timeouts: { firstTokenMs: 300_000, betweenTokensMs: 120_000 },
    maxConcurrent: null,
  };
  expect(data).toEqual({
    providers: [{ name: "groq", keys: null, connectMs: null, probe: null, draining: false, ...defaults }],
    routes: [
      {
        name: "default",
        strategy: "PRIORITY",
        onStreamBreak: "FAIL",
        maxRetryDelayMs: 250,
        smartWeights: { latency: 0.6, cost: 0.4 },
        hedge: null,
        cache: null,
        fallbackMessage: null,
        draining: false,
        targets: [{ provider: "groq", weight: 1, retries: null, ...defaults }],
      },
    ],
  });
});

test("hedging after the p95 has no time of its own", async () => {
  const hedged = `
providers: { groq: { kind: groq, apiKey: k } }
routes: { r: { hedge: { afterMs: p95 }, targets: [{ provider: groq, model: m }, { provider: groq, model: n }] } }`;
  expect(await ask(hedged, "{ routes { hedge { afterMs maxSharePercent maxCostNanos } } }")).toMatchObject({
    routes: [{ hedge: { afterMs: null, maxSharePercent: 5, maxCostNanos: null } }, { hedge: null }],
  });
});

// What was used, by query.

import { afterEach, describe, expect, test } from "vitest";
import type { Principal } from "../../../src/core/access/principal.ts";
import { invalidRequest } from "../../../src/core/errors.ts";
import type { Records } from "../../../src/core/usage/records.ts";
import type { UsageFigures, UsageQuestion, UsageReport } from "../../../src/core/usage/usage-report.ts";
import { noRecords } from "../../support/no-records.ts";
import { type ServedGraphql, serveGraphql } from "./serve-graphql.ts";

let served: ServedGraphql | undefined;
afterEach(() => served?.close());

const figures: UsageFigures = {
  calls: 4n,
  attempts: 10n,
  errors: 2n,
  fallbacks: 3n,
  cacheHits: 1n,
  tokens: {
    input: 2n ** 63n,
    inputUncached: 1n,
    inputCacheRead: 2n,
    inputCacheWrite: 3n,
    inputAudio: 0n,
    output: 5n,
    outputText: 6n,
    outputReasoning: 7n,
    outputAudio: undefined,
  },
  costNanos: 2n ** 70n + 1n,
  savedNanos: 2n ** 71n + 1n,
  unpriced: 1n,
  latency: { averageMs: 1.5, p50Ms: 1, p95Ms: 2, p99Ms: 3.25 },
  timeToFirstToken: undefined,
};
const shownFigures = {
  calls: "4",
  attempts: "10",
  errors: "2",
  fallbacks: "3",
  cacheHits: "1",
  unpriced: "1",
  tokens: {
    input: "9223372036854775808",
    inputUncached: "1",
    inputCacheRead: "2",
    inputCacheWrite: "3",
    inputAudio: "0",
    output: "5",
    outputText: "6",
    outputReasoning: "7",
    outputAudio: null,
  },
  costNanos: "1180591620717411303425",
  savedNanos: "2361183241434822606849",
  latency: { averageMs: 1.5, p50Ms: 1, p95Ms: 2, p99Ms: 3.25 },
  timeToFirstToken: null,
  errorRate: 0.5,
  fallbackRate: 0.75,
  cacheHitRate: 0.25,
};

const fromMs = Date.UTC(2026, 2, 1);
const toMs = Date.UTC(2026, 2, 2);
const report: UsageReport = {
  totals: figures,
  groups: [
    {
      fromMs,
      toMs,
      key: { tenant: "default", apiKey: null, model: "m", status: "failed", environment: "live" },
      figures,
    },
  ],
  warnings: ["One cost is not known."],
};

function recordsOf(answer: UsageReport | Error) {
  const asked: { principal: Principal; question: UsageQuestion }[] = [];
  const records: Records = {
    ...noRecords,
    usage(principal, question) {
      asked.push({ principal, question });
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  };
  return { records, asked };
}

const durations = "{ averageMs p50Ms p95Ms p99Ms }";
const allFigures = `{ calls attempts errors fallbacks cacheHits unpriced costNanos savedNanos latency ${durations}
  timeToFirstToken ${durations} errorRate fallbackRate cacheHitRate tokens { input inputUncached inputCacheRead
  inputCacheWrite inputAudio output outputText outputReasoning outputAudio } }`;
const allFields = `{ from to interval timeZone warnings totals ${allFigures} groups { from to tenant apiKey user
  provider model route useCase status environment figures ${allFigures} } }`;
const range = `from: "2026-03-01T00:00:00Z", to: "2026-03-02T01:00:00+01:00"`;

describe("usage", () => {
  test("gives every field, and hands on what was asked", async () => {
    const { records, asked } = recordsOf(report);
    served = await serveGraphql({ providers: {}, records });
    const query = `{ usage(${range}, groupBy: [TENANT, API_KEY, MODEL, STATUS, ENVIRONMENT], interval: DAY,
      timeZone: "Europe/Berlin", filter: { tenants: ["default"], apiKeys: ["k"], users: ["u"], providers: ["p"],
        models: ["m"], routes: ["r"], useCases: ["c"], statuses: [FAILED], environments: [LIVE, TEST] })
      ${allFields} }`;
    const { result } = await served.post({ query });
    expect(result.errors).toBeUndefined();
    // Of attempts, errors are a share of the attempts.
    const ofAttempts = { ...shownFigures, errorRate: 0.2 };
    expect(result.data?.["usage"]).toEqual({
      from: "2026-03-01T00:00:00.000Z",
      to: "2026-03-02T00:00:00.000Z",
      interval: "DAY",
      timeZone: "Europe/Berlin",
      warnings: ["One cost is not known."],
      totals: ofAttempts,
      groups: [
        {
          from: "2026-03-01T00:00:00.000Z",
          to: "2026-03-02T00:00:00.000Z",
          tenant: "default",
          apiKey: null,
          user: null,
          provider: null,
          model: "m",
          route: null,
          useCase: null,
          status: "FAILED",
          environment: "LIVE",
          figures: ofAttempts,
        },
      ],
    });
    expect(asked).toEqual([
      {
        principal: expect.objectContaining({ tenantId: "default" }),
        question: {
          fromMs,
          toMs,
          groupBy: ["tenant", "apiKey", "model", "status", "environment"],
          interval: "day",
          timeZone: "Europe/Berlin",
          filter: {
            tenants: ["default"],
            apiKeys: ["k"],
            users: ["u"],
            providers: ["p"],
            models: ["m"],
            routes: ["r"],
            useCases: ["c"],
            statuses: ["failed"],
            environments: ["live", "test"],
          },
        },
      },
    ]);
  });

  test("asks for everything in one interval of UTC if no more is said", async () => {
    const { records, asked } = recordsOf(report);
    served = await serveGraphql({ providers: {}, records });
    const { result } = await served.post({
      query: `{ usage(${range}) { interval timeZone totals { errorRate } groups { figures { errorRate } } } }`,
    });
    expect(result.data?.["usage"]).toEqual({
      interval: null,
      timeZone: "UTC",
      totals: { errorRate: 0.5 },
      groups: [{ figures: { errorRate: 0.5 } }],
    });
    expect(asked[0]?.question).toEqual({ fromMs, toMs, groupBy: [], timeZone: "UTC", filter: {} });
  });

  test("counts attempts in groups by model, and calls in the totals beside them", async () => {
    served = await serveGraphql({ providers: {}, records: recordsOf(report).records });
    const { result } = await served.post({
      query: `{ usage(${range}, groupBy: MODEL) { totals { errorRate } groups { figures { errorRate } } } }`,
    });
    expect(result.data?.["usage"]).toEqual({
      totals: { errorRate: 0.5 },
      groups: [{ figures: { errorRate: 0.2 } }],
    });
  });

  test("has rates of 0 where there were no calls", async () => {
    served = await serveGraphql({ providers: {}, records: noRecords });
    const { result } = await served.post({
      query: `{ usage(${range}) { totals { calls costNanos errorRate fallbackRate cacheHitRate } groups { from } } }`,
    });
    expect(result.data?.["usage"]).toEqual({
      totals: { calls: "0", costNanos: null, errorRate: 0, fallbackRate: 0, cacheHitRate: 0 },
      groups: [],
    });
  });

  test("says what is wrong with a question", async () => {
    served = await serveGraphql({
      providers: {},
      records: recordsOf(invalidRequest("timeZone", "is not known")).records,
    });
    const { result } = await served.post({ query: `{ usage(${range}) { timeZone } }` });
    expect(result.errors).toMatchObject([
      {
        message: "timeZone: is not known",
        extensions: { code: "invalid_request", field: "timeZone", http: { status: 400 } },
      },
    ]);
  });

  test.each([
    [`from: "yesterday", to: "2026-01-01T00:00:00Z"`, /must be a time such as 2026-01-31T12:00:00Z/],
    [`from: "2026-01-01T00:00:00Z"`, /"Query.usage\(to:\)" of type "DateTime!" is required/],
    [`${range}, groupBy: [COLOUR]`, /Value "COLOUR" does not exist in "UsageDimension" enum/],
    [`${range}, interval: CENTURY`, /Value "CENTURY" does not exist in "UsageInterval" enum/],
    [`${range}, filter: { statuses: [BAD] }`, /Value "BAD" does not exist in "RequestStatus" enum/],
  ])("refuses %s", async (args, words) => {
    const { records, asked } = recordsOf(report);
    served = await serveGraphql({ providers: {}, records });
    const { response, result } = await served.post({ query: `{ usage(${args}) { timeZone } }` });
    expect(response.status).toBe(400);
    expect(result.errors?.[0]?.message).toMatch(words);
    expect(asked).toEqual([]);
  });
});

test("requests are filtered by tenant", async () => {
  const asked: unknown[] = [];
  const records: Records = {
    ...noRecords,
    requests(_, { filter }) {
      asked.push(filter);
      return Promise.resolve({ records: [], hasMore: false });
    },
  };
  served = await serveGraphql({ providers: {}, records });
  await served.post({ query: `{ requests(filter: { tenant: "red" }) { hasMore } }` });
  expect(asked).toEqual([{ tenant: "red" }]);
});

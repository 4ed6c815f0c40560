// What is on record, and what is configured, by query.

import { afterEach, describe, expect, test } from "vitest";
import type { Principal } from "../../../src/core/access/principal.ts";
import type { KeptBodies, Records, RequestRecord } from "../../../src/core/usage/records.ts";
import { noRecords } from "../../support/no-records.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { type ServedGraphql, serveGraphql } from "./serve-graphql.ts";

let served: ServedGraphql | undefined;
afterEach(() => served?.close());

const usage = { input: { total: 5, uncached: 5 }, output: { total: 2 }, source: "reported" } as const;

const settled: RequestRecord = {
  id: "id-2",
  createdAtMs: Date.UTC(2026, 0, 31, 12),
  tenantId: "default",
  apiKeyId: undefined,
  userId: "u",
  environment: "live",
  runId: "id-2",
  correlationId: "mine",
  traceId: undefined,
  idempotencyKey: undefined,
  operation: "chat",
  delivery: "streamed",
  loggingPolicy: "full",
  modelAsked: "auto",
  useCase: "support",
  labels: { team: "x" },
  messageCount: 1,
  inputChars: 5,
  status: "ok",
  route: "default",
  provider: "b",
  model: "m",
  modelServed: "m-1",
  finishReason: "stop",
  attempts: 2,
  cacheStatus: "bypass",
  timeToFirstTokenMs: 1.5,
  latencyMs: 3.25,
  usage,
  costNanos: 9_007_199_254_740_993n,
  savedNanos: 2n ** 60n + 1n,
  answeredFrom: "id-0",
  losses: [{ field: "sampling.topK", detail: "Not known." }],
  outputChars: 2,
  attemptRecords: [
    {
      id: "at-1",
      callId: "id-2",
      tenantId: "default",
      number: 1,
      reason: "primary",
      provider: "a",
      kind: "openai",
      model: "m",
      modelServed: undefined,
      status: "failed",
      skipCause: "at_capacity",
      choice: {
        strategy: "smart",
        explored: true,
        candidates: [{ provider: "a", model: "m", score: 0.5, latency: 0.25, cost: 1, expectedMs: 812.5 }],
      },
      failure: "unavailable",
      errorMessage: "503",
      startedAtMs: Date.UTC(2026, 0, 31, 12),
      timeToFirstTokenMs: undefined,
      latencyMs: 1,
      httpStatus: 503,
      upstreamRequestId: "up-1",
      credentialId: "key-1",
      usage: undefined,
      costNanos: 0n,
      priceVersion: "list/m",
      price: { version: "list/m", inputPicos: 2n ** 53n + 1n, reasoningPicos: 0n },
    },
  ],
};

const open: RequestRecord = {
  ...settled,
  id: "id-1",
  status: "open",
  finishReason: undefined,
  usage: undefined,
};

/** Records in memory that keep what they were asked. */
function memoryRecords(bodies?: KeptBodies) {
  const asked: { principal: Principal; query: unknown }[] = [];
  let bodyReadings = 0;
  const records: Records = {
    ...noRecords,
    requests(principal, query) {
      asked.push({ principal, query });
      return Promise.resolve({ records: [settled, open], hasMore: true });
    },
    request: (_, id) => Promise.resolve(id === settled.id ? { ...settled } : undefined),
    bodies() {
      bodyReadings += 1;
      return Promise.resolve(bodies);
    },
  };
  return { records, asked, bodyReadings: () => bodyReadings };
}

const provider = () => createScriptedProvider(textScript("Hi"));

const columns = `id createdAt status errorCode tenantId apiKeyId userId environment runId correlationId traceId
  idempotencyKey operation delivery loggingPolicy modelAsked useCase labels messageCount inputChars outputChars route
  provider model modelServed finishReason cacheStatus timeToFirstTokenMs latencyMs costNanos savedNanos answeredFrom attemptCount
  usage { input { total cacheRead } output { total } source } losses { field detail }
  attempts { id number reason provider kind model modelServed status skipCause failure errorMessage startedAt
    timeToFirstTokenMs latencyMs httpStatus upstreamRequestId credentialId usage { source } costNanos priceVersion
    choice { strategy explored candidates { provider model score latency cost expectedMs expectedNanos } }
    price { version inputPicos outputPicos cacheReadPicos cacheWritePicos cacheWriteLongPicos inputAudioPicos
      cacheReadAudioPicos reasoningPicos outputAudioPicos } }`;

describe("requests", () => {
  test("gives a page with every column and the attempts", async () => {
    const { records, asked } = memoryRecords();
    served = await serveGraphql({ providers: { a: provider() }, records });
    const { result } = await served.post({
      query: `{ requests { nodes { ${columns} } hasMore endCursor } }`,
    });
    expect(result.errors).toBeUndefined();
    expect(asked).toEqual([
      {
        principal: expect.objectContaining({ tenantId: "default" }),
        query: { first: 20, after: undefined, filter: {} },
      },
    ]);
    expect(result.data?.["requests"]).toMatchObject({
      hasMore: true,
      endCursor: "id-1",
      nodes: [
        {
          id: "id-2",
          createdAt: "2026-01-31T12:00:00.000Z",
          status: "OK",
          errorCode: null,
          environment: "LIVE",
          delivery: "STREAMED",
          loggingPolicy: "FULL",
          labels: { team: "x" },
          finishReason: "stop",
          cacheStatus: "BYPASS",
          latencyMs: 3.25,
          costNanos: "9007199254740993",
          savedNanos: "1152921504606846977",
          answeredFrom: "id-0",
          attemptCount: 2,
          usage: { input: { total: "5", cacheRead: null }, output: { total: "2" }, source: "REPORTED" },
          losses: [{ field: "sampling.topK", detail: "Not known." }],
          attempts: [
            {
              number: 1,
              reason: "PRIMARY",
              status: "FAILED",
              skipCause: "AT_CAPACITY",
              choice: {
                strategy: "SMART",
                explored: true,
                candidates: [{ score: 0.5, latency: 0.25, cost: 1, expectedMs: 812.5, expectedNanos: null }],
              },
              failure: "unavailable",
              httpStatus: 503,
              upstreamRequestId: "up-1",
              costNanos: "0",
              priceVersion: "list/m",
              price: {
                version: "list/m",
                inputPicos: "9007199254740993",
                outputPicos: null,
                reasoningPicos: "0",
                inputAudioPicos: null,
              },
            },
          ],
        },
        { id: "id-1", status: "OPEN", finishReason: null, usage: null },
      ],
    });
  });

  test("hands its arguments on", async () => {
    const { records, asked } = memoryRecords();
    served = await serveGraphql({ providers: { a: provider() }, records });
    await served.post({
      query: `{ requests(first: 200, after: "id-9", filter: {status: FAILED, provider: "a", model: "m", route: "r",
        useCase: "u", from: "2026-01-31T00:00:00Z", to: "2026-02-01T00:00:00+01:00"}) { hasMore } }`,
    });
    expect(asked[0]?.query).toEqual({
      first: 200,
      after: "id-9",
      filter: {
        status: "failed",
        provider: "a",
        model: "m",
        route: "r",
        useCase: "u",
        fromMs: Date.UTC(2026, 0, 31),
        toMs: Date.UTC(2026, 0, 31, 23),
      },
    });
  });

  test.each([
    ["first: 0", "first"],
    ["first: 201", "first"],
    ['filter: {from: "yesterday"}', undefined],
  ])("refuses %s", async (args, field) => {
    const { records, asked } = memoryRecords();
    served = await serveGraphql({ providers: { a: provider() }, records });
    const { response, result } = await served.post({ query: `{ requests(${args}) { hasMore } }` });
    expect(response.status).toBe(400);
    expect(result.errors?.[0]?.extensions).toMatchObject({
      code: "invalid_request",
      ...(field ? { field } : {}),
    });
    expect(asked).toHaveLength(0);
  });
});

describe("request", () => {
  test("gives a record with its bodies, read once", async () => {
    const bodies = { request: '{"a":1}', requestCut: false, reply: '{"b"', replyCut: true };
    const { records, bodyReadings } = memoryRecords(bodies);
    served = await serveGraphql({ providers: { a: provider() }, records });
    const { result } = await served.post({
      query: `{ request(id: "id-2") { status body { text cut } reply { text cut } } }`,
    });
    expect(result.data).toEqual({
      request: { status: "OK", body: { text: '{"a":1}', cut: false }, reply: { text: '{"b"', cut: true } },
    });
    expect(bodyReadings()).toBe(1);
  });

  test("reads no bodies that nobody asked for, and says null where none were kept", async () => {
    const { records, bodyReadings } = memoryRecords();
    served = await serveGraphql({ providers: { a: provider() }, records });
    await served.post({ query: `{ request(id: "id-2") { status } }` });
    expect(bodyReadings()).toBe(0);
    const { result } = await served.post({
      query: `{ request(id: "id-2") { body { text } reply { text } } }`,
    });
    expect(result.data).toEqual({ request: { body: null, reply: null } });
  });

  test("that is not there is null", async () => {
    const { records } = memoryRecords();
    served = await serveGraphql({ providers: { a: provider() }, records });
    const { response, result } = await served.post({ query: `{ request(id: "nobody") { id } }` });
    expect(response.status).toBe(200);
    expect(result).toEqual({ data: { request: null } });
  });
});

const target = (name: string) => ({ provider: name, model: "m", priority: 0 });

test("models, providers and routes are as configured", async () => {
  served = await serveGraphql({ providers: { a: provider(), b: provider() } });
  const { result } = await served.post({
    query: `{ models { id provider model } providers { name kind source priority baseUrl models }
      routes { name source strategy targets { provider model priority } } }`,
  });
  expect(result.data).toMatchObject({
    models: [
      { id: "default", provider: null, model: null },
      { id: "spare", provider: null, model: null },
      { id: "auto", provider: null, model: null },
      { id: "a/m", provider: "a", model: "m" },
      { id: "b/m", provider: "b", model: "m" },
    ],
    providers: [
      { name: "a", kind: "a", source: "FILE", priority: 0, baseUrl: "http://a.test", models: ["m"] },
      { name: "b" },
    ],
    routes: [
      { name: "default", source: "FILE", strategy: "PRIORITY", targets: [target("a"), target("b")] },
      { name: "spare", targets: [target("b")] },
    ],
  });
});

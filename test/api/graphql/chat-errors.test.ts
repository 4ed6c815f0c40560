// Errors of calls: before the first event and after it, by mutation, event stream and websocket.

import { createClient } from "graphql-ws";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type ErrorCode, errorTable, GatewayError } from "../../../src/core/errors.ts";
import type { ChatEvent } from "../../../src/core/chat/events.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import type { Numbered, ReplyMeta } from "../../../src/core/reply.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import {
  chatMutation,
  helloInput,
  readResults,
  type ServedGraphql,
  serveGraphql,
  shortSubscription,
  type WireResult,
} from "./serve-graphql.ts";

let served: ServedGraphql | undefined;
afterEach(() => served?.close());

const subscription = { query: shortSubscription, variables: { input: helloInput } };
const mutation = { query: chatMutation, variables: { input: helloInput } };

/** What a websocket client gets: its results, then the errors that ended it, if any. */
async function subscribeByWebsocket(
  url: string,
  operation: { query: string; variables: Record<string, unknown> } = subscription,
): Promise<{ results: WireResult[]; failure: unknown }> {
  const client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });
  const results: WireResult[] = [];
  let failure: unknown;
  await new Promise<void>((resolve) => {
    client.subscribe(operation, {
      next: (result) => results.push(JSON.parse(JSON.stringify(result))),
      error(error) {
        failure = error;
        resolve();
      },
      complete: resolve,
    });
  });
  await client.dispose();
  return { results, failure };
}

const codes = Object.keys(errorTable).filter((code): code is ErrorCode => code in errorTable);

const meta: ReplyMeta = {
  requestId: "call-1",
  attempts: 1,
  cacheStatus: "bypass",
  costNanos: 12_345_678_901_234_567_890n,
  losses: [],
};

const started = { type: "started", id: "call-1", provider: "a", model: "m", createdAtMs: 0, meta } as const;

/** Fails with the error at once, or after its first event. */
function failing(fault: unknown, after: "at once" | "after the first event"): (gateway: Gateway) => Gateway {
  const fail = () => Promise.reject(fault);
  const stream = () => Promise.resolve({ meta, events: startedThen(fault) });
  return (gateway) => ({ ...gateway, chat: fail, stream: after === "at once" ? fail : stream });
}

async function* startedThen(error: unknown): AsyncGenerator<Numbered<ChatEvent>> {
  yield { sequence: 0, ...started };
  throw error;
}

async function* eventsOf(...events: readonly Numbered<ChatEvent>[]): AsyncGenerator<Numbered<ChatEvent>> {
  yield* events;
}

const expectedOf = (code: ErrorCode) => ({
  message: `It is ${code}.`,
  extensions: {
    code,
    http: { status: errorTable[code].http },
    field: "model",
    requestId: "call-1",
    retryAfterMs: 1_500,
    meta: { requestId: "call-1", costNanos: "12345678901234567890" },
  },
});

const knownError = (code: ErrorCode) =>
  new GatewayError({ code, message: `It is ${code}.`, field: "model", retryAfterMs: 1_500, meta });

describe("a code of the table before the first event", () => {
  test.each(codes)("%s has its HTTP status, and its code on every transport", async (code) => {
    served = await serveGraphql({ providers: {}, change: failing(knownError(code), "at once") });

    const { response, result } = await served.post(mutation);
    expect(response.status).toBe(errorTable[code].http);
    expect(response.headers.get("retry-after")).toBe("2");
    expect(response.headers.get("x-sluice-request-id")).toBe("call-1");
    expect(result).toMatchObject({ data: null, errors: [{ ...expectedOf(code), path: ["chat"] }] });

    const streamed = await served.subscribe(subscription);
    expect(streamed.status).toBe(errorTable[code].http);
    const results = await readResults(streamed);
    expect(results).toMatchObject([{ errors: [expectedOf(code)] }]);
    expect(results[0]).not.toHaveProperty("data");

    const socket = await subscribeByWebsocket(served.websocketUrl);
    expect(socket.results).toMatchObject([{ errors: [expectedOf(code)] }]);
  });
});

describe("a code of the table after the first event", () => {
  test.each(codes)("%s is the last `next` of an event stream, and a websocket's `error`", async (code) => {
    served = await serveGraphql({
      providers: {},
      change: failing(knownError(code), "after the first event"),
    });

    const streamed = await served.subscribe(subscription);
    expect(streamed.status).toBe(200);
    expect(await readResults(streamed)).toMatchObject([
      { data: { chat: { __typename: "Started" } } },
      { errors: [expectedOf(code)] },
    ]);

    const { results, failure } = await subscribeByWebsocket(served.websocketUrl);
    expect(results).toMatchObject([{ data: { chat: { __typename: "Started" } } }]);
    expect(failure).toMatchObject([expectedOf(code)]);
  });
});

const secret = () => new TypeError("sk-secret is not a function at /srv/sluice.ts");

describe("an error that nobody foresaw", () => {
  const masked = {
    message: "The gateway failed on this call. Try again; if it happens again, report the request id.",
    extensions: { code: "internal", http: { status: 500 } },
  };

  test.each(["at once", "after the first event"] as const)("%s tells nothing of its own", async (after) => {
    served = await serveGraphql({ providers: {}, change: failing(secret(), after) });
    const answers: string[] = [];
    const { response, result } = await served.post(mutation);
    expect(response.status).toBe(500);
    answers.push(JSON.stringify(result));
    answers.push(await (await served.subscribe(subscription)).text());
    answers.push(JSON.stringify(await subscribeByWebsocket(served.websocketUrl)));
    answers.push(JSON.stringify(await subscribeByWebsocket(served.websocketUrl, mutation)));
    for (const answer of answers) {
      expect(answer).toContain(masked.message);
      expect(answer).toContain('"code":"internal"');
      expect(answer).not.toContain("secret");
      expect(answer).not.toContain("sluice.ts");
    }
  });

  test("in writing an event is masked too, and the stream goes on", async () => {
    const broken: Numbered<ChatEvent> = { sequence: 0, ...started, createdAtMs: Number.NaN };
    const whole: Numbered<ChatEvent> = { sequence: 1, ...started };
    const stream = () => Promise.resolve({ meta, events: eventsOf(broken, whole) });
    served = await serveGraphql({ providers: {}, change: (gateway) => ({ ...gateway, stream }) });
    const query = `subscription ($input: ChatInput!) { chat(input: $input) { ... on Started { createdAt } } }`;
    const response = await served.subscribe({ query, variables: { input: helloInput } });
    expect(await readResults(response)).toMatchObject([
      { data: null, errors: [{ ...masked, path: ["chat", "createdAt"] }] },
      { data: { chat: { createdAt: "1970-01-01T00:00:00.000Z" } } },
    ]);
  });

  test("in a field of a query is masked too, and the other fields stay", async () => {
    served = await serveGraphql({
      providers: { a: createScriptedProvider(textScript("Hi")) },
      records: {
        requests: () => Promise.reject(secret()),
        request: () => Promise.reject(secret()),
        bodies: () => Promise.reject(secret()),
        usage: () => Promise.reject(secret()),
        usageByKey: () => Promise.reject(secret()),
      },
    });
    const { response, result } = await served.post({ query: '{ request(id: "x") { id } routes { name } }' });
    expect(response.status).toBe(200);
    expect(result.data).toEqual({ request: null, routes: [{ name: "default" }, { name: "spare" }] });
    expect(result.errors).toMatchObject([{ ...masked, path: ["request"] }]);
  });
});

describe("providers that fail", () => {
  const unavailable = new ProviderError({
    failure: "unavailable",
    message: "It answered 503.",
    httpStatus: 503,
    retryAfterMs: 2_000,
  });

  test("before the commit: 502 with what each answered", async () => {
    const refusing = createScriptedProvider({ steps: [], refuse: unavailable });
    served = await serveGraphql({ providers: { a: refusing, b: refusing } });
    const streamed = await served.subscribe(subscription);
    expect(streamed.status).toBe(502);
    const attempt = { model: "m", failure: "unavailable", message: "It answered 503.", httpStatus: 503 };
    expect(await readResults(streamed)).toMatchObject([
      {
        errors: [
          {
            path: ["chat"],
            extensions: {
              code: "all_providers_failed",
              retryAfterMs: 2_000,
              requestId: served.ledger.opened[0]?.id,
              attempts: [
                { provider: "a", ...attempt },
                { provider: "b", ...attempt },
              ],
              meta: { attempts: 2, route: "default" },
            },
          },
        ],
      },
    ]);
  });

  test("in mid-stream: what came stays, and there is no `Finished`", async () => {
    const text = textScript("one two three").steps;
    served = await serveGraphql({
      providers: { a: createScriptedProvider({ steps: [...text.slice(0, 3), unavailable] }) },
    });
    const results = await readResults(await served.subscribe(subscription));
    expect(results.map(({ data, errors }) => data?.["chat"] ?? errors?.[0]?.extensions.code)).toEqual([
      { __typename: "Started", sequence: 0 },
      { __typename: "PartStarted", sequence: 1 },
      { __typename: "PartDelta", sequence: 2, text: "one " },
      "all_providers_failed",
    ]);
  });
});

describe("a caller that is not let in", () => {
  test.each(["unauthenticated", "permission_denied"] as const)(
    "%s is told so, with no call",
    async (code) => {
      const provider = createScriptedProvider(textScript("Hi"));
      served = await serveGraphql({
        providers: { a: provider },
        access: { keyless: false, authenticate: () => Promise.reject(knownError(code)) },
      });
      const { response, result } = await served.post(mutation);
      expect(response.status).toBe(errorTable[code].http);
      expect(result.errors).toMatchObject([expectedOf(code)]);
      expect((await served.subscribe(subscription)).status).toBe(errorTable[code].http);
      expect(provider.calls).toHaveLength(0);
    },
  );
});

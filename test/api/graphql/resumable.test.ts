// Streams that are gone on with: by `Last-Event-ID` over server-sent events, by `resumeChat` over both transports.

import { createClient } from "graphql-ws";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { RunParts } from "../../../src/core/assemble-gateway.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { type NotedGateway, notedOptions, shortLogs } from "../noted-options.ts";
import {
  chatMutation,
  helloInput,
  type ServedGraphql,
  serveGraphql,
  shortSubscription,
} from "./serve-graphql.ts";

const resumeSubscription = /* GraphQL */ `
  subscription ($id: ID!, $afterSequence: Int) {
    resumeChat(id: $id, afterSequence: $afterSequence) {
      __typename
      sequence
      ... on PartDelta {
        text
      }
      ... on Finished {
        reason
      }
    }
  }
`;

let served: ServedGraphql | undefined;
afterEach(() => served?.close());

interface Noted extends ServedGraphql {
  readonly gateway: NotedGateway;
}

async function serve(runs?: RunParts): Promise<Noted> {
  let gateway: NotedGateway | undefined;
  const own = await serveGraphql({
    providers: { first: createScriptedProvider(textScript("Once upon a time")) },
    runs,
    change: (core) => (gateway = notedOptions(core)),
  });
  served = own;
  if (gateway === undefined) throw new Error("Nothing is served.");
  return { ...own, gateway };
}

interface Told {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: unknown;
}

async function subscribe(
  { url }: ServedGraphql,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<{ readonly response: Response; readonly callId: string; readonly told: readonly Told[] }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream", ...headers },
    body: JSON.stringify(body),
  });
  const blocks = (await response.text()).split("\n\n").slice(0, -1);
  const callId = response.headers.get("x-sluice-request-id") ?? "";
  return { response, callId, told: blocks.map(toTold) };
}

function toTold(block: string): Told {
  const [, id, event = "", data = ""] = /^(?:id: (.*)\n)?event: (\w+)\ndata: ?(.*)$/.exec(block) ?? [];
  return { id, event, data: data === "" ? undefined : JSON.parse(data) };
}

const chat = (input: object = {}) => ({
  query: shortSubscription,
  variables: { input: { ...helloInput, ...input } },
});
const resumeChat = (id: string, afterSequence?: number | null) => ({
  query: resumeSubscription,
  variables: { id, afterSequence },
});

/** The events as another field of the subscription gave them. */
const named = (told: readonly Told[], from: string, to: string): readonly Told[] =>
  told.map(({ data, ...rest }) => ({
    ...rest,
    data: data === undefined ? undefined : JSON.parse(JSON.stringify(data).replace(`"${from}"`, `"${to}"`)),
  }));

describe("over server-sent events", () => {
  test("each event of a resumable call has its id, and behind each of them comes exactly the rest", async () => {
    const own = await serve();
    const { callId, told } = await subscribe(own, chat({ resumable: true }));
    const events = told.slice(0, -1);
    expect(events.length).toBeGreaterThan(6);
    expect(events.map(({ id }) => id)).toEqual(events.map((_, at) => `${callId}:${at}`));
    expect(told.at(-1)).toEqual({ id: undefined, event: "complete", data: undefined });
    for (const [at, { id = "none" }] of events.entries()) {
      const rest = await subscribe(own, chat({ resumable: true }), { "last-event-id": id });
      expect(rest.response.status).toBe(200);
      expect(rest.told).toEqual(told.slice(at + 1));
      const resumed = await subscribe(own, resumeChat(callId, at));
      expect(named(resumed.told, "resumeChat", "chat")).toEqual(told.slice(at + 1));
      const again = await subscribe(own, resumeChat(callId), { "last-event-id": id });
      expect(again.told).toEqual(resumed.told);
    }
    expect(own.ledger.opened).toHaveLength(1);
  });

  test("of an event that has come in part, all comes again", async () => {
    const own = await serve();
    const { told } = await subscribe(own, chat({ resumable: true }));
    const [, second, third] = told;
    const rest = await subscribe(own, chat(), { "last-event-id": `${third?.id}.0` });
    expect(rest.told[0]).toEqual(third);
    expect(second?.id).not.toBe(third?.id);
  });

  test.each([undefined, null, -1])("resumeChat from the start: %j", async (afterSequence) => {
    const own = await serve();
    const { callId, told } = await subscribe(own, chat({ resumable: true }));
    const all = await subscribe(own, resumeChat(callId, afterSequence));
    expect(named(all.told, "resumeChat", "chat")).toEqual(told);
  });

  test("the header makes a call resumable too; others have no ids", async () => {
    const own = await serve();
    const byHeader = await subscribe(own, chat(), { "x-sluice-resumable": "1" });
    expect(byHeader.told[0]?.id).toBe(`${byHeader.callId}:0`);
    for (const { told } of [
      await subscribe(own, chat()),
      await subscribe(own, chat({ resumable: false }), { "x-sluice-resumable": "1" }),
    ]) {
      expect(told.map(({ id }) => id)).toEqual(told.map(() => undefined));
    }
  });
});

const codeOf = (told: readonly Told[]): unknown => told[0]?.data;
const error = (code: string, field?: string) => ({
  errors: [
    expect.objectContaining({ extensions: expect.objectContaining({ code, ...(field && { field }) }) }),
  ],
});

describe("refused", () => {
  test.each(["id-1", "id-1:x", `${"a".repeat(100)}:1`])("a Last-Event-ID that is none: %s", async (id) => {
    const own = await serve();
    const { response, told } = await subscribe(own, chat(), { "last-event-id": id });
    expect(response.status).toBe(400);
    expect(codeOf(told)).toMatchObject(error("invalid_request", "last-event-id"));
    expect(own.ledger.opened).toHaveLength(0);
  });

  test("a Last-Event-ID of another call", async () => {
    const own = await serve();
    const { callId } = await subscribe(own, chat({ resumable: true }));
    const { told } = await subscribe(own, resumeChat(callId), { "last-event-id": "another:0" });
    expect(codeOf(told)).toMatchObject(error("invalid_request", "last-event-id"));
  });

  test.each([
    ["another", 0, 404, error("not_found")],
    [undefined, 99, 400, error("invalid_request")],
    [undefined, -2, 400, error("invalid_request", "afterSequence")],
    ["", 0, 400, error("invalid_request", "id")],
    ["a".repeat(65), 0, 400, error("invalid_request", "id")],
  ])("a call or a place that there is not: %j, %j", async (id, afterSequence, status, shown) => {
    const own = await serve();
    const { callId } = await subscribe(own, chat({ resumable: true }));
    const { response, told } = await subscribe(own, resumeChat(id ?? callId, afterSequence));
    expect(response.status).toBe(status);
    expect(codeOf(told)).toMatchObject(shown);
  });

  test("a Last-Event-ID behind the last event", async () => {
    const own = await serve();
    const { callId } = await subscribe(own, chat({ resumable: true }));
    for (const body of [chat(), resumeChat(callId)]) {
      const { told } = await subscribe(own, body, { "last-event-id": `${callId}:99` });
      expect(codeOf(told)).toMatchObject(error("invalid_request", "last-event-id"));
    }
  });

  test("what is no longer kept", async () => {
    const own = await serve(shortLogs);
    const { callId } = await subscribe(own, chat({ resumable: true }));
    const { response, told } = await subscribe(own, resumeChat(callId, 1));
    expect(response.status).toBe(409);
    expect(codeOf(told)).toMatchObject(error("conflict"));
  });
});

async function overWebsocket({ websocketUrl }: ServedGraphql, body: { query: string; variables: object }) {
  class BrowserLike extends WebSocket {
    constructor(url: string, protocol: string) {
      const headers = {
        "cache-control": "no-cache",
        "idempotency-key": "of-the-connection",
        "x-sluice-resumable": "1",
        "x-sluice-cache-ttl": "9",
        "last-event-id": "id-1:0",
      };
      super(url, protocol, { headers });
    }
  }
  const client = createClient({ url: websocketUrl, webSocketImpl: BrowserLike, retryAttempts: 0 });
  const results: unknown[] = [];
  try {
    const variables = { ...body.variables };
    for await (const result of client.iterate({ query: body.query, variables })) results.push(result);
  } finally {
    await client.dispose();
  }
  return results;
}

describe("over a websocket", () => {
  test("resumeChat gives the rest", async () => {
    const own = await serve();
    const { callId, told } = await subscribe(own, chat({ resumable: true }));
    const rest = await overWebsocket(own, resumeChat(callId, 2));
    const expected = told.slice(3, -1).map(({ data }) => data);
    expect(JSON.parse(JSON.stringify(rest).replaceAll(`"resumeChat"`, `"chat"`))).toEqual(expected);
  });

  test("the headers of a connection wish nothing of its calls", async () => {
    const own = await serve();
    await overWebsocket(own, chat());
    await overWebsocket(own, chat({ idempotencyKey: "mine", cache: { mode: "NO_STORE" } }));
    const [plain, wishing] = own.gateway.options;
    expect(plain).toMatchObject({ idempotencyKey: undefined, cacheControl: undefined, resumable: undefined });
    expect(wishing).toMatchObject({ idempotencyKey: "mine", cacheControl: { mode: "no_store" } });
    expect(wishing?.cacheControl?.ttlSeconds).toBeUndefined();
  });
});

describe("what an input wishes", () => {
  const embed = `mutation ($input: EmbedInput!) { embed(input: $input) { id } }`;
  const wishes = { cache: { mode: "NO_STORE", ttlSeconds: 5, maxAgeSeconds: 6 }, idempotencyKey: "k" };
  const understood = {
    cacheControl: { mode: "no_store", ttlSeconds: 5, maxAgeSeconds: 6 },
    idempotencyKey: "k",
  };

  test("reaches the core, and counts more than headers", async () => {
    const own = await serve();
    const headers = { "cache-control": "no-cache, max-age=1", "idempotency-key": "k" };
    await own.post({ query: chatMutation, variables: { input: { ...helloInput, ...wishes } } }, headers);
    const { "idempotency-key": _, ...others } = headers;
    const texts = { inputs: [{ text: "a" }], ...wishes, idempotencyKey: "e" };
    await own.post({ query: embed, variables: { input: texts } }, others);
    await own.post({ query: chatMutation, variables: { input: helloInput } }, headers);
    expect(own.gateway.options).toEqual([
      expect.objectContaining(understood),
      expect.objectContaining({ ...understood, idempotencyKey: "e" }),
      expect.objectContaining({ cacheControl: { mode: "no_cache", maxAgeSeconds: 1 }, idempotencyKey: "k" }),
    ]);
  });

  test.each([
    [{ cache: { ttlSeconds: 2_592_001 } }, "cache.ttlSeconds"],
    [{ cache: { maxAgeSeconds: -1 } }, "cache.maxAgeSeconds"],
    [{ idempotencyKey: "k".repeat(1_024) }, "idempotencyKey"],
    [{ idempotencyKey: "other" }, "idempotencyKey"],
  ])("refused: %j", async (input, field) => {
    const own = await serve();
    const body = { query: chatMutation, variables: { input: { ...helloInput, ...input } } };
    const { response, result } = await own.post(body, { "idempotency-key": "k" });
    expect(response.status).toBe(400);
    expect(result.errors?.[0]?.extensions).toMatchObject({ code: "invalid_request", field });
    expect(own.ledger.opened).toEqual([]);
  });
});

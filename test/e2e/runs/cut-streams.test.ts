// Streams whose connection is cut, over every front end that streams, before the built-in demo upstream: what came and
// the rest that is asked for make the whole, without a gap and without repetition.

import { type CallOptions, createClient, type Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { createClient as createWebsocketClient } from "graphql-ws";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type ChatEvent, ChatService } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { rpcTransports, type RpcTransports } from "../../api/rpc/rpc-transports.ts";
import { startTcpProxy } from "../../support/tcp-proxy.ts";
import { platform, type ServedGateway, serveGateway } from "../served-gateway.ts";
import {
  blocksOf,
  chatSubscription,
  completion,
  countedTo,
  firstBlocks,
  graphql,
  graphqlInput,
  post,
  resumable,
  resumeSubscription,
  textOfChunks,
  toldBy,
  toldByResults,
  userSays,
} from "./run-clients.ts";

const prompt = "[demo tokens=12 delay=10] Tell me a story";
const cutAfter = 4;

let served: ServedGateway;
let transports: RpcTransports;
/** What the demo model says to the prompt, and in how many events. */
let whole: { readonly text: string; readonly events: number };

beforeAll(async () => {
  served = await serveGateway({
    environment: { AUTH_REQUIRED: "false", SLUICE_API_KEYS: "key-one-of-tenant,key-two-of-tenant" },
  });
  transports = rpcTransports(served.baseUrl, served.ports.grpcPort);
  const events: ChatEvent[] = [];
  for await (const event of client("gRPC").streamChat(
    { messages: userSays(prompt) },
    as("key-one-of-tenant"),
  ))
    events.push(event);
  whole = { text: toldBy(events).text, events: events.length };
});
afterAll(async () => {
  transports.close();
  await served.close();
});

const as = (key: string): CallOptions => ({ headers: { authorization: `Bearer ${key}` } });
const bearer = { authorization: "Bearer key-one-of-tenant" };

function transportOf(name: string): Transport {
  const found = transports.byName.find(([known]) => known === name)?.[1];
  if (found === undefined) throw new Error(`There is no transport ${name}.`);
  return found;
}

const client = (name: string) => createClient(ChatService, transportOf(name));

/** Reads so many events of a resumable stream, and goes without a word. */
async function cut(
  caller: ReturnType<typeof client>,
  leave: (leaving: AbortController) => unknown,
): Promise<{ readonly id: string; readonly events: readonly ChatEvent[] }> {
  const events: ChatEvent[] = [];
  const leaving = new AbortController();
  const stream = caller.streamChat(
    { messages: userSays(prompt), resumable: true },
    { ...as("key-one-of-tenant"), signal: leaving.signal },
  );
  try {
    for await (const event of stream) {
      events.push(event);
      if (events.length === cutAfter) leave(leaving);
      if (events.length >= cutAfter) break;
    }
  } catch {
    // That is the cut.
  }
  const started = events[0]?.event;
  return { id: started?.case === "started" ? started.value.id : "", events };
}

async function rest(name: string, id: string, afterSequence: number): Promise<readonly ChatEvent[]> {
  const events: ChatEvent[] = [];
  const resumed = client(name).resumeChat(
    { id, afterSequence: BigInt(afterSequence) },
    as("key-one-of-tenant"),
  );
  for await (const event of resumed) events.push(event);
  return events;
}

describe.each(["gRPC", "Connect", "Connect JSON", "gRPC-Web"])("a %s stream that is cut", (name) => {
  test("is gone on with by ResumeChat, once and again", async () => {
    const { id, events } = await cut(client(name), (leaving) => leaving.abort());
    for (let again = 0; again < 2; again += 1) {
      const told = toldBy([...events, ...(await rest(name, id, cutAfter - 1))]);
      expect(told).toEqual({ text: whole.text, sequences: countedTo(whole.events) });
    }
    expect(toldBy(await rest(name, id, -1)).text).toBe(whole.text);
  });
});

test("a gRPC stream whose wire is cut is gone on with over another wire", async () => {
  const proxy = await startTcpProxy({ host: "127.0.0.1", port: served.ports.grpcPort });
  const baseUrl = `http://127.0.0.1:${proxy.port}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  const caller = createClient(ChatService, createGrpcTransport({ baseUrl, sessionManager }));
  const { id, events } = await cut(caller, () => proxy.close());
  sessionManager.abort();
  const told = toldBy([...events, ...(await rest("gRPC", id, cutAfter - 1))]);
  expect(told).toEqual({ text: whole.text, sequences: countedTo(whole.events) });
});

test("an OpenAI stream that is cut goes on behind its Last-Event-ID", async () => {
  const asked = completion(prompt, true);
  const leaving = new AbortController();
  const headers = { ...bearer, ...resumable };
  const first = await firstBlocks(
    await post(served.baseUrl, { ...asked, headers, signal: leaving.signal }),
    cutAfter,
  );
  leaving.abort();
  const lastEventId = first.at(-1)?.id ?? "";
  const resumed = await post(served.baseUrl, {
    ...asked,
    headers: { ...bearer, "last-event-id": lastEventId },
  });
  const others = blocksOf(await resumed.text());
  expect(textOfChunks([...first, ...others])).toBe(whole.text);
  expect(others.at(-1)?.data).toBe("[DONE]");
  const ids = [...first, ...others].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

const events = { accept: "text/event-stream" };

test("a GraphQL stream that is cut goes on behind its Last-Event-ID", async () => {
  const input = { ...graphqlInput(prompt), resumable: true };
  const asked = graphql(chatSubscription, { input });
  const leaving = new AbortController();
  const headers = { ...bearer, ...events };
  const first = await firstBlocks(
    await post(served.baseUrl, { ...asked, headers, signal: leaving.signal }),
    cutAfter,
  );
  leaving.abort();
  const lastEventId = first.at(-1)?.id ?? "";
  const resumed = await post(served.baseUrl, {
    ...asked,
    headers: { ...headers, "last-event-id": lastEventId },
  });
  const all = [...first, ...blocksOf(await resumed.text())];
  expect(toldByResults(all)).toEqual({ text: whole.text, sequences: countedTo(whole.events) });
});

const websocket = () =>
  createWebsocketClient({
    url: `${served.baseUrl.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: bearer,
  });

test("a graphql-ws stream whose socket is gone goes on by resumeChat over another", async () => {
  const data: { readonly data: string }[] = [];
  const first = websocket();
  const variables = { input: { ...graphqlInput(prompt), resumable: true } };
  for await (const result of first.iterate({ query: chatSubscription, variables })) {
    data.push({ data: JSON.stringify(result) });
    if (data.length === cutAfter) break;
  }
  first.terminate();
  const id = /"id":"([^"]+)"/.exec(data[0]?.data ?? "")?.[1];
  const second = websocket();
  const resumed = second.iterate({ query: resumeSubscription, variables: { id, after: cutAfter - 1 } });
  for await (const result of resumed) data.push({ data: JSON.stringify(result) });
  await second.dispose();
  expect(toldByResults(data)).toEqual({ text: whole.text, sequences: countedTo(whole.events) });
});

test("nobody else goes on with it: for another key of the same tenant there is no such stream", async () => {
  const { id } = await cut(client("gRPC"), (leaving) => leaving.abort());
  const read = async () => {
    for await (const _ of client("gRPC").resumeChat({ id, afterSequence: -1n }, as("key-two-of-tenant")))
      break;
  };
  await expect(read()).rejects.toThrow(/no such stream/);
});

test("the official client sends its call again when the first answer is cut, and is given that answer", async () => {
  const proxy = await startTcpProxy({ host: "127.0.0.1", port: served.ports.httpPort });
  const openai = new OpenAI({
    apiKey: "key-one-of-tenant",
    baseURL: `http://127.0.0.1:${proxy.port}/v1`,
    maxRetries: 2,
  });
  const before = served.upstream.counts.received;
  const wasCut = proxy.cutNextAnswer();
  const answer = await openai.chat.completions.create(
    { model: "default", messages: [{ role: "user", content: "[demo tokens=3] Once" }] },
    // Its own option of that name sends no header: OpenAI has none.
    { headers: { "idempotency-key": "once-by-the-official-client" } },
  );
  await wasCut;
  await proxy.close();
  expect(answer.choices[0]?.message.content).toMatch(/\w/);
  expect(served.upstream.counts.received).toBe(before + 1);
  const { records } = await served.gateway.records.requests(platform, { first: 200, filter: {} });
  const kept = records.filter(({ idempotencyKey }) => idempotencyKey === "once-by-the-official-client");
  expect(kept.map(({ id, attempts }) => ({ id, attempts }))).toEqual([{ id: answer.id, attempts: 1 }]);
});

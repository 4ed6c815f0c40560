// What nobody foresaw: its text, its stack and its paths reach no client by any front end, and the log hears of
// it once.

import { once } from "node:events";
import { create, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, Metadata, type StatusObject } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { ChatRequestSchema } from "../../generated/proto/sluice/v1/chat_pb.ts";
import { EmbedRequestSchema } from "../../generated/proto/sluice/v1/embedding_pb.ts";
import type { ChatEvent } from "../../src/core/chat/events.ts";
import type { Gateway } from "../../src/core/gateway.ts";
import type { Numbered, ReplyMeta } from "../../src/core/reply.ts";
import { chatBody, type Edge, sendRaw, serveEdge } from "./serve-edge.ts";
import { hello } from "./rpc/rpc-fixtures.ts";

let edge: Edge | undefined;
afterEach(async () => {
  await edge?.close();
  edge = undefined;
});

const secret = "sk-live-4242 in sluice.db";
const failure = () => new Error(`connection to postgres://user:pw@db failed: ${secret}`);
const fail = () => {
  throw failure();
};

const meta: ReplyMeta = {
  requestId: "id-1",
  correlationId: undefined,
  provider: "first",
  model: "m",
  modelServed: "m",
  route: "default",
  attempts: 1,
  cacheStatus: "bypass",
  latencyMs: 1,
  costNanos: 1n,
  losses: [],
};

async function* brokenEvents(): AsyncGenerator<Numbered<ChatEvent>> {
  yield {
    type: "started",
    sequence: 0,
    id: "id-1",
    provider: "first",
    model: "m",
    createdAtMs: 0,
    meta,
  };
  yield { type: "part_started", sequence: 1, index: 0, part: { kind: "text" } };
  yield { type: "part_delta", sequence: 2, index: 0, text: "Hel" };
  throw failure();
}

/** Whose every method throws at once, in a promise, or in the midst of a stream. */
const failing =
  (when: "at once" | "later" | "in the midst") =>
  (gateway: Gateway): Gateway => {
    const thrown = (): Promise<never> => (when === "at once" ? fail() : Promise.reject(failure()));
    return {
      ...gateway,
      chat: thrown,
      embed: thrown,
      stream: when === "in the midst" ? () => Promise.resolve({ meta, events: brokenEvents() }) : thrown,
      metrics: fail,
      readiness: fail,
      records: { requests: thrown, request: thrown, bodies: thrown, usage: thrown, usageByKey: thrown },
      settings: { ...gateway.settings, providers: fail, routes: fail, models: thrown },
    };
  };

const failingAccess = (gateway: Gateway): Gateway => ({
  ...gateway,
  access: { keyless: true, authenticate: () => Promise.reject(failure()) },
});

/** All that comes back over a socket, headers and trailers included, as text. */
type Ask = (edge: Edge) => Promise<string>;

const http =
  (
    path: string,
    init: { method?: string; type?: string; accept?: string; body?: string | Uint8Array } = {},
  ): Ask =>
  async ({ url }) => {
    const { method = "POST", type = "application/json", accept = "*/*", body } = init;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { "content-type": type, accept },
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    });
    const bytes = Buffer.from(await response.arrayBuffer()).toString("latin1");
    return `${response.status} ${JSON.stringify([...response.headers])} ${bytes}`;
  };

const envelope = (message: Uint8Array): Uint8Array => {
  const bytes = Buffer.alloc(5 + message.length);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
};

const chatMessage = toBinary(ChatRequestSchema, hello());
const embedMessage = toBinary(
  EmbedRequestSchema,
  create(EmbedRequestSchema, { inputs: [{ input: { case: "text", value: "a" } }] }),
);

const asIs = (bytes: Uint8Array) => Buffer.from(bytes);

const grpc =
  (method: string, message: Uint8Array, streams = false): Ask =>
  async ({ grpcPort }) => {
    const client = new Client(`127.0.0.1:${grpcPort}`, credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
    });
    const heard: unknown[] = [];
    const path = `/sluice.v1.${method}`;
    const metadata = new Metadata();
    const call = streams
      ? client.makeServerStreamRequest(path, asIs, asIs, message, metadata)
      : client.makeUnaryRequest(path, asIs, asIs, message, metadata, (error, answer) => {
          heard.push(error?.message, answer);
        });
    call.on("metadata", (headers: Metadata) => heard.push(headers.getMap()));
    call.on("data", (bytes: Buffer) => heard.push(bytes.toString("latin1")));
    call.on("error", (error: Error) => heard.push(error.message));
    const end = await new Promise<StatusObject>((resolve) => call.on("status", resolve));
    client.close();
    const details = end.metadata.get("grpc-status-details-bin").map((each) => each.toString("latin1"));
    return JSON.stringify([heard, end.code, end.details, end.metadata.getMap(), details]);
  };

const messages = '{messages: [{role: USER, parts: [{text: "Hi"}]}]}';
const documents = {
  subscription: `subscription { chat(input: ${messages}) { __typename } }`,
  mutation: `mutation { chat(input: ${messages}) { id } }`,
  query: "{ routes { name } }",
};

const graphql = (query: string, accept = "application/json"): Ask =>
  http("/graphql", { accept, body: JSON.stringify({ query }) });

const websocket =
  (query: string): Ask =>
  async ({ url }) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    const heard: string[] = [];
    socket.on("message", (data: Buffer) => heard.push(data.toString()));
    const closed = once(socket, "close");
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "connection_init" }));
    await Promise.race([once(socket, "message"), closed]);
    if (socket.readyState === socket.OPEN) {
      socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query } }));
      while (!heard.some((message) => /"type":"(error|complete)"/.test(message)))
        await once(socket, "message");
      socket.close();
    }
    const [code, reason] = await closed;
    return `${heard.join("\n")} ${code} ${reason}`;
  };

const json = "application/json";
const chatJson = JSON.stringify({ messages: [{ role: "ROLE_USER", parts: [{ text: "Hi" }] }] });
const streamed = chatBody.replace("{", '{"stream":true,');

const streams: readonly (readonly [string, Ask])[] = [
  ["OpenAI, streamed", http("/v1/chat/completions", { body: streamed })],
  [
    "Connect, streamed JSON",
    http("/sluice.v1.ChatService/StreamChat", {
      type: "application/connect+json",
      body: envelope(Buffer.from(chatJson)),
    }),
  ],
  [
    "Connect, streamed protobuf",
    http("/sluice.v1.ChatService/StreamChat", {
      type: "application/connect+proto",
      body: envelope(chatMessage),
    }),
  ],
  [
    "gRPC-Web, streamed",
    http("/sluice.v1.ChatService/StreamChat", {
      type: "application/grpc-web+proto",
      body: envelope(chatMessage),
    }),
  ],
  ["gRPC, streamed", grpc("ChatService/StreamChat", chatMessage, true)],
  ["GraphQL, event stream", graphql(documents.subscription, "text/event-stream")],
  ["GraphQL, websocket subscription", websocket(documents.subscription)],
];

const answers: readonly (readonly [string, Ask])[] = [
  ["OpenAI, whole", http("/v1/chat/completions", { body: chatBody })],
  ["OpenAI, embeddings", http("/v1/embeddings", { body: '{"model":"m","input":"a"}' })],
  ["OpenAI, models", http("/v1/models", { method: "GET" })],
  ["OpenAI, a model", http("/v1/models/m", { method: "GET" })],
  ["Connect, unary JSON", http("/sluice.v1.ChatService/Chat", { body: chatJson })],
  [
    "Connect, unary protobuf",
    http("/sluice.v1.EmbeddingService/Embed", { type: "application/proto", body: embedMessage }),
  ],
  ["Connect, models", http("/sluice.v1.ModelService/ListModels", { body: "{}" })],
  [
    "gRPC-Web, unary",
    http("/sluice.v1.ChatService/Chat", { type: "application/grpc-web+proto", body: envelope(chatMessage) }),
  ],
  ["gRPC, unary", grpc("ChatService/Chat", chatMessage)],
  ["gRPC, embeddings", grpc("EmbeddingService/Embed", embedMessage)],
  ["gRPC, models", grpc("ModelService/ListModels", new Uint8Array(0))],
  ["GraphQL, mutation", graphql(documents.mutation)],
  ["GraphQL, query", graphql(documents.query)],
  ["GraphQL, models", graphql("{ models { id } }")],
  ["GraphQL, records", graphql("{ requests { hasMore } }")],
  ["GraphQL, query as an event stream", graphql(documents.query, "text/event-stream")],
  ["GraphQL, websocket query", websocket(documents.query)],
  ["GraphQL, websocket mutation", websocket(documents.mutation)],
];

const operations: readonly (readonly [string, Ask])[] = [
  ["readiness", http("/ready", { method: "GET" })],
  ["metrics", http("/metrics", { method: "GET", accept: json })],
];

/** Nothing of the error's text, and no line of a stack. */
const leaks = /sk-live|4242|home|sluice\.db|postgres|pw@|\.ts:\d|node_modules|node:internal|\bat \w+ \(/;

async function expectMasked(ask: Ask, served: Edge): Promise<void> {
  const answer = await ask(served);
  expect(answer).not.toMatch(leaks);
  // Also not where bytes are written as base64.
  for (const [text] of answer.matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g)) {
    expect(Buffer.from(text, "base64").toString("latin1")).not.toMatch(leaks);
  }
  // gRPC-Web writes its trailers percent-encoded.
  expect(answer.replaceAll("%20", " ")).toMatch(/The gateway failed on this call/);
  expect(served.faults.map(String)).toEqual([String(failure())]);
}

describe.each(["at once", "later"] as const)("a gateway that throws %s", (when) => {
  test.each([...streams, ...answers, ...operations])("shows nothing of it: %s", async (_, ask) => {
    edge = await serveEdge({ change: failing(when) });
    await expectMasked(ask, edge);
  });
});

test.each(streams)("a stream that breaks in the midst shows nothing of it: %s", async (_, ask) => {
  edge = await serveEdge({ change: failing("in the midst") });
  await expectMasked(ask, edge);
});

test.each([...streams, ...answers])("access that throws shows nothing of it: %s", async (name, ask) => {
  edge = await serveEdge({ change: failingAccess });
  await expectMasked(ask, edge);
  expect(name).toBeDefined();
});

async function* unwritable(): AsyncGenerator<Numbered<ChatEvent>> {
  yield { type: "part_started", sequence: 0, index: 4_242_000_000_000, part: { kind: "text" } };
}

const answeringUnwritably = (gateway: Gateway): Gateway => ({
  ...gateway,
  stream: () => Promise.resolve({ meta, events: unwritable() }),
});

test("an answer that cannot be written shows nothing of why, and is told to the log", async () => {
  edge = await serveEdge({ change: answeringUnwritably });
  const answer = await grpc("ChatService/StreamChat", chatMessage, true)(edge);
  expect(answer).toMatch(/Error serializing response/);
  expect(answer).not.toMatch(leaks);
  expect(edge.faults.map(String)).toEqual([expect.stringContaining("4242000000000")]);
});

describe("an answer to what is not served", () => {
  test.each([
    ["GET /../../etc/passwd HTTP/1.1", "404"],
    ["GET /v1/../secret HTTP/1.1", "404"],
    ["POST /sluice.v1.ChatService/Nothing HTTP/1.1", "404"],
    ["DELETE /v1/models HTTP/1.1", "405"],
    ["TRACE / HTTP/1.1", "404"],
    ["GET /%ff%00 HTTP/1.1", "404"],
  ])("tells nothing of the inside: %s", async (line, status) => {
    edge = await serveEdge();
    const answer = await sendRaw(
      edge.httpPort,
      `${line}\r\nhost: localhost\r\nconnection: close\r\nx-key: ${secret}\r\n\r\n`,
    );
    expect(answer.slice(9, 12)).toBe(status);
    expect(answer).not.toMatch(/sk-live|x-powered-by|server:|node|\.ts|\bat \w+ \(/i);
    expect(edge.faults).toEqual([]);
  });
});

test("what a caller got wrong is no fault for the log", async () => {
  edge = await serveEdge();
  const wrong = [
    http("/v1/chat/completions", { body: "{" }),
    http("/sluice.v1.ChatService/Chat", { body: '{"nothing": 1}' }),
    http("/sluice.v1.ChatService/Chat", { type: "application/proto", body: "\u0007" }),
    grpc("ChatService/StreamChat", Buffer.from([7, 7, 7]), true),
    graphql("{ nothing }"),
    graphql("{"),
    graphql("query ($a: Int!) { routes { name } }"),
    websocket("{ nothing }"),
    http("/nowhere"),
  ];
  for (const ask of wrong) expect(await ask(edge)).not.toMatch(/The gateway failed/);
  expect(edge.faults).toEqual([]);
});

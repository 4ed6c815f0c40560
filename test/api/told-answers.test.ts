// What an answer tells of itself on every face where it did not come from a provider just now: that it stands in for
// one, which run it is of, and that no proxy may keep it.

import { ConnectError, createClient } from "@connectrpc/connect";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ErrorInfoSchema } from "../../generated/proto/google/rpc/error_details_pb.ts";
import { ChatService, Degraded as DegradedValue } from "../../generated/proto/sluice/v1/chat_pb.ts";
import { type ErrorCode, errorTable, GatewayError } from "../../src/core/errors.ts";
import type { Degraded, ReplyMeta } from "../../src/core/reply.ts";
import { hello } from "./rpc/rpc-fixtures.ts";
import { type RpcTransports, rpcTransports } from "./rpc/rpc-transports.ts";
import { type Edge, serveEdge } from "./serve-edge.ts";

/** What the gateway makes of the next calls. */
let degraded: Degraded | undefined;
let refusal: ErrorCode | undefined;

const runId = "019a0000-0000-7000-8000-000000000001";

function changed(meta: ReplyMeta): ReplyMeta {
  if (refusal === undefined) return { ...meta, degraded };
  throw new GatewayError({
    code: refusal,
    message: "Send another key.",
    meta: { ...meta, requestId: runId },
  });
}

let edge: Edge;
let transports: RpcTransports;
beforeAll(async () => {
  edge = await serveEdge({
    change: (core) => ({
      ...core,
      async chat(...asked) {
        const reply = await core.chat(...asked);
        return { ...reply, meta: changed(reply.meta) };
      },
      async stream(...asked) {
        const reply = await core.stream(...asked);
        return { ...reply, meta: changed(reply.meta) };
      },
      async embed(...asked) {
        const embedded = await core.embed(...asked);
        return { ...embedded, meta: changed(embedded.meta) };
      },
    }),
  });
  transports = rpcTransports(edge.url, edge.grpcPort);
});
afterAll(async () => {
  transports.close();
  await edge.close();
});
beforeEach(() => {
  degraded = undefined;
  refusal = undefined;
});

const messages = [{ role: "user", content: "Hi" }];
const query = `mutation { chat(input: { messages: [{ role: USER, parts: [{ text: "Hi" }] }] }) { meta { degraded } } }`;
const subscription = `subscription { chat(input: { messages: [{ role: USER, parts: [{ text: "Hi" }] }] }) { sequence } }`;
const events = { accept: "text/event-stream" };
const rpcChat = { messages: [{ role: "ROLE_USER", parts: [{ text: "Hi" }] }] };

interface Post {
  readonly name: string;
  readonly path: string;
  readonly body: object;
  readonly headers?: Record<string, string>;
}

const completions: Post = { name: "OpenAI", path: "/v1/chat/completions", body: { messages } };
const embeddings: Post = {
  name: "OpenAI's embeddings",
  path: "/v1/embeddings",
  body: { model: "default", input: "a" },
};

const posts: readonly Post[] = [
  completions,
  { ...completions, name: "OpenAI, streamed", body: { messages, stream: true } },
  embeddings,
  { name: "/infer", path: "/infer", body: { prompt: "Hi" } },
  { name: "GraphQL", path: "/graphql", body: { query } },
  { name: "GraphQL, streamed", path: "/graphql", body: { query: subscription }, headers: events },
  { name: "Connect", path: "/sluice.v1.ChatService/Chat", body: rpcChat },
];

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${edge.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

describe.each(posts)("$name", ({ path, body, headers }) => {
  test.each(["stale_answer", "fallback_message"] as const)("tells that it is degraded: %s", async (what) => {
    degraded = what;
    const response = await post(path, body, headers);
    await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get("x-sluice-degraded")).toBe(what);
    expect(response.headers.get("cache-control")).toMatch(/^no-store/);
  });

  test("tells nothing of it where it is the answer itself", async () => {
    const response = await post(path, body, headers);
    await response.text();
    expect(response.headers.get("x-sluice-degraded")).toBeNull();
  });

  test.each(["conflict", "idempotency_mismatch"] as const)("%s tells the id of the run", async (code) => {
    refusal = code;
    const response = await post(path, body, headers);
    const text = await response.text();
    if (!path.startsWith("/sluice.")) expect(response.status).toBe(errorTable[code].http);
    expect(response.headers.get("x-sluice-request-id")).toBe(runId);
    expect(response.headers.get("cache-control")).toMatch(/^no-store/);
    expect(text).toContain(code);
  });
});

test.each([completions, embeddings])(
  "a conflict is not sent again by clients of $name",
  async ({ path, body }) => {
    refusal = "conflict";
    const response = await post(path, body);
    await response.text();
    expect([response.status, response.headers.get("x-should-retry")]).toEqual([409, "false"]);
  },
);

test("in the bodies: `sluice` of OpenAI's JSON, meta of GraphQL", async () => {
  degraded = "stale_answer";
  const told = await post("/v1/chat/completions", { messages }, { "x-sluice-meta": "1" });
  expect(await told.json()).toMatchObject({ sluice: { degraded: "stale_answer" } });
  const asked = await post("/graphql", { query });
  expect(await asked.json()).toEqual({ data: { chat: { meta: { degraded: "STALE_ANSWER" } } } });
  degraded = undefined;
  const plain = await post("/v1/chat/completions", { messages }, { "x-sluice-meta": "1" });
  expect(JSON.stringify(await plain.json())).not.toContain("degraded");
});

describe.each(["gRPC", "Connect", "Connect JSON", "gRPC-Web"])("%s", (name) => {
  const client = () => {
    const transport = transports.byName.find(([known]) => known === name)?.[1];
    if (transport === undefined) throw new Error("There is no such transport.");
    return createClient(ChatService, transport);
  };

  test("tells in message and headers that an answer is degraded", async () => {
    degraded = "fallback_message";
    let headers: Headers | undefined;
    const reply = await client().chat(hello(), { onHeader: (received) => (headers = received) });
    expect(reply.meta?.degraded).toBe(DegradedValue.FALLBACK_MESSAGE);
    expect(headers?.get("x-sluice-degraded")).toBe("fallback_message");
  });

  test.each(["conflict", "idempotency_mismatch"] as const)("%s tells the id of the run", async (code) => {
    refusal = code;
    degraded = undefined;
    const error: unknown = await client()
      .chat(hello())
      .catch((thrown: unknown) => thrown);
    if (!(error instanceof ConnectError)) throw new Error("It was not refused.");
    const [info] = error.findDetails(ErrorInfoSchema);
    expect(info).toMatchObject({ reason: code, metadata: { request_id: runId } });
    expect(error.metadata.get("x-sluice-request-id")).toBe(runId);
  });
});

// ResumeChat, and what messages and metadata wish of a call, by gRPC, Connect and gRPC-Web.

import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { afterEach, describe, expect, test } from "vitest";
import { ErrorInfoSchema } from "../../../generated/proto/google/rpc/error_details_pb.ts";
import {
  CacheWishMode,
  type ChatEvent,
  type ChatRequestSchema,
  ChatService,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { EmbeddingService } from "../../../generated/proto/sluice/v1/embedding_pb.ts";
import type { RunParts } from "../../../src/core/assemble-gateway.ts";
import { type NotedGateway, notedOptions, shortLogs } from "../noted-options.ts";
import { type Edge, serveEdge } from "../serve-edge.ts";
import { hello } from "./rpc-fixtures.ts";
import { type RpcTransports, rpcTransports } from "./rpc-transports.ts";

let edge: Edge | undefined;
let transports: RpcTransports | undefined;
afterEach(async () => {
  transports?.close();
  await edge?.close();
});

interface Served {
  readonly gateway: NotedGateway;
  readonly transport: Transport;
}

async function serve(name: string, runs?: RunParts): Promise<Served> {
  let gateway: NotedGateway | undefined;
  edge = await serveEdge({ runs, change: (core) => (gateway = notedOptions(core)) });
  transports = rpcTransports(edge.url, edge.grpcPort);
  const transport = transports.byName.find(([known]) => known === name)?.[1];
  if (gateway === undefined || transport === undefined) throw new Error("Nothing is served.");
  return { gateway, transport };
}

async function eventsOf(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const all: ChatEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

async function refusalOf(events: AsyncIterable<ChatEvent>) {
  const error: unknown = await eventsOf(events).catch((thrown: unknown) => thrown);
  if (!(error instanceof ConnectError)) throw new Error("It was not refused.");
  const [info] = error.findDetails(ErrorInfoSchema);
  return { code: error.code, reason: info?.reason, field: info?.metadata["field"] };
}

const startedId = ([first]: readonly ChatEvent[]): string =>
  first?.event.case === "started" ? first.event.value.id : "none";

const names = ["gRPC", "Connect", "Connect JSON", "gRPC-Web"];

describe.each(names)("%s", (name) => {
  test("goes on behind every event with exactly the rest", async () => {
    const { gateway, transport } = await serve(name);
    const client = createClient(ChatService, transport);
    const all = await eventsOf(client.streamChat(hello({ resumable: true })));
    const id = startedId(all);
    expect(await eventsOf(client.resumeChat({ id }))).toEqual(all);
    expect(await eventsOf(client.resumeChat({ id, afterSequence: -1n }))).toEqual(all);
    for (const [at, { sequence }] of all.entries()) {
      let headers: Headers | undefined;
      const rest = client.resumeChat(
        { id, afterSequence: sequence },
        {
          onHeader: (received) => (headers = received),
          headers: { "idempotency-key": "k", "x-sluice-resumable": "1" },
        },
      );
      expect(await eventsOf(rest)).toEqual(all.slice(at + 1));
      if (at < all.length - 1) expect(headers?.get("x-sluice-request-id")).toBe(id);
      expect(gateway.options.at(-1)).toMatchObject({ idempotencyKey: undefined, resumable: undefined });
    }
  });

  test("is refused as the table says", async () => {
    const { transport } = await serve(name);
    const client = createClient(ChatService, transport);
    const id = startedId(await eventsOf(client.streamChat(hello({ resumable: true }))));
    expect(await refusalOf(client.resumeChat({ id: "019a0000-0000-7000-8000-000000000000" }))).toMatchObject({
      code: Code.NotFound,
      reason: "not_found",
    });
    expect(await refusalOf(client.resumeChat({ id, afterSequence: 99n }))).toMatchObject({
      code: Code.InvalidArgument,
      reason: "invalid_request",
    });
    for (const afterSequence of [-2n, 2n ** 53n, -(2n ** 63n), 2n ** 63n - 1n]) {
      expect(await refusalOf(client.resumeChat({ id, afterSequence }))).toEqual({
        code: Code.InvalidArgument,
        reason: "invalid_request",
        field: "afterSequence",
      });
    }
    expect(await refusalOf(client.resumeChat({}))).toMatchObject({ code: Code.InvalidArgument, field: "id" });
  });

  test("is refused where the events are no longer kept", async () => {
    const { transport } = await serve(name, shortLogs);
    const client = createClient(ChatService, transport);
    const id = startedId(await eventsOf(client.streamChat(hello({ resumable: true }))));
    expect(await refusalOf(client.resumeChat({ id }))).toMatchObject({
      code: Code.Aborted,
      reason: "conflict",
    });
  });

  test("what a message wishes reaches the core, and counts more than metadata", async () => {
    const { gateway, transport } = await serve(name);
    const wishes: MessageInitShape<typeof ChatRequestSchema> = {
      cache: { mode: CacheWishMode.NO_STORE, ttlSeconds: 5 },
      idempotencyKey: "k",
      resumable: true,
    };
    const headers = {
      "cache-control": "no-cache, max-age=1",
      "x-sluice-cache-ttl": "7",
      "idempotency-key": "k",
      "x-sluice-resumable": "1",
    };
    const client = createClient(ChatService, transport);
    await client.chat(hello(wishes), { headers });
    await eventsOf(client.streamChat(hello(), { headers }));
    await client.chat(hello());
    const { model, inputs } = {
      model: "default",
      inputs: [{ input: { case: "text", value: "a" } }],
    } as const;
    const { "idempotency-key": _, ...otherHeaders } = headers;
    await createClient(EmbeddingService, transport).embed(
      { model, inputs: [...inputs], cache: wishes.cache, idempotencyKey: "e" },
      { headers: otherHeaders },
    );
    const understood = {
      cacheControl: { mode: "no_store", ttlSeconds: 5, maxAgeSeconds: 1 },
      idempotencyKey: "k",
    };
    expect(gateway.options).toMatchObject([
      { ...understood, resumable: true },
      {
        cacheControl: { mode: "no_cache", ttlSeconds: 7, maxAgeSeconds: 1 },
        idempotencyKey: "k",
        resumable: true,
      },
      { cacheControl: undefined, idempotencyKey: undefined, resumable: undefined },
      { ...understood, idempotencyKey: "e" },
    ]);
  });

  test.each<[MessageInitShape<typeof ChatRequestSchema>, Record<string, string>, string]>([
    [{ idempotencyKey: "a" }, { "idempotency-key": "b" }, "idempotencyKey"],
    [{ idempotencyKey: "k".repeat(1_024) }, {}, "idempotencyKey"],
    [{ idempotencyKey: "a\u0000" }, {}, "idempotencyKey"],
    [{ cache: { ttlSeconds: -1 } }, {}, "cache.ttlSeconds"],
    [{}, { "idempotency-key": "k".repeat(257) }, "idempotency-key"],
    [{}, { "cache-control": "max-age=x" }, "cache-control"],
    [{}, { "x-sluice-cache-ttl": "x" }, "x-sluice-cache-ttl"],
    [{}, { "x-sluice-resumable": "yes" }, "x-sluice-resumable"],
  ])("refused: %j, %j", async (message, headers, field) => {
    const { transport } = await serve(name);
    const client = createClient(ChatService, transport);
    expect(await refusalOf(client.streamChat(hello(message), { headers }))).toEqual({
      code: Code.InvalidArgument,
      reason: "invalid_request",
      field,
    });
    expect(edge?.ledger.opened).toEqual([]);
  });
});

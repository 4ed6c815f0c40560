import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { toBinary } from "@bufbuild/protobuf";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { type Client, Metadata, status } from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import { ChatRequestSchema, FinishReason } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import type { GrpcServer } from "../../../src/api/rpc/grpc-server.ts";
import { type ErrorCode, errorTable } from "../../../src/core/errors.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway, openAccess } from "../../support/test-gateway.ts";
import { createFailingGateway } from "./failing-gateway.ts";
import {
  detailsOf,
  grpcClient,
  hello,
  metadataOf,
  openStream,
  readStream,
  sendChat,
  startGrpc,
} from "./rpc-fixtures.ts";

const open: { server: GrpcServer; client: Client }[] = [];

async function connect(gateway: Gateway): Promise<Client> {
  const server = await startGrpc(gateway);
  const client = grpcClient(server.port);
  open.push({ server, client });
  return client;
}

afterEach(async () => {
  for (const { server, client } of open.splice(0)) {
    client.close();
    await server.close();
  }
});

const helloBytes = toBinary(ChatRequestSchema, hello());

test("Chat answers whole, with its meta in the message and in the headers", async () => {
  const provider = createScriptedProvider(textScript("Good morning"));
  const client = await connect(createTestGateway({ providers: { first: provider } }).gateway);
  const answer = await sendChat(client, helloBytes, { metadata: metadataOf({ "x-request-id": "mine" }) });
  expect(answer.error).toBeUndefined();
  expect(answer.response).toMatchObject({
    id: "id-1",
    provider: "first",
    model: "scripted-1",
    createdAt: { seconds: 1_750_000_000n },
    parts: [{ content: { case: "text", value: "Good morning" } }],
    finishReason: FinishReason.STOP,
    usage: { input: { total: 5n, uncached: 5n }, output: { total: 2n } },
    meta: {
      requestId: "id-1",
      correlationId: "mine",
      attempts: 1,
      route: "default",
      modelServed: "scripted-1",
    },
  });
  expect(answer.headers?.get("x-sluice-request-id")).toEqual(["id-1"]);
  expect(answer.headers?.get("x-request-id")).toEqual(["mine"]);
  expect(answer.headers?.get("x-sluice-provider")).toEqual(["first"]);
  expect(provider.calls[0]?.request.messages).toEqual([
    { role: "user", parts: [{ type: "text", text: "Hello" }] },
  ]);
});

test("StreamChat gives every event in order and ends with finished", async () => {
  const provider = createScriptedProvider(textScript("Good morning to you"));
  const client = await connect(createTestGateway({ providers: { first: provider } }).gateway);
  const stream = openStream(client);
  const headers = once(stream, "metadata");
  const { events, status: ended } = await readStream(stream);
  expect(ended.code).toBe(status.OK);
  expect(events.map((event) => event.event.case)).toEqual([
    "started",
    "partStarted",
    "partDelta",
    "partDelta",
    "partDelta",
    "partDelta",
    "partFinished",
    "usage",
    "finished",
  ]);
  expect(events.map((event) => event.sequence)).toEqual(events.map((_, i) => BigInt(i)));
  const text = events.map(({ event }) => (event.case === "partDelta" ? event.value.text : "")).join("");
  expect(text).toBe("Good morning to you");
  const [metadata] = await headers;
  expect(metadata.get("x-sluice-request-id")).toEqual(["id-1"]);
});

test("the caller is read from the metadata", async () => {
  const presented: unknown[] = [];
  const { gateway } = createTestGateway({
    providers: { first: createScriptedProvider(textScript("Hi")) },
    access: {
      ...openAccess,
      authenticate(shown) {
        presented.push(shown);
        return openAccess.authenticate(shown);
      },
    },
  });
  const client = await connect(gateway);
  await sendChat(client, helloBytes, { metadata: metadataOf({ authorization: "Bearer key-1" }) });
  await sendChat(client, helloBytes, { metadata: metadataOf({ "x-api-key": "key-2" }) });
  const common = { remoteAddress: "127.0.0.1", host: `127.0.0.1:${open[0]?.server.port}`, origin: undefined };
  expect(presented).toEqual([
    { credential: "key-1", ...common },
    { credential: "key-2", ...common },
  ]);
});

const codes = Object.keys(errorTable) as readonly string[];
const isCode = (code: string): code is ErrorCode => code in errorTable;

test.each(codes.filter(isCode))(
  "%s has its status and details, before and after the first event",
  async (code) => {
    const before = await readStream(openStream(await connect(createFailingGateway(code, "before"))));
    const after = await readStream(openStream(await connect(createFailingGateway(code, "after"))));
    const { error } = await sendChat(await connect(createFailingGateway(code, "before")), helloBytes);
    expect(before.events).toHaveLength(0);
    expect(after.events).toHaveLength(1);
    for (const ended of [before.status, after.status, error]) {
      if (ended === undefined) throw new Error("no status");
      expect(ended.code).toBe(status[errorTable[code].grpc]);
      expect(ended.details).toBe(`It is ${code}.`);
      const { info, retry } = detailsOf(ended);
      expect(info).toMatchObject({
        reason: code,
        domain: "sluice",
        metadata: {
          field: "messages[0].role",
          request_id: "id-1",
          correlation_id: "mine",
          provider: "first",
          model: "m",
          model_served: "m-2026",
          route: "default",
          attempt_count: "2",
          cache_status: "bypass",
          latency_ms: "12.5",
          cost_nanos: "1500",
        },
      });
      expect(JSON.parse(info?.metadata["attempts"] ?? "")).toEqual([
        { provider: "first", model: "m", failure: "rate_limited", message: "Slow.", httpStatus: 429 },
      ]);
      expect(retry?.retryDelay).toMatchObject({ seconds: 1n, nanos: 500_000_000 });
    }
  },
);

test("a failure of every provider tells of each attempt", async () => {
  const busy = createScriptedProvider({
    steps: [],
    refuse: new ProviderError({ failure: "rate_limited", message: "Slow down.", httpStatus: 429 }),
  });
  const client = await connect(createTestGateway({ providers: { first: busy, second: busy } }).gateway);
  const { error } = await sendChat(client, helloBytes);
  expect(error?.code).toBe(status.UNAVAILABLE);
  const info = error && detailsOf(error).info;
  expect(info?.reason).toBe("all_providers_failed");
  expect(info?.metadata["attempts"]).toContain("second");
});

test("a deadline ends the call at its provider, and the core says so", async () => {
  const clock = createManualClock();
  const provider = createScriptedProvider({ steps: [...textScript("Hi").steps.slice(0, 3), "hang"] });
  const { gateway, ledger } = createTestGateway({ providers: { first: provider }, clock });
  const client = await connect(gateway);
  const stream = openStream(client, hello(), { deadline: Date.now() + 60_000 });
  const ended = readStream(stream);
  await once(stream, "metadata");
  clock.advance(60_000);
  const { status: answered } = await ended;
  expect(answered.code).toBe(status.DEADLINE_EXCEEDED);
  expect(detailsOf(answered).info?.reason).toBe("deadline_exceeded");
  expect(provider.calls[0]?.context.signal.reason).toMatchObject({ code: "deadline_exceeded" });
  expect(ledger.settled[0]?.errorCode).toBe("deadline_exceeded");
});

test("a deadline that grpc-js sees first is told with the same details", async () => {
  const provider = createScriptedProvider({ steps: ["hang"] });
  // The core's clock stands still.
  const server = await startGrpc(createTestGateway({ providers: { first: provider } }).gateway);
  const session = connectHttp2(`http://127.0.0.1:${server.port}`);
  const stream = session.request({
    ":method": "POST",
    ":path": "/sluice.v1.ChatService/StreamChat",
    "content-type": "application/grpc",
    "grpc-timeout": "50m",
  });
  stream.end(encodeEnvelope(0, helloBytes));
  const [headers] = await once(stream, "response");
  expect(headers["grpc-status"]).toBe(String(status.DEADLINE_EXCEEDED));
  const metadata = Metadata.fromHttp2Headers(headers);
  expect(detailsOf({ metadata }).info?.reason).toBe("deadline_exceeded");
  session.close();
  await server.close();
});

test("without a deadline the gateway's own limit holds, and x-sluice-timeout-ms shortens it", async () => {
  const clock = createManualClock();
  const provider = createScriptedProvider({ steps: [...textScript("Hi").steps.slice(0, 3), "hang"] });
  const client = await connect(createTestGateway({ providers: { first: provider }, clock }).gateway);
  const stream = openStream(client, hello(), { metadata: metadataOf({ "x-sluice-timeout-ms": "500" }) });
  const ended = readStream(stream);
  await once(stream, "metadata");
  clock.advance(500);
  expect((await ended).status.code).toBe(status.DEADLINE_EXCEEDED);
});

test("a cancel ends the call at its provider", async () => {
  const provider = createScriptedProvider({ steps: [...textScript("Hi").steps.slice(0, 3), "hang"] });
  const { gateway, ledger } = createTestGateway({ providers: { first: provider } });
  const client = await connect(gateway);
  const stream = openStream(client);
  const ended = readStream(stream);
  await once(stream, "metadata");
  const signal = provider.calls[0]?.context.signal;
  if (signal === undefined) throw new Error("the provider was not called");
  const aborted = once(signal, "abort");
  stream.cancel();
  await aborted;
  expect(signal.reason).toMatchObject({ code: "cancelled" });
  expect((await ended).status.code).toBe(status.CANCELLED);
  expect(ledger.settled[0]?.status).toBe("cancelled");
});

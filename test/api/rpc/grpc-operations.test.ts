// Health, reflection, closing, and readers who do not read.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect as connectHttp2, type IncomingHttpHeaders } from "node:http2";
import { promisify } from "node:util";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { type Client, type ClientReadableStream, Metadata, status } from "@grpc/grpc-js";
import { service as healthService } from "grpc-health-check";
import { afterEach, expect, test } from "vitest";
import {
  type ChatEvent,
  ChatEventSchema,
  ChatRequestSchema,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import type { GrpcServer } from "../../../src/api/rpc/grpc-server.ts";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import {
  createScriptedProvider,
  type ScriptedProvider,
  textScript,
} from "../../support/scripted-provider.ts";
import { createScriptedEmbedder } from "../../support/scripted-embedder.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { grpcClient, hello, openStream, readStream, sendChat, startGrpc } from "./rpc-fixtures.ts";

const open: { server: GrpcServer; client: Client }[] = [];

async function connect(
  providers: Readonly<Record<string, ScriptedProvider>>,
): Promise<{ server: GrpcServer; client: Client }> {
  const server = await startGrpc(createTestGateway({ providers }).gateway);
  const client = grpcClient(server.port);
  open.push({ server, client });
  return { server, client };
}

afterEach(async () => {
  for (const { server, client } of open.splice(0)) {
    client.close();
    await server.close();
  }
});

const greeting = () => createScriptedProvider(textScript("Hi"));

function check(client: Client, service: string): Promise<unknown> {
  const method = healthService["Check"];
  if (method === undefined) throw new Error("no Check");
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      { service },
      (error, answer) => (error === null ? resolve(answer) : reject(error)),
    );
  });
}

function watchHealth(client: Client): ClientReadableStream<object> {
  const method = healthService["Watch"];
  if (method === undefined) throw new Error("no Watch");
  const { path, requestSerialize, responseDeserialize } = method;
  return client.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    { service: "" },
    new Metadata(),
  );
}

test("health is told for the server and for each service", async () => {
  const { client } = await connect({ first: greeting() });
  for (const name of ["", "sluice.v1.ChatService", "sluice.v1.EmbeddingService", "sluice.v1.ModelService"]) {
    expect(await check(client, name)).toEqual({ status: "SERVING" });
  }
  await expect(check(client, "sluice.v1.Nothing")).rejects.toMatchObject({ code: status.NOT_FOUND });
});

test("closing tells health watchers and does not wait for them", async () => {
  const { gateway } = createTestGateway({ providers: { first: greeting() } });
  const server = await startGrpc(gateway, 3_600_000);
  const client = grpcClient(server.port);
  const watch = watchHealth(client);
  const told: unknown[] = [];
  const ended = new Promise((resolve) => watch.on("error", resolve));
  watch.on("data", (answer) => told.push(answer));
  await once(watch, "data");
  await server.close();
  expect(await ended).toMatchObject({ code: status.UNAVAILABLE });
  expect(told).toEqual([{ status: "SERVING" }, { status: "NOT_SERVING" }]);
  client.close();
});

test("closing ends what is still open when the time of grace is over", async () => {
  const first = createScriptedProvider({ steps: [...textScript("Hi").steps.slice(0, 3), "hang"] });
  const { gateway, ledger } = createTestGateway({ providers: { first } });
  const server = await startGrpc(gateway, 1);
  const client = grpcClient(server.port);
  const stream = openStream(client);
  const answer = readStream(stream);
  await once(stream, "metadata");
  await server.close();
  expect((await answer).status.code).not.toBe(status.OK);
  expect(ledger.settled[0]?.status).toBe("cancelled");
  client.close();
});

test("closing lets a stream come to its end", async () => {
  const gate = Promise.withResolvers<void>();
  const { steps } = textScript("Good morning");
  const first = createScriptedProvider({ steps: [...steps.slice(0, 3), gate.promise, ...steps.slice(3)] });
  const { server, client } = await connect({ first });
  const stream = openStream(client);
  const answer = readStream(stream);
  await once(stream, "metadata");
  const closed = server.close();
  gate.resolve();
  expect((await answer).status.code).toBe(status.OK);
  expect((await answer).events.at(-1)?.event.case).toBe("finished");
  await closed;
});

const run = promisify(execFile);

test("reflection lists the services, and buf curl calls through it", async () => {
  const { server } = await connect({ first: createScriptedEmbedder(undefined, textScript("Hi")) });
  const base = `http://127.0.0.1:${server.port}`;
  const flags = ["curl", "--protocol", "grpc", "--http2-prior-knowledge"];
  const list = await run("node_modules/.bin/buf", [...flags, "--list-methods", base]);
  for (const method of [
    "sluice.v1.ChatService/Chat",
    "sluice.v1.ChatService/StreamChat",
    "sluice.v1.EmbeddingService/Embed",
    "sluice.v1.ModelService/ListModels",
    "grpc.health.v1.Health/Check",
  ]) {
    expect(list.stdout).toContain(method);
  }
  const request = JSON.stringify({
    messages: [{ role: "ROLE_USER", parts: [{ text: "Hello" }] }],
    maxOutputTokens: 5,
    sampling: { temperature: 0 },
    providerOptions: { first: { nested: { deep: [1, true, null] } } },
  });
  const health = await run("node_modules/.bin/buf", [
    ...flags,
    "-d",
    "{}",
    `${base}/grpc.health.v1.Health/Check`,
  ]);
  expect(JSON.parse(health.stdout)).toEqual({ status: "SERVING" });
  const chat = await run("node_modules/.bin/buf", [
    ...flags,
    "-d",
    request,
    `${base}/sluice.v1.ChatService/Chat`,
  ]);
  expect(JSON.parse(chat.stdout)).toMatchObject({
    provider: "first",
    parts: [{ text: "Hi" }],
    finishReason: "FINISH_REASON_STOP",
  });
  const embedded = await run("node_modules/.bin/buf", [
    ...flags,
    "-d",
    '{"inputs":[{"text":"a"},{"tokens":{"ids":[5]}}],"dimensions":1}',
    `${base}/sluice.v1.EmbeddingService/Embed`,
  ]);
  expect(JSON.parse(embedded.stdout)).toMatchObject({
    provider: "first",
    vectors: [{ values: [0.33333334] }, { values: [0.6666667] }],
  });
  const models = await run("node_modules/.bin/buf", [...flags, `${base}/sluice.v1.ModelService/ListModels`]);
  expect(JSON.parse(models.stdout)).toMatchObject({
    models: [
      { id: "default" },
      { id: "spare" },
      { id: "auto" },
      { id: "first/m", provider: "first", model: "m" },
    ],
  });
});

test("a reader who does not read holds a bounded number of events, and loses none", async () => {
  const length = 4_000;
  const deltas = Array.from({ length }, (_, i): ProviderChatEvent => ({
    type: "part_delta",
    index: 0,
    text: String(i).padStart(1_024, " "),
  }));
  const { steps } = textScript("Hi");
  const stalled = createScriptedProvider({ steps: [...steps.slice(0, 2), ...deltas, ...steps.slice(3)] });
  const { server, client } = await connect({ first: greeting(), slow: stalled });
  const { port } = server;
  const reader = openRawStream(port);
  await once(reader.stream, "response");
  let held = 0;
  // Whole calls of others pass through the same server meanwhile; when the stream has come to rest, they are
  // all that asks their provider for events.
  for (let quietCalls = 0; quietCalls < 10; quietCalls += 1) {
    const before = held;
    expect((await sendChat(client, toBinary(ChatRequestSchema, hello()))).error).toBeUndefined();
    held = stalled.yielded;
    if (held !== before) quietCalls = 0;
  }
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThan(300);
  const { events, grpcStatus } = await reader.readAll();
  expect(grpcStatus).toBe(0);
  const texts = events.flatMap(({ event }) => (event.case === "partDelta" ? [Number(event.value.text)] : []));
  expect(texts).toEqual(deltas.map((_, i) => i));
});

/** grpc-js's own client reads ahead without a bound; this one reads when it is told to. */
function openRawStream(port: number) {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const stream = session.request({
    ":method": "POST",
    ":path": "/sluice.v1.ChatService/StreamChat",
    "content-type": "application/grpc",
    te: "trailers",
  });
  stream.end(encodeEnvelope(0, toBinary(ChatRequestSchema, hello({ model: "slow/m" }))));
  stream.pause();
  return {
    stream,
    async readAll(): Promise<{ events: readonly ChatEvent[]; grpcStatus: number }> {
      const trailers = new Promise<IncomingHttpHeaders>((resolve) => stream.on("trailers", resolve));
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.resume();
      await once(stream, "end");
      session.close();
      return {
        events: parseEvents(Buffer.concat(chunks)),
        grpcStatus: Number((await trailers)["grpc-status"]),
      };
    },
  };
}

function parseEvents(bytes: Buffer): readonly ChatEvent[] {
  const events: ChatEvent[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    events.push(fromBinary(ChatEventSchema, bytes.subarray(at + 5, end)));
    at = end;
  }
  return events;
}

// How the gRPC port says that it stops, and what it waits for.

import { once } from "node:events";
import { connect } from "node:net";
import { toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { type Client, status } from "@grpc/grpc-js";
import { service as healthService } from "grpc-health-check";
import { afterEach, expect, test } from "vitest";
import { ChatRequestSchema, ChatService } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import type { GrpcServer } from "../../../src/api/rpc/grpc-server.ts";
import { createScriptedProvider, type Script, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { grpcClient, hello, openStream, readStream, sendChat, startGrpc } from "./rpc-fixtures.ts";

let server: GrpcServer;
let client: Client;
afterEach(async () => {
  client.close();
  await server.close();
});

async function start(script: Script = textScript("Hi")): Promise<void> {
  const { gateway } = createTestGateway({ providers: { first: createScriptedProvider(script) } });
  server = await startGrpc(gateway, 3_600_000);
  client = grpcClient(server.port);
}

/** A stream that stands after its first word until the gate opens. */
function gated() {
  const gate = Promise.withResolvers<void>();
  const { steps } = textScript("Hello you");
  return { script: { steps: [...steps.slice(0, 3), gate.promise, ...steps.slice(3)] }, open: gate.resolve };
}

const asIs = (bytes: Buffer) => bytes;
const chat = () => sendChat(client, toBinary(ChatRequestSchema, hello()));

function openWatch() {
  const watch = healthService["Watch"];
  if (watch === undefined) throw new Error("no Watch");
  const { path, requestSerialize, responseDeserialize } = watch;
  const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service: "" });
  const told: unknown[] = [];
  stream.on("data", (answer: unknown) => told.push(answer));
  const ended = new Promise((resolve) => stream.on("error", resolve));
  return { stream, told, ended };
}

function checkHealth(): Promise<unknown> {
  const check = healthService["Check"];
  if (check === undefined) throw new Error("no Check");
  const { path, requestSerialize, responseDeserialize } = check;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service: "" }, (error, answer) =>
      error === null ? resolve(answer) : reject(error),
    );
  });
}

test("a stop that is announced is told to those who ask and to those who watch, and calls are served", async () => {
  await start();
  const { stream, told } = openWatch();
  await once(stream, "data");
  server.announceStop();
  await once(stream, "data");
  expect(told).toEqual([{ status: "SERVING" }, { status: "NOT_SERVING" }]);
  expect(await checkHealth()).toEqual({ status: "NOT_SERVING" });
  expect((await chat()).error).toBeUndefined();
  stream.on("error", () => {});
});

test("a watch of health and an open reflection end, and are not waited for", async () => {
  await start();
  const { stream, ended } = openWatch();
  await once(stream, "data");
  const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
  const reflection = client.makeBidiStreamRequest(path, asIs, asIs);
  const reflectionEnded = new Promise((resolve) => reflection.on("error", resolve));
  // A question for all services, `list_services`: its answer says that the stream is open.
  reflection.write(Buffer.from([0x3a, 0x00]));
  await once(reflection, "data");
  await server.drain();
  for (const end of [ended, reflectionEnded]) {
    expect(await end).toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringMatching(/^The gateway is stopping\./),
    });
  }
});

test("a stream comes to its end, while a new call by its connection is told that nobody is there", async () => {
  const { script, open } = gated();
  await start(script);
  const stream = openStream(client);
  const answer = readStream(stream);
  await once(stream, "metadata");
  let drained = false;
  const drain = server.drain().then(() => (drained = true));
  expect((await chat()).error?.code).toBe(status.UNAVAILABLE);
  expect(drained).toBe(false);
  open();
  const { events, status: ended } = await answer;
  expect(ended.code).toBe(status.OK);
  expect(events.at(-1)?.event.case).toBe("finished");
  await drain;
});

const preface = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

test.each([
  ["that has said nothing", Buffer.alloc(0)],
  ["that speaks HTTP/2", preface],
])("a connection %s, and closes nothing itself, is not waited for", async (_, sent) => {
  await start();
  const socket = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => {});
  socket.write(sent);
  // The server's settings: it has taken the connection.
  await once(socket, "data");
  await server.drain();
  socket.destroy();
});

test("a client that goes in the very moment of the stop holds nothing up", async () => {
  for (let turns = 0; turns < 5; turns += 1) {
    await start();
    const baseUrl = `http://127.0.0.1:${server.port}`;
    const sessionManager = new Http2SessionManager(baseUrl);
    const caller = createClient(ChatService, createGrpcTransport({ baseUrl, sessionManager }));
    await Promise.all(Array.from({ length: 30 }, () => caller.chat(hello())));
    sessionManager.abort();
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await server.drain();
    client.close();
  }
});

// gRPC's clients may compress what they send; what it unpacks to is bounded, for one call and for all.

import { deflateSync, gzipSync } from "node:zlib";
import { toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import { ChatRequestSchema } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import type { GrpcServer } from "../../../src/api/rpc/grpc-server.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { connectRaw, endOf, enveloped, type RawGrpc } from "./raw-grpc.ts";
import { hello, maxBodyBytes, startGrpc } from "./rpc-fixtures.ts";

const path = "/sluice.v1.ChatService/Chat";

let server: GrpcServer | undefined;
let client: RawGrpc | undefined;
afterEach(async () => {
  client?.close();
  await server?.close();
});

async function start(): Promise<RawGrpc> {
  const { gateway } = createTestGateway({
    providers: { first: createScriptedProvider(textScript("Hello you")) },
    clock: systemClock,
  });
  server = await startGrpc(gateway, 100);
  client = connectRaw(server.port);
  return client;
}

const message = toBinary(ChatRequestSchema, hello());

test.each([
  ["gzip", gzipSync(message)],
  ["deflate", deflateSync(message)],
])("a message packed by %s is served", async (encoding, packed) => {
  const stream = (await start()).open(path, { "grpc-encoding": encoding });
  stream.end(enveloped(packed, { compressed: true }));
  expect((await endOf(stream)).code).toBe(status.OK);
});

test.each([
  ["gzip", "body: is not what its encoding, gzip, says"],
  ["snappy", "body: must be compressed by gzip, deflate or not at all"],
])("one that is not packed by %s is the caller's fault, told as such", async (encoding, words) => {
  const stream = (await start()).open(path, { "grpc-encoding": encoding });
  stream.end(enveloped(message, { compressed: true }));
  expect(await endOf(stream)).toEqual({ code: status.INVALID_ARGUMENT, message: words });
});

test("a second one is refused", async () => {
  const stream = (await start()).open(path, { "grpc-encoding": "gzip" });
  const packed = enveloped(gzipSync(message), { compressed: true });
  stream.write(Buffer.concat([packed, packed]));
  expect(await endOf(stream)).toEqual({
    code: status.INVALID_ARGUMENT,
    message: "body: must hold one message",
  });
});

test("one that unpacks to more than a body may have is refused", async () => {
  const stream = (await start()).open(path, { "grpc-encoding": "gzip" });
  stream.end(enveloped(gzipSync(Buffer.alloc(maxBodyBytes + 1)), { compressed: true }));
  expect((await endOf(stream)).code).toBe(status.RESOURCE_EXHAUSTED);
});

test("requests that do not end hold little of what they unpack to, and others are served after them", async () => {
  const { open } = await start();
  const bomb = enveloped(gzipSync(Buffer.alloc(maxBodyBytes - 1)), { compressed: true });
  const streams = Array.from({ length: 6 }, () => {
    const stream = open(path, { "grpc-encoding": "gzip" });
    stream.write(bomb);
    return stream;
  });
  const refused = await Promise.race(streams.map(endOf));
  expect(refused.code).toBe(status.UNAVAILABLE);
  expect(refused.message).toMatch(/compressed messages wait/);
  for (const stream of streams) stream.close();
  await Promise.all(
    streams.map(
      (stream) => new Promise((resolve) => (stream.closed ? resolve(0) : stream.once("close", resolve))),
    ),
  );
  const next = open(path, { "grpc-encoding": "gzip" });
  next.end(enveloped(gzipSync(message), { compressed: true }));
  expect((await endOf(next)).code).toBe(status.OK);
});

// Health and reflection are asked without a key: whoever asks can take no more than an answer takes.

import { once } from "node:events";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { afterEach, expect, test } from "vitest";
import { createGrpcServer, type GrpcServer } from "../../../src/api/rpc/grpc-server.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { connectRaw, endOf, enveloped, type RawGrpc } from "./raw-grpc.ts";

const healthPath = "/grpc.health.v1.Health/Check";
const reflectionPath = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

let server: GrpcServer | undefined;
let client: RawGrpc | undefined;
afterEach(async () => {
  client?.close();
  await server?.close();
});

async function start(options: { messageMs?: number; initialWindowSize?: number } = {}): Promise<RawGrpc> {
  const { messageMs, initialWindowSize } = options;
  server = await createGrpcServer({
    gateway: createTestGateway({
      providers: { first: createScriptedProvider(textScript("Hello you")) },
      clock: systemClock,
    }).gateway,
    host: "127.0.0.1",
    port: 0,
    maxBodyBytes: 1_000_000,
    clock: systemClock,
    bounds: messageMs === undefined ? {} : { messageMs },
    closeGraceMs: 100,
  });
  client = connectRaw(server.port, initialWindowSize === undefined ? {} : { initialWindowSize });
  return client;
}

test.each([healthPath, reflectionPath])("a compressed message is refused: %s", async (path) => {
  const stream = (await start()).open(path, { "grpc-encoding": "gzip" });
  stream.write(enveloped(gzipSync(Buffer.alloc(900_000)), { compressed: true }));
  expect(await endOf(stream)).toEqual({
    code: status.INVALID_ARGUMENT,
    message: "body: must not be compressed for this method",
  });
});

test.each([healthPath, reflectionPath])("a message longer than any name is refused: %s", async (path) => {
  const stream = (await start()).open(path);
  stream.write(enveloped(Buffer.alloc(5_000)));
  expect((await endOf(stream)).code).toBe(status.RESOURCE_EXHAUSTED);
});

test.each([healthPath, reflectionPath])("a message that does not come ends the call: %s", async (path) => {
  const stream = (await start({ messageMs: 30 })).open(path);
  stream.write(Buffer.alloc(3));
  expect((await endOf(stream)).code).toBe(status.DEADLINE_EXCEEDED);
});

const symbol = Buffer.from("sluice.v1.ChatService");
const question = enveloped(Buffer.concat([Buffer.from([0x22, symbol.length]), symbol]));
const thousand = Buffer.concat(Array.from({ length: 1_000 }, () => question));

test("reflection asks for no more questions while its answers are not read", async () => {
  const { open, session } = await start({ initialWindowSize: 0 });
  await once(session, "connect");
  const stream = open(reflectionPath);
  for (let i = 0; i < 40; i++) stream.write(thousand);
  const ping = promisify((done: (error: Error | null) => void) => void session.ping(done));
  for (let i = 0; i < 300; i++) await ping();
  expect(stream.writableLength).toBeGreaterThan(30 * thousand.length);
});

test("reflection answers question after question to whoever reads", async () => {
  const stream = (await start()).open(reflectionPath);
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  for (let i = 0; i < 50; i++) stream.write(question);
  stream.end();
  await once(stream, "end");
  expect(bytes).toBeGreaterThan(50 * 5_000);
});

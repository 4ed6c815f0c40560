import { connect as connectHttp2, constants } from "node:http2";
import { once } from "node:events";
import { toBinary } from "@bufbuild/protobuf";
import { type Client, status } from "@grpc/grpc-js";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ChatRequestSchema } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import type { GrpcServer } from "../../../src/api/rpc/grpc-server.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { badRequests } from "./bad-requests.ts";
import {
  detailsOf,
  grpcClient,
  hello,
  maxBodyBytes,
  metadataOf,
  openStream,
  readStream,
  sendChat,
  startGrpc,
} from "./rpc-fixtures.ts";

const provider = createScriptedProvider(textScript("Hi"));
let server: GrpcServer;
let client: Client;

beforeAll(async () => {
  server = await startGrpc(createTestGateway({ providers: { first: provider } }).gateway);
  client = grpcClient(server.port);
});

afterEach(() => {
  provider.calls.length = 0;
});

afterAll(async () => {
  client.close();
  await server.close();
});

test.each(badRequests)("$name is an invalid request", async ({ bytes, field }) => {
  const { error } = await sendChat(client, bytes);
  const { status: ended } = await readStream(openStream(client, bytes));
  for (const answer of [error, ended]) {
    if (answer === undefined) throw new Error("it was answered");
    expect(answer.code).toBe(status.INVALID_ARGUMENT);
    expect(detailsOf(answer).info).toMatchObject({ reason: "invalid_request", metadata: { field } });
    expect(answer.details).toContain(field);
  }
  expect(provider.calls).toHaveLength(0);
});

/** A request of that many bytes, most of them in one stop text. */
function filled(bytes: number): Uint8Array {
  const chars = 40_000;
  const { length } = toBinary(ChatRequestSchema, hello({ stop: ["x".repeat(chars)] }));
  return toBinary(ChatRequestSchema, hello({ stop: ["x".repeat(chars + bytes - length)] }));
}

test("a message over the limit is payload_too_large, and one at the limit is read", async () => {
  const over = await sendChat(client, filled(maxBodyBytes + 1));
  expect(over.error?.code).toBe(status.RESOURCE_EXHAUSTED);
  expect(over.error && detailsOf(over.error).info?.reason).toBe("payload_too_large");
  expect(over.error?.details).toContain(String(maxBodyBytes));
  const within = await sendChat(client, filled(maxBodyBytes));
  expect(within.error && detailsOf(within.error).info?.metadata["field"]).toBe("stop[0]");
  expect(provider.calls).toHaveLength(0);
});

test("a message that is announced as too long is refused before it has come", async () => {
  const session = connectHttp2(`http://127.0.0.1:${server.port}`);
  const stream = session.request({
    ":method": "POST",
    ":path": "/sluice.v1.ChatService/Chat",
    "content-type": "application/grpc",
  });
  stream.write(Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3]));
  const [headers] = await once(stream, "response");
  expect(headers["grpc-status"]).toBe(String(status.RESOURCE_EXHAUSTED));
  stream.on("error", () => {});
  stream.close(constants.NGHTTP2_CANCEL);
  session.close();
});

test("a bad timeout and a request id that is too long are named", async () => {
  for (const [name, value] of [
    ["x-sluice-timeout-ms", "soon"],
    ["x-request-id", "a".repeat(300)],
  ] as const) {
    const { error } = await sendChat(client, toBinary(ChatRequestSchema, hello()), {
      metadata: metadataOf({ [name]: value }),
    });
    expect(error?.code).toBe(status.INVALID_ARGUMENT);
    expect(error && detailsOf(error).info?.metadata["field"]).toBe(name);
  }
  expect(provider.calls).toHaveLength(0);
});

test("an error's text of any characters reaches the caller", async () => {
  const { error } = await sendChat(
    client,
    toBinary(ChatRequestSchema, hello({ model: "100 % möglich \u{1F600}" })),
  );
  expect(error?.code).toBe(status.INVALID_ARGUMENT);
  expect(error?.details).toContain("100 % möglich \u{1F600}");
});

test("whatever the bytes, the answer is an answer or an invalid request", async () => {
  const request = toBinary(ChatRequestSchema, hello({ sampling: { topK: 3 }, labels: { a: "b" } }));
  const mutation = fc.tuple(fc.nat(request.length - 1), fc.nat(255), fc.nat(request.length));
  await fc.assert(
    fc.asyncProperty(mutation, async ([at, byte, length]) => {
      const bytes = request.slice(0, length);
      if (at < length) bytes[at] = byte;
      const { error } = await sendChat(client, bytes);
      if (error !== undefined) expect(error.code).toBe(status.INVALID_ARGUMENT);
    }),
    { numRuns: 300 },
  );
});

import { connect } from "node:net";
import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { toBinary } from "@bufbuild/protobuf";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ChatRequestSchema } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { capTimeouts } from "../../../src/api/rpc/connect-timeout.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { badRequests } from "./bad-requests.ts";
import { type ConnectServer, hello, maxBodyBytes, startConnect } from "./rpc-fixtures.ts";

const provider = createScriptedProvider(textScript("Hi"));
let server: ConnectServer;

beforeAll(async () => {
  server = await startConnect(createTestGateway({ providers: { first: provider } }).gateway);
});

afterEach(() => {
  expect(provider.calls).toHaveLength(0);
});

afterAll(() => server.close());

const send = (method: string, type: string, body: string | Uint8Array<ArrayBuffer>, headers = {}) =>
  fetch(`${server.baseUrl}/sluice.v1.ChatService/${method}`, {
    method: "POST",
    headers: { "content-type": type, ...headers },
    body,
  });

interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly details: readonly { readonly type: string; readonly debug?: { readonly metadata?: unknown } }[];
}

const errorOf = async (response: Response): Promise<ErrorBody> => JSON.parse(await response.text());

/** The error in the last envelope of a Connect stream. */
async function endOf(response: Response): Promise<ErrorBody> {
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(bytes[0]).toBe(2);
  const end: { readonly error: ErrorBody } = JSON.parse(bytes.subarray(5).toString());
  return end.error;
}

const plain = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

const invalid = (field: string) => ({
  code: "invalid_argument",
  message: expect.stringContaining(field),
  details: [{ type: "google.rpc.ErrorInfo", debug: { reason: "invalid_request", metadata: { field } } }],
});

test.each(badRequests)("$name is an invalid request", async ({ bytes, field }) => {
  const unary = await send("Chat", "application/proto", plain(bytes));
  expect(unary.status).toBe(400);
  expect(await errorOf(unary)).toMatchObject(invalid(field));
  const stream = await send("StreamChat", "application/connect+proto", encodeEnvelope(0, bytes));
  expect(await endOf(stream)).toMatchObject(invalid(field));
});

test.each(badRequests)("$name is an invalid request over gRPC-Web", async ({ bytes, field }) => {
  const response = await send("Chat", "application/grpc-web+proto", encodeEnvelope(0, bytes));
  const body = Buffer.from(await response.arrayBuffer()).toString("latin1");
  expect(body).toContain("grpc-status: 3");
  expect(decodeURIComponent(body)).toContain(field);
  expect(body).toContain("grpc-status-details-bin: ");
});

test.each([
  ["no JSON", `{"messages":`, "body"],
  ["an unknown field", `{"messages":[{"role":"ROLE_USER","text":"Hello"}]}`, "messages[0].text"],
  ["a wrong type", `{"messages":[{"role":"ROLE_USER","parts":[{"text":5}]}]}`, "messages[0].parts[0].text"],
  ["an unknown role", `{"messages":[{"role":"USER","parts":[{"text":"Hello"}]}]}`, "messages[0].role"],
  [
    "two contents",
    `{"messages":[{"role":"ROLE_USER","parts":[{"text":"a","toolCall":{}}]}]}`,
    "messages[0].parts[0]",
  ],
  ["an unknown field at the top", `{"message":[]}`, "message"],
  ["a key twice", `{"model":"a","model":"b"}`, "body"],
  ["a number that is too large", `{"maxOutputTokens":99999999999}`, "maxOutputTokens"],
  ["a list for a message", `[]`, "body"],
  ["nothing", "", "body"],
])("JSON with %s is an invalid request that names the field", async (_, json, field) => {
  expect(await errorOf(await send("Chat", "application/json", json))).toMatchObject(invalid(field));
  const stream = await send("StreamChat", "application/connect+json", encodeEnvelope(0, Buffer.from(json)));
  expect(await endOf(stream)).toMatchObject(invalid(field));
});

test("JSON that is not UTF-8 is refused", async () => {
  const json = Buffer.from(`{"messages":[{"role":"ROLE_USER","parts":[{"text":"a"}]}]}`);
  json[json.indexOf(`"a"`) + 1] = 0xff;
  expect(await errorOf(await send("Chat", "application/json", plain(json)))).toMatchObject(invalid("body"));
  const stream = await send("StreamChat", "application/connect+json", encodeEnvelope(0, json));
  expect(await endOf(stream)).toMatchObject(invalid("body"));
});

test("a body over the limit is payload_too_large, plain, enveloped or compressed", async () => {
  const long = Buffer.from(JSON.stringify({ model: "x".repeat(maxBodyBytes) }));
  const tooLarge = {
    code: "resource_exhausted",
    message: expect.stringContaining(String(maxBodyBytes)),
    details: [{ debug: { reason: "payload_too_large" } }],
  };
  const unary = await send("Chat", "application/json", plain(long));
  expect(unary.status).toBe(429);
  expect(await errorOf(unary)).toMatchObject(tooLarge);
  expect(
    await endOf(await send("StreamChat", "application/connect+json", encodeEnvelope(0, long))),
  ).toMatchObject(tooLarge);
  const zipped = await send("Chat", "application/json", plain(gzipSync(long)), {
    "content-encoding": "gzip",
  });
  expect(await errorOf(zipped)).toMatchObject(tooLarge);
});

test("a body that never ends is refused when it passes the limit, and the connection goes on", async () => {
  const { port } = new URL(server.baseUrl);
  const socket = connect(Number(port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(
    "POST /sluice.v1.ChatService/Chat HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n" +
      "transfer-encoding: chunked\r\n\r\n",
  );
  const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  socket.write(chunk);
  socket.write(chunk);
  const [answer] = await once(socket, "data");
  expect(String(answer)).toContain("HTTP/1.1 429");
  socket.write(`${chunk}0\r\n\r\n`);
  socket.write("GET /sluice.v1.ChatService/Chat HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
  const [next] = await once(socket, "data");
  expect(String(next)).toContain("HTTP/1.1 405");
  socket.destroy();
});

test("envelopes that do not hold one message are refused", async () => {
  const message = toBinary(ChatRequestSchema, hello());
  const one = encodeEnvelope(0, message);
  for (const body of [
    new Uint8Array(0),
    one.slice(0, 3),
    one.slice(0, -1),
    plain(Buffer.concat([one, one])),
  ]) {
    const stream = await send("StreamChat", "application/connect+proto", body);
    expect(await endOf(stream)).toMatchObject(invalid("body"));
  }
});

test("a body that is not compressed as it says is refused", async () => {
  for (const encoding of ["gzip", "br", "zstd"]) {
    const answer = await send("Chat", "application/json", "{}", { "content-encoding": encoding });
    expect(await errorOf(answer)).toMatchObject(invalid("body"));
  }
});

test("what a web page can send without a preflight is not served", async () => {
  const json = `{"messages":[{"role":"ROLE_USER","parts":[{"text":"Hello"}]}]}`;
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"]) {
    expect((await send("Chat", type, json)).status).toBe(415);
    expect((await send("StreamChat", type, json)).status).toBe(415);
  }
  const untyped = await fetch(`${server.baseUrl}/sluice.v1.ChatService/Chat`, {
    method: "POST",
    body: Buffer.from(json),
  });
  expect(untyped.status).toBe(415);
  const get = await fetch(
    `${server.baseUrl}/sluice.v1.ChatService/Chat?encoding=json&message=${encodeURIComponent(json)}`,
  );
  expect(get.status).toBe(405);
});

test("a method that the service does not have is told to be so", async () => {
  const answer = await send("Sing", "application/json", "{}");
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ code: "unimplemented" });
});

test("a timeout of no sense is refused", async () => {
  const answer = await send("Chat", "application/json", "{}", { "connect-timeout-ms": "soon" });
  expect((await errorOf(answer)).code).toBe("invalid_argument");
});

test("a timeout of many days is cut to one day", () => {
  const header = new Headers({ "connect-timeout-ms": "9999999999", "grpc-timeout": "99999999H" });
  capTimeouts(header);
  expect(Object.fromEntries(header)).toEqual({
    "connect-timeout-ms": "86400000",
    "grpc-timeout": "86400000m",
  });
  const short = new Headers({ "connect-timeout-ms": "100", "grpc-timeout": "20S" });
  capTimeouts(short);
  expect(Object.fromEntries(short)).toEqual({ "connect-timeout-ms": "100", "grpc-timeout": "20S" });
});

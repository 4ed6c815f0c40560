// Connect and gRPC-Web over HTTP/1.1, by connect-node's own clients.

import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { type Client, Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { compressionGzip, createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { toBinary } from "@bufbuild/protobuf";
import { afterEach, expect, test } from "vitest";
import { ErrorInfoSchema, RetryInfoSchema } from "../../../generated/proto/google/rpc/error_details_pb.ts";
import {
  type ChatEvent,
  ChatRequestSchema,
  ChatService,
  FinishReason,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { ModelService } from "../../../generated/proto/sluice/v1/model_pb.ts";
import { type ErrorCode, errorTable, type GrpcStatusName } from "../../../src/core/errors.ts";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway, openAccess } from "../../support/test-gateway.ts";
import { createFailingGateway } from "./failing-gateway.ts";
import { type ConnectServer, hello, startConnect } from "./rpc-fixtures.ts";

const open: ConnectServer[] = [];

async function start(gateway: Gateway): Promise<string> {
  const server = await startConnect(gateway);
  open.push(server);
  return server.baseUrl;
}

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const transports: Record<string, (baseUrl: string) => Transport> = {
  Connect: (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect with JSON": (baseUrl) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  "Connect with gzip": (baseUrl) =>
    createConnectTransport({
      baseUrl,
      httpVersion: "1.1",
      sendCompression: compressionGzip,
      compressMinBytes: 1,
    }),
  "gRPC-Web": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  "gRPC-Web with JSON and gzip": (baseUrl) =>
    createGrpcWebTransport({
      baseUrl,
      httpVersion: "1.1",
      useBinaryFormat: false,
      sendCompression: compressionGzip,
      compressMinBytes: 1,
    }),
};

const protocols = Object.entries(transports);

async function chatClient(
  transport: (baseUrl: string) => Transport,
  gateway: Gateway,
): Promise<Client<typeof ChatService>> {
  return createClient(ChatService, transport(await start(gateway)));
}

interface Ended {
  readonly events: readonly ChatEvent[];
  readonly error: ConnectError | undefined;
}

async function read(stream: AsyncIterable<ChatEvent>): Promise<Ended> {
  const events: ChatEvent[] = [];
  try {
    for await (const event of stream) events.push(event);
    return { events, error: undefined };
  } catch (error) {
    return { events, error: ConnectError.from(error) };
  }
}

test.each(protocols)("%s: Chat answers whole, with its meta in the headers", async (_, transport) => {
  const provider = createScriptedProvider(textScript("Good morning"));
  const client = await chatClient(transport, createTestGateway({ providers: { first: provider } }).gateway);
  const headers: Headers[] = [];
  const response = await client.chat(hello(), {
    headers: { "x-request-id": "mine" },
    onHeader: (received) => headers.push(received),
  });
  expect(response).toMatchObject({
    id: "id-1",
    parts: [{ content: { case: "text", value: "Good morning" } }],
    finishReason: FinishReason.STOP,
    meta: { requestId: "id-1", correlationId: "mine", attempts: 1 },
  });
  expect(headers[0]?.get("x-sluice-request-id")).toBe("id-1");
  expect(headers[0]?.get("x-request-id")).toBe("mine");
  expect(provider.calls[0]?.request.messages).toEqual([
    { role: "user", parts: [{ type: "text", text: "Hello" }] },
  ]);
});

test.each(protocols)("%s: StreamChat gives every event in order", async (_, transport) => {
  const provider = createScriptedProvider(textScript("Good morning"));
  const client = await chatClient(transport, createTestGateway({ providers: { first: provider } }).gateway);
  const headers: Headers[] = [];
  const { events, error } = await read(
    client.streamChat(hello(), { onHeader: (received) => headers.push(received) }),
  );
  expect(error).toBeUndefined();
  expect(events.map((event) => event.event.case)).toEqual([
    "started",
    "partStarted",
    "partDelta",
    "partDelta",
    "partFinished",
    "usage",
    "finished",
  ]);
  expect(events.map((event) => event.sequence)).toEqual(events.map((_, i) => BigInt(i)));
  expect(headers[0]?.get("x-sluice-request-id")).toBe("id-1");
});

test.each(protocols)("%s: models are listed", async (_, transport) => {
  const { gateway } = createTestGateway({ providers: { first: createScriptedProvider() } });
  const client = createClient(ModelService, transport(await start(gateway)));
  const { models } = await client.listModels({});
  expect(models.map((model) => model.id)).toEqual(["default", "spare", "auto", "first/m"]);
});

const connectCodes: Record<GrpcStatusName, Code> = {
  CANCELLED: Code.Canceled,
  INVALID_ARGUMENT: Code.InvalidArgument,
  DEADLINE_EXCEEDED: Code.DeadlineExceeded,
  NOT_FOUND: Code.NotFound,
  PERMISSION_DENIED: Code.PermissionDenied,
  RESOURCE_EXHAUSTED: Code.ResourceExhausted,
  FAILED_PRECONDITION: Code.FailedPrecondition,
  ABORTED: Code.Aborted,
  INTERNAL: Code.Internal,
  UNAVAILABLE: Code.Unavailable,
  UNAUTHENTICATED: Code.Unauthenticated,
};

const isCode = (code: string): code is ErrorCode => code in errorTable;
const codes = Object.keys(errorTable).filter(isCode);

test.each(codes)("%s has its code and details, before and after the first event", async (code) => {
  for (const [name, transport] of protocols) {
    const before = await chatClient(transport, createFailingGateway(code, "before"));
    const after = await chatClient(transport, createFailingGateway(code, "after"));
    const unary = await before.chat(hello()).catch((error: unknown) => ConnectError.from(error));
    const early = await read(before.streamChat(hello()));
    const late = await read(after.streamChat(hello()));
    expect(early.events).toHaveLength(0);
    expect(late.events).toHaveLength(1);
    for (const error of [unary, early.error, late.error]) {
      if (!(error instanceof ConnectError)) throw new Error(`${name}: no error`);
      expect(error.code).toBe(connectCodes[errorTable[code].grpc]);
      expect(error.rawMessage).toBe(`It is ${code}.`);
      expect(error.findDetails(ErrorInfoSchema)).toMatchObject([
        { reason: code, domain: "sluice", metadata: { request_id: "id-1", cost_nanos: "1500" } },
      ]);
      expect(error.findDetails(RetryInfoSchema)).toMatchObject([{ retryDelay: { seconds: 1n } }]);
    }
  }
});

test.each(protocols)("%s: a deadline ends the call at its provider", async (_, transport) => {
  const clock = createManualClock();
  const provider = createScriptedProvider({ steps: [...textScript("Hi").steps.slice(0, 3), "hang"] });
  const { gateway, ledger } = createTestGateway({ providers: { first: provider }, clock });
  const client = await chatClient(transport, gateway);
  const stream = client.streamChat(hello(), { timeoutMs: 60_000 })[Symbol.asyncIterator]();
  await stream.next();
  clock.advance(60_000);
  const { error } = await read({ [Symbol.asyncIterator]: () => stream });
  expect(error?.code).toBe(Code.DeadlineExceeded);
  expect(error?.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: "deadline_exceeded" }]);
  expect(provider.calls[0]?.context.signal.reason).toMatchObject({ code: "deadline_exceeded" });
  expect(ledger.settled[0]?.errorCode).toBe("deadline_exceeded");
});

test.each(protocols)("%s: a client that goes away ends the call at its provider", async (_, transport) => {
  const provider = createScriptedProvider({ steps: [...textScript("Hi").steps.slice(0, 3), "hang"] });
  const { gateway, ledger } = createTestGateway({ providers: { first: provider } });
  const client = await chatClient(transport, gateway);
  const controller = new AbortController();
  const stream = client.streamChat(hello(), { signal: controller.signal })[Symbol.asyncIterator]();
  await stream.next();
  const signal = provider.calls[0]?.context.signal;
  if (signal === undefined) throw new Error("the provider was not called");
  const aborted = once(signal, "abort");
  controller.abort();
  await aborted;
  expect(signal.reason).toMatchObject({ code: "cancelled" });
  expect(ledger.settled[0]?.status).toBe("cancelled");
});

test("a client that goes away before the answer began ends the call too", async () => {
  const provider = createScriptedProvider({ steps: ["hang"] });
  const called = Promise.withResolvers<AbortSignal>();
  const watched = {
    ...provider,
    chat: (...given: Parameters<typeof provider.chat>) => {
      called.resolve(given[1].signal);
      return provider.chat(...given);
    },
  };
  const { gateway } = createTestGateway({ providers: { first: watched } });
  const client = await chatClient(
    (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
    gateway,
  );
  const controller = new AbortController();
  const answer = client.chat(hello(), { signal: controller.signal }).catch((error: unknown) => error);
  const signal = await called.promise;
  const aborted = once(signal, "abort");
  controller.abort();
  await aborted;
  expect(await answer).toMatchObject({ code: Code.Canceled });
});

test("the caller is read from the headers", async () => {
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
  const baseUrl = await start(gateway);
  const client = createClient(ChatService, createConnectTransport({ baseUrl, httpVersion: "1.1" }));
  await client.chat(hello(), { headers: { authorization: "Bearer key-1", origin: "https://example.com" } });
  expect(presented).toEqual([
    {
      credential: "key-1",
      remoteAddress: "127.0.0.1",
      host: new URL(baseUrl).host,
      origin: "https://example.com",
    },
  ]);
});

test("a reader who does not read holds a bounded number of events", async () => {
  const length = 4_000;
  const deltas = Array.from({ length }, (): ProviderChatEvent => ({
    type: "part_delta",
    index: 0,
    text: "x".repeat(64 * 1024),
  }));
  const { steps } = textScript("Hi");
  const slow = createScriptedProvider({ steps: [...steps.slice(0, 2), ...deltas, ...steps.slice(3)] });
  const providers = { first: createScriptedProvider(textScript("Hi")), slow };
  const baseUrl = await start(createTestGateway({ providers }).gateway);
  const stalled = httpRequest(`${baseUrl}/sluice.v1.ChatService/StreamChat`, {
    method: "POST",
    headers: { "content-type": "application/connect+proto" },
  });
  stalled.end(encodeEnvelope(0, toBinary(ChatRequestSchema, hello({ model: "slow/m" }))));
  const [response] = await once(stalled, "response");
  response.pause();
  const client = createClient(ChatService, createConnectTransport({ baseUrl, httpVersion: "1.1" }));
  let held = 0;
  // Whole calls of others pass through the same server meanwhile, until the stream has come to rest.
  for (let quietCalls = 0; quietCalls < 10; quietCalls += 1) {
    const before = held;
    await client.chat(hello());
    held = slow.yielded;
    if (held !== before) quietCalls = 0;
  }
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThan(length / 4);
  const signal = slow.calls[0]?.context.signal;
  if (signal === undefined) throw new Error("the provider was not called");
  const aborted = once(signal, "abort");
  stalled.destroy();
  await aborted;
});

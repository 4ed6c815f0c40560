// EmbeddingService on gRPC, Connect and gRPC-Web: answers, refusals, deadlines, clients that leave.

import { once } from "node:events";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { type Client, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { ErrorInfoSchema, RetryInfoSchema } from "../../../generated/proto/google/rpc/error_details_pb.ts";
import {
  EmbeddingService,
  type EmbedRequest,
  EmbedRequestSchema,
} from "../../../generated/proto/sluice/v1/embedding_pb.ts";
import { ModelService } from "../../../generated/proto/sluice/v1/model_pb.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createScriptedEmbedder, vectorsOf } from "../../support/scripted-embedder.ts";
import { aborted } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { detailsOf, grpcClient, metadataOf, sendUnary, startConnect, startGrpc } from "./rpc-fixtures.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function connectGrpc(gateway: Gateway): Promise<Client> {
  const server = await startGrpc(gateway);
  const client = grpcClient(server.port);
  closing.push(() => {
    client.close();
    return server.close();
  });
  return client;
}

async function baseUrlOf(gateway: Gateway): Promise<string> {
  const server = await startConnect(gateway);
  closing.push(() => server.close());
  return server.baseUrl;
}

const transports: readonly (readonly [string, (baseUrl: string) => Transport])[] = [
  ["Connect", (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" })],
  [
    "Connect with JSON",
    (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  ],
  ["gRPC-Web", (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" })],
];

const asking = (init: MessageInitShape<typeof EmbedRequestSchema> = {}): EmbedRequest =>
  create(EmbedRequestSchema, { inputs: [{ input: { case: "text", value: "Hello" } }], ...init });

const embed = EmbeddingService.method.embed;
const bytesOf = (request: EmbedRequest) => toBinary(EmbedRequestSchema, request);
const values = vectorsOf({ inputs: ["Hello"] }).vectors.map((vector) => ({ values: Array.from(vector) }));

const answer = {
  id: "id-1",
  provider: "first",
  model: "scripted-embed-1",
  vectors: values,
  usage: { input: { total: 4n }, output: { total: 0n } },
  meta: { requestId: "id-1", correlationId: "mine", attempts: 1, modelServed: "scripted-embed-1" },
};

describe("the vectors, with what is known of the call in the headers", () => {
  test("gRPC", async () => {
    const embedder = createScriptedEmbedder();
    const client = await connectGrpc(createTestGateway({ providers: { first: embedder } }).gateway);
    const metadata = metadataOf({ "x-request-id": "mine" });
    const { response, headers } = await sendUnary(
      client,
      { method: embed, bytes: bytesOf(asking()) },
      { metadata },
    );
    expect(response).toMatchObject(answer);
    expect(headers?.get("x-sluice-request-id")).toEqual(["id-1"]);
    expect(embedder.embedCalls[0]?.request.inputs).toEqual(["Hello"]);
  });

  test.each(transports)("%s", async (_, transport) => {
    const { gateway } = createTestGateway({ providers: { first: createScriptedEmbedder() } });
    const client = createClient(EmbeddingService, transport(await baseUrlOf(gateway)));
    const headers: Headers[] = [];
    const response = await client.embed(asking(), {
      headers: { "x-request-id": "mine" },
      onHeader: (received) => headers.push(received),
    });
    expect(response).toMatchObject(answer);
    expect(headers[0]?.get("x-sluice-request-id")).toBe("id-1");
  });
});

/** A number that the enum does not have, in the request's last field. */
const unknownPurpose = Buffer.concat([bytesOf(asking()), Buffer.from([(4 << 3) | 0, 77])]);

const refused: readonly (readonly [name: string, bytes: Uint8Array, field: string])[] = [
  ["bytes that are no message", Buffer.from("no protobuf"), "body"],
  ["no inputs", new Uint8Array(0), "inputs"],
  ["an input of no kind", bytesOf(asking({ inputs: [{}] })), "inputs[0]"],
  ["an empty text", bytesOf(asking({ inputs: [{ input: { case: "text", value: "" } }] })), "inputs[0]"],
  ["no tokens", bytesOf(asking({ inputs: [{ input: { case: "tokens", value: {} } }] })), "inputs[0]"],
  ["an unknown purpose", unknownPurpose, "purpose"],
  ["a negative length", bytesOf(asking({ dimensions: -1 })), "dimensions"],
];

describe("requests that are refused, by their field", () => {
  test.each(refused)("gRPC: %s", async (_, bytes, field) => {
    const embedder = createScriptedEmbedder();
    const client = await connectGrpc(createTestGateway({ providers: { first: embedder } }).gateway);
    const { error } = await sendUnary(client, { method: embed, bytes });
    expect(error?.code).toBe(status.INVALID_ARGUMENT);
    expect(error && detailsOf(error).info).toMatchObject({ reason: "invalid_request", metadata: { field } });
    expect(embedder.embedCalls).toHaveLength(0);
  });

  test.each(refused)("Connect: %s", async (_, bytes, field) => {
    const { gateway } = createTestGateway({ providers: { first: createScriptedEmbedder() } });
    const response = await fetch(`${await baseUrlOf(gateway)}/sluice.v1.EmbeddingService/Embed`, {
      method: "POST",
      headers: { "content-type": "application/proto" },
      body: Buffer.from(bytes),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining(field),
    });
  });

  test.each([
    ['{"inputs":[{"text":"a"},{"txt":"b"}]}', "inputs[1].txt"],
    ['{"inputs":[{"text":"a","tokens":{"ids":[1]}}]}', "inputs[0]"],
    ['{"inputs":["a"]}', "inputs[0]"],
    ['{"inputs":[{"tokens":{"ids":[1.5]}}]}', "inputs[0].tokens.ids"],
    ['{"input":"a"}', "input"],
  ])("Connect's JSON: %s", async (body, field) => {
    const { gateway } = createTestGateway({ providers: { first: createScriptedEmbedder() } });
    const response = await fetch(`${await baseUrlOf(gateway)}/sluice.v1.EmbeddingService/Embed`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect(response.status).toBe(400);
    const { message } = JSON.parse(await response.text());
    expect(String(message).split(": ")[0]).toBe(field);
  });
});

const busy = () =>
  createScriptedEmbedder(() => {
    throw new ProviderError({ failure: "rate_limited", message: "Slow down.", retryAfterMs: 1_500 });
  });

describe("a provider at its limit: the details say what failed, and when to come again", () => {
  test("gRPC", async () => {
    const client = await connectGrpc(createTestGateway({ providers: { first: busy() } }).gateway);
    const { error } = await sendUnary(client, { method: embed, bytes: bytesOf(asking()) });
    expect(error?.code).toBe(status.UNAVAILABLE);
    const { info, retry } = error === undefined ? {} : detailsOf(error);
    expect(info).toMatchObject({ reason: "all_providers_failed", metadata: { request_id: "id-1" } });
    expect(retry?.retryDelay).toMatchObject({ seconds: 1n, nanos: 500_000_000 });
  });

  test.each(transports)("%s", async (_, transport) => {
    const { gateway } = createTestGateway({ providers: { first: busy() } });
    const client = createClient(EmbeddingService, transport(await baseUrlOf(gateway)));
    const error = ConnectError.from(await client.embed(asking()).catch((thrown: unknown) => thrown));
    expect(error.code).toBe(Code.Unavailable);
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: "all_providers_failed" }]);
    expect(error.findDetails(RetryInfoSchema)).toMatchObject([{ retryDelay: { seconds: 1n } }]);
  });
});

/** A gateway whose provider never answers, and the signal that the provider was given. */
function hanging() {
  const called = Promise.withResolvers<AbortSignal>();
  const embedder = createScriptedEmbedder((_, { signal }) => {
    called.resolve(signal);
    return aborted(signal);
  });
  const clock = createManualClock();
  return { ...createTestGateway({ providers: { first: embedder }, clock }), clock, called: called.promise };
}

describe("a client that leaves ends the call at its provider", () => {
  test("gRPC", async () => {
    const { gateway, ledger, called } = hanging();
    const client = await connectGrpc(gateway);
    const leaving = new AbortController();
    const answered = sendUnary(
      client,
      { method: embed, bytes: bytesOf(asking()) },
      { signal: leaving.signal },
    );
    const signal = await called;
    const ended = once(signal, "abort");
    leaving.abort();
    await ended;
    expect(signal.reason).toMatchObject({ code: "cancelled" });
    expect((await answered).error?.code).toBe(status.CANCELLED);
    expect(ledger.settled[0]?.status).toBe("cancelled");
  });

  test.each(transports)("%s", async (_, transport) => {
    const { gateway, ledger, called } = hanging();
    const client = createClient(EmbeddingService, transport(await baseUrlOf(gateway)));
    const leaving = new AbortController();
    const answered = client.embed(asking(), { signal: leaving.signal }).catch((thrown: unknown) => thrown);
    const signal = await called;
    const ended = once(signal, "abort");
    leaving.abort();
    await ended;
    expect(await answered).toMatchObject({ code: Code.Canceled });
    expect(ledger.settled[0]?.status).toBe("cancelled");
  });
});

describe("a deadline ends the call at its provider, and the core says so", () => {
  test("gRPC", async () => {
    const { gateway, ledger, clock, called } = hanging();
    const client = await connectGrpc(gateway);
    const answered = sendUnary(
      client,
      { method: embed, bytes: bytesOf(asking()) },
      { deadline: Date.now() + 60_000 },
    );
    const signal = await called;
    clock.advance(60_000);
    const { error } = await answered;
    expect(error?.code).toBe(status.DEADLINE_EXCEEDED);
    expect(error && detailsOf(error).info?.reason).toBe("deadline_exceeded");
    expect(signal.reason).toMatchObject({ code: "deadline_exceeded" });
    expect(ledger.settled[0]?.errorCode).toBe("deadline_exceeded");
  });

  test.each(transports)("%s", async (_, transport) => {
    const { gateway, clock, called } = hanging();
    const client = createClient(EmbeddingService, transport(await baseUrlOf(gateway)));
    const answered = client.embed(asking(), { timeoutMs: 60_000 }).catch((thrown: unknown) => thrown);
    await called;
    clock.advance(60_000);
    const error = ConnectError.from(await answered);
    expect(error.code).toBe(Code.DeadlineExceeded);
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: "deadline_exceeded" }]);
  });
});

test("ListModels waits for the facts, and tells what fails", async () => {
  const { gateway } = createTestGateway({ providers: { first: createScriptedEmbedder() } });
  const known: Gateway = {
    ...gateway,
    settings: {
      ...gateway.settings,
      models: () =>
        Promise.resolve([
          { id: "first/m", provider: "first", model: "m", operations: ["embed"], contextTokens: 8_191 },
        ]),
    },
  };
  const failing: Gateway = {
    ...gateway,
    settings: { ...gateway.settings, models: () => Promise.reject(new Error("the disk is full")) },
  };
  const list = { method: ModelService.method.listModels, bytes: new Uint8Array(0) };
  const { response } = await sendUnary(await connectGrpc(known), list);
  expect(response).toMatchObject({ models: [{ id: "first/m", operations: [2], contextTokens: 8_191n }] });
  const { error } = await sendUnary(await connectGrpc(failing), list);
  expect(error?.code).toBe(status.INTERNAL);
  expect(error?.details).not.toContain("disk");
  const client = createClient(
    ModelService,
    createConnectTransport({ baseUrl: await baseUrlOf(known), httpVersion: "1.1" }),
  );
  expect(await client.listModels({})).toMatchObject({ models: [{ contextTokens: 8_191n }] });
});

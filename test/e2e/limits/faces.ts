// One chat by each front end, with the headers of its answer as they came: whole and streamed.

import { toBinary } from "@bufbuild/protobuf";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { type Metadata, status as grpcStatus } from "@grpc/grpc-js";
import { ChatRequestSchema } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import type { ServedPorts } from "../../../src/serve.ts";
import { grpcClient, hello, openStream, readStream, sendChat } from "../../api/rpc/rpc-fixtures.ts";

export interface FaceAnswer {
  /** Of HTTP, or of gRPC. */
  readonly status: number;
  readonly header: (name: string) => string | undefined;
}

export interface Face {
  readonly name: string;
  /** Of an answer that was refused, told by this face. */
  readonly refused: number;
  readonly ask: (ports: ServedPorts) => Promise<FaceAnswer>;
}

const words = [{ role: "user", content: "Hello" }];
const input = { messages: [{ role: "USER", parts: [{ text: "Hello" }] }] };
const json = { "content-type": "application/json" };
const connectJson = { messages: [{ role: "ROLE_USER", parts: [{ text: "Hello" }] }] };

async function post(
  { httpPort }: ServedPorts,
  {
    path,
    headers,
    body,
  }: { path: string; headers: Record<string, string>; body: string | Uint8Array<ArrayBuffer> },
): Promise<FaceAnswer> {
  const response = await fetch(`http://127.0.0.1:${httpPort}${path}`, { method: "POST", headers, body });
  await response.arrayBuffer();
  return { status: response.status, header: (name) => response.headers.get(name) ?? undefined };
}

const openai = (stream: boolean) => (ports: ServedPorts) =>
  post(ports, {
    path: "/v1/chat/completions",
    headers: json,
    body: JSON.stringify({ messages: words, stream }),
  });

const graphql = (query: string, accept: string) => (ports: ServedPorts) =>
  post(ports, {
    path: "/graphql",
    headers: { ...json, accept },
    body: JSON.stringify({ query, variables: { input } }),
  });

const enveloped = (bytes: Uint8Array) => Uint8Array.from(encodeEnvelope(0, bytes));
const rpc = "/sluice.v1.ChatService";
const bytes = toBinary(ChatRequestSchema, hello());

const ofMetadata = (status: number, metadata: Metadata | undefined): FaceAnswer => ({
  status,
  header: (name) => metadata?.get(name)[0]?.toString(),
});

async function grpcWhole({ grpcPort }: ServedPorts): Promise<FaceAnswer> {
  const client = grpcClient(grpcPort);
  const { error, headers } = await sendChat(client, bytes);
  client.close();
  return ofMetadata(error?.code ?? 0, error === undefined ? headers : error.metadata);
}

async function grpcStreamed({ grpcPort }: ServedPorts): Promise<FaceAnswer> {
  const client = grpcClient(grpcPort);
  const stream = openStream(client);
  let first: Metadata | undefined;
  stream.on("metadata", (metadata: Metadata) => {
    first = metadata;
  });
  const { status } = await readStream(stream);
  client.close();
  return ofMetadata(status.code, status.code === grpcStatus.OK ? first : status.metadata);
}

const exhausted = grpcStatus.RESOURCE_EXHAUSTED;

export const faces: readonly Face[] = [
  { name: "OpenAI", refused: 429, ask: openai(false) },
  { name: "OpenAI, streamed", refused: 429, ask: openai(true) },
  {
    name: "/infer",
    refused: 429,
    ask: (ports) => post(ports, { path: "/infer", headers: json, body: JSON.stringify({ prompt: "Hello" }) }),
  },
  {
    name: "GraphQL",
    refused: 429,
    ask: graphql("mutation ($input: ChatInput!) { chat(input: $input) { id } }", "application/json"),
  },
  {
    name: "GraphQL, streamed",
    refused: 429,
    ask: graphql(
      "subscription ($input: ChatInput!) { chat(input: $input) { sequence } }",
      "text/event-stream",
    ),
  },
  {
    name: "Connect",
    refused: 429,
    ask: (ports) => post(ports, { path: `${rpc}/Chat`, headers: json, body: JSON.stringify(connectJson) }),
  },
  {
    name: "Connect, streamed",
    refused: 200,
    ask: (ports) =>
      post(ports, {
        path: `${rpc}/StreamChat`,
        headers: { "content-type": "application/connect+json" },
        body: enveloped(Buffer.from(JSON.stringify(connectJson))),
      }),
  },
  {
    name: "gRPC-Web",
    refused: 200,
    ask: (ports) =>
      post(ports, {
        path: `${rpc}/Chat`,
        headers: { "content-type": "application/grpc-web+proto" },
        body: enveloped(bytes),
      }),
  },
  { name: "gRPC", refused: exhausted, ask: grpcWhole },
  { name: "gRPC, streamed", refused: exhausted, ask: grpcStreamed },
];

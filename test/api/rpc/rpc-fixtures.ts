// Servers and clients of the rpc front end over the real core.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  type StatusObject,
} from "@grpc/grpc-js";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import {
  type ErrorInfo,
  ErrorInfoSchema,
  type RetryInfo,
  RetryInfoSchema,
} from "../../../generated/proto/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../../generated/proto/google/rpc/status_pb.ts";
import {
  type ChatEvent,
  ChatEventSchema,
  type ChatRequest,
  ChatRequestSchema,
  type ChatResponseSchema,
  ChatService,
  Role,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { createConnectFrontEnd } from "../../../src/api/rpc/connect-front-end.ts";
import { createGrpcServer, type GrpcServer } from "../../../src/api/rpc/grpc-server.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import { systemClock } from "../../../src/system-clock.ts";

export const maxBodyBytes = 64 * 1024;

export const hello = (init: MessageInitShape<typeof ChatRequestSchema> = {}): ChatRequest =>
  create(ChatRequestSchema, {
    messages: [{ role: Role.USER, parts: [{ content: { case: "text", value: "Hello" } }] }],
    ...init,
  });

export const startGrpc = (gateway: Gateway, closeGraceMs?: number): Promise<GrpcServer> =>
  createGrpcServer({ gateway, host: "127.0.0.1", port: 0, maxBodyBytes, closeGraceMs, clock: systemClock });

export const grpcClient = (port: number): Client =>
  new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });

export const metadataOf = (entries: Readonly<Record<string, string>>): Metadata => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return metadata;
};

const streamPath = "/sluice.v1.ChatService/StreamChat";
const asIs = (bytes: Uint8Array) => Buffer.from(bytes);

export interface UnaryAnswer<O extends DescMessage> {
  readonly error: ServiceError | undefined;
  readonly response: MessageShape<O> | undefined;
  readonly headers: Metadata | undefined;
}

interface CallSettings {
  readonly metadata?: Metadata;
  readonly deadline?: number;
  /** Aborted: the client cancels. */
  readonly signal?: AbortSignal;
}

/** Sends bytes as they are to a unary method. */
export function sendUnary<O extends DescMessage>(
  client: Client,
  { method, bytes }: { readonly method: DescMethod & { readonly output: O }; readonly bytes: Uint8Array },
  options: CallSettings = {},
): Promise<UnaryAnswer<O>> {
  return new Promise((resolve) => {
    let headers: Metadata | undefined;
    const { metadata = new Metadata(), deadline = Infinity } = options;
    const call = client.makeUnaryRequest(
      `/${method.parent.typeName}/${method.name}`,
      asIs,
      (answer) => fromBinary(method.output, answer),
      bytes,
      metadata,
      { deadline },
      (error, response) => resolve({ error: error ?? undefined, response, headers }),
    );
    call.on("metadata", (received: Metadata) => {
      headers = received;
    });
    options.signal?.addEventListener("abort", () => call.cancel(), { once: true });
  });
}

export const sendChat = (
  client: Client,
  bytes: Uint8Array,
  options: CallSettings = {},
): Promise<UnaryAnswer<typeof ChatResponseSchema>> =>
  sendUnary(client, { method: ChatService.method.chat, bytes }, options);

/** Opens `StreamChat`; the stream is paused until somebody reads. */
export const openStream = (
  client: Client,
  request: ChatRequest | Uint8Array = hello(),
  options: { metadata?: Metadata; deadline?: number } = {},
): ClientReadableStream<ChatEvent> =>
  client.makeServerStreamRequest(
    streamPath,
    asIs,
    (bytes) => fromBinary(ChatEventSchema, bytes),
    request instanceof Uint8Array ? request : toBinary(ChatRequestSchema, request),
    options.metadata ?? new Metadata(),
    { deadline: options.deadline ?? Infinity },
  );

export interface StreamAnswer {
  readonly events: readonly ChatEvent[];
  readonly status: StatusObject;
}

export function readStream(stream: ClientReadableStream<ChatEvent>): Promise<StreamAnswer> {
  const events: ChatEvent[] = [];
  stream.on("data", (event: ChatEvent) => events.push(event));
  // The status tells the same.
  stream.on("error", () => {});
  return new Promise((resolve) => {
    stream.on("status", (status: StatusObject) => resolve({ events, status }));
  });
}

export interface Details {
  readonly info: ErrorInfo | undefined;
  readonly retry: RetryInfo | undefined;
}

/** What `grpc-status-details-bin` holds. */
export function detailsOf({ metadata }: { readonly metadata: Metadata }): Details {
  const [bytes] = metadata.get("grpc-status-details-bin");
  if (!(bytes instanceof Uint8Array)) return { info: undefined, retry: undefined };
  const { details } = fromBinary(StatusSchema, bytes);
  const info = details.map((any) => anyUnpack(any, ErrorInfoSchema)).find((each) => each !== undefined);
  const retry = details.map((any) => anyUnpack(any, RetryInfoSchema)).find((each) => each !== undefined);
  return { info, retry };
}

export interface ConnectServer {
  readonly baseUrl: string;
  close(): Promise<void>;
}

export async function startConnect(gateway: Gateway): Promise<ConnectServer> {
  const frontEnd = createConnectFrontEnd({ gateway, maxBodyBytes });
  const server = createServer((request, response) => frontEnd.handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address: AddressInfo | string | null = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

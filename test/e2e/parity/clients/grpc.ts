// Native gRPC by grpc-js, with the contract's generated messages.

import {
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { Client, credentials, Metadata, type ServiceError, status, type StatusObject } from "@grpc/grpc-js";
import { ErrorInfoSchema, RetryInfoSchema } from "../../../../generated/proto/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../../../generated/proto/google/rpc/status_pb.ts";
import {
  type ChatEvent,
  ChatEventSchema,
  ChatRequestSchema,
  ChatService,
} from "../../../../generated/proto/sluice/v1/chat_pb.ts";
import { EmbeddingService, EmbedRequestSchema } from "../../../../generated/proto/sluice/v1/embedding_pb.ts";
import type { ChatRequest } from "../../../../src/core/chat/request.ts";
import type { CallWords, FrontEndClient } from "../client.ts";
import {
  createEventGatherer,
  embedOutcomeOfFailure,
  type Failure,
  outcomeOfFailure,
} from "../gather-outcome.ts";
import { rpcFailure } from "./error-info.ts";
import { outcomeOfEmbedResponse, protobufEmbedRequest } from "./protobuf-embeddings.ts";
import { coreEvent, outcomeOfResponse } from "./protobuf-events.ts";
import { protobufRequest } from "./protobuf-request.ts";

type Method = Pick<DescMethod, "name" | "parent">;

const pathOf = ({ name, parent }: Method) => `/${parent.typeName}/${name}`;
const asIs = (bytes: Buffer) => bytes;

const encodedRequest = (request: ChatRequest): Buffer =>
  Buffer.from(toBinary(ChatRequestSchema, protobufRequest(request)));

/** Opens `StreamChat`; nothing is read until somebody listens. */
export const openGrpcStream = (client: Client, request: ChatRequest, words: CallWords = {}) =>
  client.makeServerStreamRequest<Buffer, ChatEvent>(
    pathOf(ChatService.method.streamChat),
    asIs,
    (bytes) => fromBinary(ChatEventSchema, bytes),
    encodedRequest(request),
    metadataOf(words),
    { deadline: deadlineOf(words) },
  );

export const connectGrpc = (port: number): Client =>
  new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });

export function createGrpcClient(port: number): FrontEndClient {
  const client = connectGrpc(port);
  return {
    name: "gRPC",
    async chat(request, words = {}) {
      const { chat } = ChatService.method;
      const answer = await ask(client, { method: chat, bytes: encodedRequest(request), words });
      return "failure" in answer ? outcomeOfFailure(answer.failure) : outcomeOfResponse(answer.response);
    },
    async embed(request, words = {}) {
      const { embed } = EmbeddingService.method;
      const bytes = Buffer.from(toBinary(EmbedRequestSchema, protobufEmbedRequest(request)));
      const answer = await ask(client, { method: embed, bytes, words });
      return "failure" in answer
        ? embedOutcomeOfFailure(answer.failure)
        : outcomeOfEmbedResponse(answer.response);
    },
    stream: (request, words = {}) =>
      new Promise((resolve) => {
        const gatherer = createEventGatherer(words.onContent);
        const call = openGrpcStream(client, request, words);
        words.signal?.addEventListener("abort", () => call.cancel(), { once: true });
        call.on("data", (event: ChatEvent) => gatherer.add(coreEvent(event)));
        // The status tells the same.
        call.on("error", () => {});
        call.on("status", (ended: StatusObject) =>
          resolve(gatherer.outcome(ended.code === status.OK ? undefined : failureOf(ended))),
        );
      }),
    close: () => client.close(),
  };
}

interface Question<O extends DescMessage> {
  readonly method: Method & { readonly output: O };
  readonly bytes: Buffer;
  readonly words: CallWords;
}

type Answer<O extends DescMessage> = { readonly response: MessageShape<O> } | { readonly failure: Failure };

const ask = <O extends DescMessage>(
  client: Client,
  { method, bytes, words }: Question<O>,
): Promise<Answer<O>> =>
  new Promise((resolve) => {
    const call = client.makeUnaryRequest<Buffer, MessageShape<O>>(
      pathOf(method),
      asIs,
      (answered) => fromBinary(method.output, answered),
      bytes,
      metadataOf(words),
      { deadline: deadlineOf(words) },
      (error, response) => {
        if (response !== undefined) resolve({ response });
        else if (error !== null) resolve({ failure: failureOf(error) });
      },
    );
    words.signal?.addEventListener("abort", () => call.cancel(), { once: true });
  });

function metadataOf({ credential, correlationId }: CallWords): Metadata {
  const metadata = new Metadata();
  if (credential !== undefined) metadata.set("authorization", `Bearer ${credential}`);
  if (correlationId !== undefined) metadata.set("x-request-id", correlationId);
  return metadata;
}

const deadlineOf = ({ timeoutMs }: CallWords): number =>
  timeoutMs === undefined ? Infinity : Date.now() + timeoutMs;

function failureOf({ code, details: message, metadata }: StatusObject | ServiceError): Failure {
  const [bytes] = metadata.get("grpc-status-details-bin");
  const details = bytes instanceof Uint8Array ? fromBinary(StatusSchema, bytes).details : [];
  return rpcFailure({
    grpc: status[code],
    message,
    info: details.map((any) => anyUnpack(any, ErrorInfoSchema)).find((each) => each !== undefined),
    retry: details.map((any) => anyUnpack(any, RetryInfoSchema)).find((each) => each !== undefined),
  });
}

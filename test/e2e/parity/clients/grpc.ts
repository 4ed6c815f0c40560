// Native gRPC by grpc-js, with the contract's generated messages.

import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { Client, credentials, Metadata, type ServiceError, status, type StatusObject } from "@grpc/grpc-js";
import { ErrorInfoSchema, RetryInfoSchema } from "../../../../generated/proto/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../../../generated/proto/google/rpc/status_pb.ts";
import {
  type ChatEvent,
  ChatEventSchema,
  ChatRequestSchema,
  type ChatResponse,
  ChatResponseSchema,
  ChatService,
} from "../../../../generated/proto/sluice/v1/chat_pb.ts";
import type { ChatRequest } from "../../../../src/core/chat/request.ts";
import type { CallWords, FrontEndClient } from "../client.ts";
import { createEventGatherer, type Failure, outcomeOfFailure } from "../gather-outcome.ts";
import { rpcFailure } from "./error-info.ts";
import { coreEvent, outcomeOfResponse } from "./protobuf-events.ts";
import { protobufRequest } from "./protobuf-request.ts";

const pathOf = ({ name }: { readonly name: string }) => `/${ChatService.typeName}/${name}`;
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
    chat: (request, words = {}) =>
      new Promise((resolve) => {
        const answered = (error: ServiceError | null, response?: ChatResponse) => {
          if (response !== undefined) resolve(outcomeOfResponse(response));
          else if (error !== null) resolve(outcomeOfFailure(failureOf(error)));
        };
        const call = client.makeUnaryRequest<Buffer, ChatResponse>(
          pathOf(ChatService.method.chat),
          asIs,
          (bytes) => fromBinary(ChatResponseSchema, bytes),
          encodedRequest(request),
          metadataOf(words),
          { deadline: deadlineOf(words) },
          answered,
        );
        words.signal?.addEventListener("abort", () => call.cancel(), { once: true });
      }),
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

// The services as handlers of grpc-js.

import type { Message } from "@bufbuild/protobuf";
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServerUnaryCall,
  type ServerWritableStream,
} from "@grpc/grpc-js";
import { ChatRequestSchema, ResumeChatRequestSchema } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { EmbedRequestSchema } from "../../../generated/proto/sluice/v1/embedding_pb.ts";
import { ListModelsRequestSchema } from "../../../generated/proto/sluice/v1/model_pb.ts";
import type { ChatEvent } from "../../core/chat/events.ts";
import type { Numbered, Reply, ReplyMeta } from "../../core/reply.ts";
import type { KnownError } from "../known-error.ts";
import { pump } from "../pump.ts";
import { addLimitHeaders } from "../limit-headers.ts";
import { replyHeaders } from "../reply-headers.ts";
import { decodeBinary } from "./decode-request.ts";
import { fromEmbedded } from "./embed-mapping.ts";
import { toGrpcStatus } from "./error-status.ts";
import { encodeDelta } from "./encode-delta.ts";
import { fromChatEvent } from "./event-mapping.ts";
import { cancelledSignal, readCall } from "./grpc-call.ts";
import { fromModels } from "./model-mapping.ts";
import { fromChatReply } from "./reply-mapping.ts";
import type { RpcService } from "./rpc-service.ts";
import type { OutgoingMessage } from "./service-definition.ts";

interface HandlerPorts {
  readonly service: RpcService;
  readonly known: KnownError;
}

export const chatHandlers = ({ service, known }: HandlerPorts) => ({
  chat: unary(known, async (call) => {
    const rpcCall = readCall(call, cancelledSignal(call));
    const reply = await service.chat(decodeBinary(ChatRequestSchema, call.request), rpcCall);
    call.sendMetadata(headersOf(reply.meta));
    return fromChatReply(reply);
  }),
  streamChat: streaming(known, (call, signal) =>
    service.streamChat(decodeBinary(ChatRequestSchema, call.request), readCall(call, signal)),
  ),
  resumeChat: streaming(known, (call, signal) =>
    service.resumeChat(decodeBinary(ResumeChatRequestSchema, call.request), readCall(call, signal)),
  ),
});

const outgoing = (event: Numbered<ChatEvent>): OutgoingMessage =>
  event.type === "part_delta" && event.logprobs === undefined ? encodeDelta(event) : fromChatEvent(event);

export const embeddingHandlers = ({ service, known }: HandlerPorts) => ({
  embed: unary(known, async (call) => {
    const rpcCall = readCall(call, cancelledSignal(call));
    const embedded = await service.embed(decodeBinary(EmbedRequestSchema, call.request), rpcCall);
    call.sendMetadata(headersOf(embedded.meta));
    return fromEmbedded(embedded);
  }),
});

export const modelHandlers = ({ service, known }: HandlerPorts) => ({
  listModels: unary(known, async (call) => {
    const { caller } = readCall(call, cancelledSignal(call));
    decodeBinary(ListModelsRequestSchema, call.request);
    return fromModels(await service.listModels(caller));
  }),
});

const unary =
  <O extends Message>(
    known: KnownError,
    answer: (call: ServerUnaryCall<Buffer, O>) => Promise<O>,
  ): handleUnaryCall<Buffer, O> =>
  async (call, callback) => {
    try {
      const message = await answer(call);
      callback(null, message);
    } catch (error) {
      callback(toGrpcStatus(known(error), { begun: false }));
    }
  };

const streaming =
  (
    known: KnownError,
    answer: (
      call: ServerWritableStream<Buffer, OutgoingMessage>,
      signal: AbortSignal,
    ) => Promise<Reply<Numbered<ChatEvent>>>,
  ): handleServerStreamingCall<Buffer, OutgoingMessage> =>
  async (call) => {
    const signal = cancelledSignal(call);
    let begun = false;
    try {
      const reply = await answer(call, signal);
      begun = true;
      call.sendMetadata(headersOf(reply.meta));
      await pump({
        events: reply.events,
        write: (event) => call.write(outgoing(event)),
        drained: () => drained(call, signal),
        signal,
      });
      call.end();
    } catch (error) {
      // What is thrown once the client has gone is its going, and nobody reads the status.
      // grpc-js sends it once what was written before has gone out.
      call.emit("error", toGrpcStatus(signal.aborted ? error : known(error), { begun }));
    }
  };

function headersOf(meta: ReplyMeta): Metadata {
  const headers = replyHeaders(meta);
  addLimitHeaders(headers, meta);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

const drained = <O>(call: ServerWritableStream<Buffer, O>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const onDrain = () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    };
    const onAbort = () => {
      call.off("drain", onDrain);
      reject(signal.reason);
    };
    call.once("drain", onDrain);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });

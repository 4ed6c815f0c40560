// The services as implementations for Connect's router.

import type { IncomingMessage } from "node:http";
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { type ConnectRouter, createContextKey, type HandlerContext } from "@connectrpc/connect";
import {
  type ChatEvent as ChatEventMessage,
  ChatRequestSchema,
  ChatService,
  ResumeChatRequestSchema,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { EmbedRequestSchema, EmbeddingService } from "../../../generated/proto/sluice/v1/embedding_pb.ts";
import { ListModelsRequestSchema, ModelService } from "../../../generated/proto/sluice/v1/model_pb.ts";
import type { Access } from "../../core/access/access.ts";
import type { ChatEvent } from "../../core/chat/events.ts";
import type { Numbered, Reply, ReplyMeta } from "../../core/reply.ts";
import { watchEvents } from "../../core/watch-events.ts";
import { readCaller } from "../caller.ts";
import { connectionOf } from "../http-front-end.ts";
import type { KnownError } from "../known-error.ts";
import { addLimitHeaders, type LimitsTold } from "../limit-headers.ts";
import { replyHeaders } from "../reply-headers.ts";
import { fromEmbedded } from "./embed-mapping.ts";
import { toConnectError } from "./connect-error.ts";
import { fromChatEvent } from "./event-mapping.ts";
import { fromModels } from "./model-mapping.ts";
import { fromChatReply } from "./reply-mapping.ts";
import type { RpcCall, RpcService } from "./rpc-service.ts";

/** The HTTP request behind a call. */
export interface Inbound {
  readonly request: IncomingMessage;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
  /** @throws GatewayError as `readMessage` */
  readonly read: <S extends DescMessage>(schema: S) => Promise<MessageShape<S>>;
}

export const inboundKey = createContextKey<Inbound | undefined>(undefined, {
  description: "the HTTP request behind a call",
});

export interface ConnectRoutePorts {
  readonly service: RpcService;
  readonly access: Access;
  readonly known: KnownError;
}

export const connectRoutes =
  ({ service, access, known }: ConnectRoutePorts) =>
  (router: ConnectRouter): void => {
    const answering = createAnswering(known);

    function told(
      context: HandlerContext,
      { meta, events }: Reply<Numbered<ChatEvent>>,
    ): AsyncIterator<ChatEventMessage> {
      setHeaders(context, meta);
      return watchEvents(events, {
        event: fromChatEvent,
        ended() {},
        failed: (error) => toConnectError(known(error)),
        left() {},
      });
    }

    router.service(ChatService, {
      chat: (_, context) =>
        answering(context, async () => {
          const inbound = inboundOf(context);
          const call = await readCall(access, inbound, context);
          const reply = await service.chat(await inbound.read(ChatRequestSchema), call);
          setHeaders(context, reply.meta);
          return fromChatReply(reply);
        }),
      streamChat: (_, context) =>
        eventsOf(context, answering, async () => {
          const inbound = inboundOf(context);
          const call = await readCall(access, inbound, context);
          const request = await inbound.read(ChatRequestSchema);
          return told(context, await service.streamChat(request, call));
        }),
      resumeChat: (_, context) =>
        eventsOf(context, answering, async () => {
          const inbound = inboundOf(context);
          const call = await readCall(access, inbound, context);
          const request = await inbound.read(ResumeChatRequestSchema);
          return told(context, await service.resumeChat(request, call));
        }),
    });
    router.service(EmbeddingService, {
      embed: (_, context) =>
        answering(context, async () => {
          const inbound = inboundOf(context);
          const call = await readCall(access, inbound, context);
          const embedded = await service.embed(await inbound.read(EmbedRequestSchema), call);
          setHeaders(context, embedded.meta);
          return fromEmbedded(embedded);
        }),
    });
    router.service(ModelService, {
      listModels: (_, context) =>
        answering(context, async () => {
          const inbound = inboundOf(context);
          const { caller } = await readCall(access, inbound, context);
          await inbound.read(ListModelsRequestSchema);
          return fromModels(await service.listModels(caller));
        }),
    });
  };

type Answering = <T>(context: HandlerContext, answer: () => Promise<T>) => Promise<T>;

const createAnswering =
  (known: KnownError): Answering =>
  async (context, answer) => {
    try {
      return await answer();
    } catch (thrown) {
      const error = known(thrown);
      setLimitHeaders(context, error);
      throw toConnectError(error);
    }
  };

/** The events of a call that begins with the first `next`. */
function eventsOf(
  context: HandlerContext,
  answering: Answering,
  open: () => Promise<AsyncIterator<ChatEventMessage>>,
): AsyncIterableIterator<ChatEventMessage> {
  let events: AsyncIterator<ChatEventMessage> | undefined;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      events ??= await answering(context, open);
      return events.next();
    },
    async return() {
      await events?.return?.();
      return { done: true, value: undefined };
    },
  };
}

function inboundOf({ values }: HandlerContext): Inbound {
  const inbound = values.get(inboundKey);
  if (inbound === undefined) throw new Error("A call has come without its HTTP request.");
  return inbound;
}

async function readCall(access: Access, inbound: Inbound, context: HandlerContext): Promise<RpcCall> {
  const { request, signal } = inbound;
  const caller = await readCaller(access, connectionOf(request));
  return { caller, timeoutMs: context.timeoutMs(), signal };
}

function setHeaders(context: HandlerContext, meta: ReplyMeta): void {
  for (const [name, value] of Object.entries(replyHeaders(meta))) context.responseHeader.set(name, value);
  setLimitHeaders(context, meta);
}

/** They are of no use in trailers, which the metadata of an error may become. */
function setLimitHeaders({ responseHeader }: HandlerContext, told: LimitsTold): void {
  const headers: Record<string, string> = {};
  addLimitHeaders(headers, told);
  for (const [name, value] of Object.entries(headers)) responseHeader.set(name, value);
}

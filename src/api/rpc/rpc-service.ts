// The services behind gRPC, Connect and gRPC-Web.

import type { ChatRequest, ResumeChatRequest } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import type { EmbedRequest } from "../../../generated/proto/sluice/v1/embedding_pb.ts";
import type { CallOptions } from "../../core/call.ts";
import type { ChatEvent } from "../../core/chat/events.ts";
import type { ChatReply } from "../../core/chat/gather.ts";
import type { Embedded } from "../../core/embed/events.ts";
import type { Gateway } from "../../core/gateway.ts";
import type { Numbered, Reply } from "../../core/reply.ts";
import type { ModelView } from "../../core/models.ts";
import { type CallWishes, withWishes } from "../call-wishes.ts";
import type { Caller } from "../caller.ts";
import { resumeStream } from "../resume-stream.ts";
import { toEmbedRequest } from "./embed-mapping.ts";
import { toChatRequest } from "./request-mapping.ts";
import { toResumed, toWishes } from "./wish-mapping.ts";

/** What a transport knows of a call. */
export interface RpcCall {
  readonly caller: Caller;
  /** What remains until the client's deadline; absent: it has none. */
  readonly timeoutMs: number | undefined;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** Every method throws GatewayError. */
export interface RpcService {
  chat(request: ChatRequest, call: RpcCall): Promise<ChatReply>;
  streamChat(request: ChatRequest, call: RpcCall): Promise<Reply<Numbered<ChatEvent>>>;
  resumeChat(request: ResumeChatRequest, call: RpcCall): Promise<Reply<Numbered<ChatEvent>>>;
  embed(request: EmbedRequest, call: RpcCall): Promise<Embedded>;
  listModels(caller: Caller): Promise<readonly ModelView[]>;
}

export const createRpcService = (gateway: Gateway): RpcService => ({
  chat: async (request, call) => gateway.chat(toChatRequest(request), callOptions(call, toWishes(request))),
  streamChat: async (request, call) =>
    gateway.stream(toChatRequest(request), callOptions(call, toWishes(request))),
  resumeChat: async (request, call) => resumeStream(gateway, toResumed(request), callOptions(call, {})),
  embed: async (request, call) =>
    gateway.embed(toEmbedRequest(request), callOptions(call, toWishes(request))),
  listModels: async ({ principal }) => gateway.settings.models(principal),
});

/** The longest deadline that is kept: Node's timers end at 2^31 ms, where they fire at once. */
export const maxTimeoutMs = 86_400_000;

const callOptions = (
  { caller, timeoutMs, signal }: RpcCall,
  wishes: CallWishes,
): CallOptions & Pick<RpcCall, "signal"> => ({
  ...withWishes(caller, wishes),
  timeoutMs: sooner(caller.timeoutMs, timeoutMs),
  signal,
});

function sooner(a: number | undefined, b: number | undefined): number | undefined {
  const soonest = Math.min(a ?? Infinity, b ?? Infinity);
  return soonest === Infinity ? undefined : Math.min(Math.max(1, Math.floor(soonest)), maxTimeoutMs);
}

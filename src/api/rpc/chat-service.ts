// The service behind gRPC, Connect and gRPC-Web.

import type { ChatRequest } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import type { ListModelsResponse } from "../../../generated/proto/sluice/v1/model_pb.ts";
import type { CallOptions } from "../../core/call.ts";
import type { ChatEvent } from "../../core/chat/events.ts";
import type { ChatReply } from "../../core/chat/gather.ts";
import type { Gateway } from "../../core/gateway.ts";
import type { Numbered, Reply } from "../../core/reply.ts";
import type { Caller } from "../caller.ts";
import { toChatRequest } from "./request-mapping.ts";

/** What a transport knows of a call. */
export interface RpcCall {
  readonly caller: Caller;
  /** What remains until the client's deadline; absent: it has none. */
  readonly timeoutMs: number | undefined;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
}

/** Every method throws GatewayError. */
export interface ChatService {
  chat(request: ChatRequest, call: RpcCall): Promise<ChatReply>;
  streamChat(request: ChatRequest, call: RpcCall): Promise<Reply<Numbered<ChatEvent>>>;
  listModels(caller: Caller): ListModelsResponse;
}

export const createChatService = (gateway: Gateway): ChatService => ({
  chat: async (request, call) => gateway.chat(toChatRequest(request), callOptions(call)),
  streamChat: async (request, call) => gateway.stream(toChatRequest(request), callOptions(call)),
  listModels: ({ principal }) => ({
    $typeName: "sluice.v1.ListModelsResponse",
    models: gateway.settings.models(principal).map(({ id, provider, model }) => ({
      $typeName: "sluice.v1.Model",
      id,
      provider: provider ?? "",
      model: model ?? "",
    })),
  }),
});

/** The longest deadline that is kept: Node's timers end at 2^31 ms, where they fire at once. */
export const maxTimeoutMs = 86_400_000;

const callOptions = ({ caller, timeoutMs, signal }: RpcCall): CallOptions => ({
  ...caller,
  timeoutMs: sooner(caller.timeoutMs, timeoutMs),
  signal,
});

function sooner(a: number | undefined, b: number | undefined): number | undefined {
  const soonest = Math.min(a ?? Infinity, b ?? Infinity);
  return soonest === Infinity ? undefined : Math.min(Math.max(1, Math.floor(soonest)), maxTimeoutMs);
}

// From the protobuf request to the core's. What protobuf allows and the core's types do not is refused here,
// by the field's name in the core's words; everything else is checked by the core.

import {
  type ChatRequest as ChatRequestMessage,
  type Message as MessageMessage,
  ReasoningEffort,
  type ReasoningWish as ReasoningWishMessage,
  Role,
  type Sampling as SamplingMessage,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { invalidRequest } from "../../core/errors.ts";
import type {
  ChatRequest,
  Message,
  ReasoningWish,
  Role as CoreRole,
  Sampling,
} from "../../core/chat/request.ts";
import { createEnumReader, entriesOrAbsent, membersOrAbsent, textOrAbsent } from "./field-reading.ts";
import { toPart } from "./part-mapping.ts";
import { toResponseFormat, toTool, toToolChoice } from "./tool-mapping.ts";

const readRole = createEnumReader<CoreRole>({
  names: {
    [Role.SYSTEM]: "system",
    [Role.USER]: "user",
    [Role.ASSISTANT]: "assistant",
    [Role.TOOL]: "tool",
  },
  allowed: "ROLE_SYSTEM, ROLE_USER, ROLE_ASSISTANT or ROLE_TOOL",
});

const readEffort = createEnumReader({
  names: {
    [ReasoningEffort.UNSPECIFIED]: undefined,
    [ReasoningEffort.NONE]: "none",
    [ReasoningEffort.MINIMAL]: "minimal",
    [ReasoningEffort.LOW]: "low",
    [ReasoningEffort.MEDIUM]: "medium",
    [ReasoningEffort.HIGH]: "high",
    [ReasoningEffort.XHIGH]: "xhigh",
  } as const,
  allowed: "a value of ReasoningEffort",
});

/** @throws GatewayError `invalid_request` */
export function toChatRequest(message: ChatRequestMessage): ChatRequest {
  return {
    model: textOrAbsent(message.model),
    messages: message.messages.map((each, i) => toMessage(`messages[${i}]`, each)),
    tools: entriesOrAbsent(message.tools)?.map((tool, i) => toTool(`tools[${i}]`, tool)),
    toolChoice: message.toolChoice && toToolChoice(message.toolChoice),
    parallelToolCalls: message.parallelToolCalls,
    responseFormat: message.responseFormat && toResponseFormat(message.responseFormat),
    sampling: message.sampling && toSampling(message.sampling),
    maxOutputTokens: message.maxOutputTokens,
    stop: entriesOrAbsent(message.stop),
    reasoning: message.reasoning && toReasoningWish(message.reasoning),
    labels: membersOrAbsent(message.labels),
    providerOptions: membersOrAbsent(message.providerOptions),
  };
}

const toMessage = (field: string, { role, parts, name }: MessageMessage): Message => ({
  role: readRole(`${field}.role`, role),
  parts: parts.map((part, i) => toPart(`${field}.parts[${i}]`, part)),
  name: textOrAbsent(name),
});

function toSampling(sampling: SamplingMessage): Sampling {
  const { temperature, topP, topK, seed, frequencyPenalty, presencePenalty } = sampling;
  return { temperature, topP, topK, seed: safeSeed(seed), frequencyPenalty, presencePenalty };
}

function safeSeed(seed: bigint | undefined): number | undefined {
  if (seed === undefined) return undefined;
  if (seed >= Number.MIN_SAFE_INTEGER && seed <= Number.MAX_SAFE_INTEGER) return Number(seed);
  throw invalidRequest("sampling.seed", `must be between -(2^53 - 1) and 2^53 - 1, not ${seed}`);
}

const toReasoningWish = ({ effort, budgetTokens }: ReasoningWishMessage): ReasoningWish => ({
  effort: readEffort("reasoning.effort", effort),
  budgetTokens,
});

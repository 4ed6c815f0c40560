// Sampling and stop sequences, as far as the vendor takes them.

import type { ChatRequest } from "../../core/chat/request.ts";
import { claudeSamplingOf, type SamplingContext } from "../claude/sampling.ts";
import type { LossList } from "../loss-list.ts";
import type { AnthropicRequestBody } from "./wire.ts";

type SamplingMembers = Pick<AnthropicRequestBody, "temperature" | "top_p" | "top_k">;

export function samplingMembers(
  { sampling = {} }: ChatRequest,
  context: Omit<SamplingContext, "vendorName">,
): SamplingMembers {
  const { temperature, topP, topK } = claudeSamplingOf(sampling, { ...context, vendorName: "Anthropic" });
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(topK === undefined ? {} : { top_k: topK }),
  };
}

export function stopMembers(
  { stop = [] }: ChatRequest,
  losses: LossList,
): Pick<AnthropicRequestBody, "stop_sequences"> {
  const sequences = stop.filter((sequence, i) => {
    if (sequence.trim() !== "") return true;
    losses.add(`stop[${i}]`, "Dropped: Anthropic refuses a stop sequence of whitespace alone.");
    return false;
  });
  return sequences.length === 0 ? {} : { stop_sequences: sequences };
}

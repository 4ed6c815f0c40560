// Sampling and stop sequences, as far as the vendor takes them.

import type { ChatRequest } from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import type { ModelTraits } from "./model-traits.ts";
import type { AnthropicRequestBody } from "./wire.ts";

type SamplingMembers = Pick<AnthropicRequestBody, "temperature" | "top_p" | "top_k">;

export interface SamplingContext {
  readonly traits: ModelTraits;
  readonly thinks: boolean;
  readonly losses: LossList;
}

// What the vendor still takes for top_p beside reasoning.
const leastTopPWithThinking = 0.95;

export function samplingMembers(request: ChatRequest, context: SamplingContext): SamplingMembers {
  const { traits, thinks, losses } = context;
  const sampling = request.sampling ?? {};
  for (const name of ["seed", "frequencyPenalty", "presencePenalty"] as const) {
    const value = sampling[name];
    if (value === undefined || (value === 0 && name !== "seed")) continue;
    losses.add(`sampling.${name}`, "Dropped: Anthropic has no such parameter.");
  }
  const drop = (name: "temperature" | "topP" | "topK", why: string): undefined => {
    losses.add(`sampling.${name}`, `Dropped: ${why}`);
  };
  let { temperature, topP, topK } = sampling;
  if (temperature !== undefined && temperature > 1) {
    losses.add("sampling.temperature", "Sent as 1: Anthropic takes no more.");
    temperature = 1;
  }
  if (!traits.sampling) {
    if (temperature !== undefined && temperature !== 1) drop("temperature", "this model takes none.");
    temperature = undefined;
    if (topP !== undefined) topP = drop("topP", "this model takes none.");
    if (topK !== undefined) topK = drop("topK", "this model takes none.");
  } else if (thinks) {
    if (temperature !== undefined && temperature !== 1) {
      temperature = drop("temperature", "Anthropic takes none with reasoning.");
    }
    if (topP !== undefined && topP < leastTopPWithThinking) {
      topP = drop("topP", `with reasoning Anthropic takes ${leastTopPWithThinking} or more.`);
    }
    if (topK !== undefined) topK = drop("topK", "Anthropic takes none with reasoning.");
  }
  if (temperature !== undefined && topP !== undefined && !traits.temperatureWithTopP) {
    topP = drop("topP", "this model takes either it or the temperature.");
  }
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

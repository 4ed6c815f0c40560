// The wish for sampling, as far as Claude takes it, for every party that serves it.

import type { Sampling } from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import type { ClaudeTraits } from "./traits.ts";

export interface SamplingContext {
  /** Who serves the model, for the words of a loss. */
  readonly vendorName: string;
  readonly traits: Pick<ClaudeTraits, "sampling" | "temperatureWithTopP">;
  /** Whether the model is asked to reason. */
  readonly thinks: boolean;
  readonly losses: LossList;
}

export interface ClaudeSampling {
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly topK: number | undefined;
}

// What Claude still takes for top_p beside reasoning.
const leastTopPWithThinking = 0.95;

export function claudeSamplingOf(sampling: Sampling, context: SamplingContext): ClaudeSampling {
  const { vendorName, traits, thinks, losses } = context;
  const drop = (name: keyof Sampling, why: string): undefined => {
    losses.add(`sampling.${name}`, `Dropped: ${why}`);
  };
  for (const name of ["seed", "frequencyPenalty", "presencePenalty"] as const) {
    const value = sampling[name];
    if (value !== undefined && (value !== 0 || name === "seed")) {
      drop(name, `${vendorName} has no such parameter.`);
    }
  }
  let { temperature, topP, topK } = sampling;
  if (temperature !== undefined && temperature > 1) {
    losses.add("sampling.temperature", `Sent as 1: ${vendorName} takes no more.`);
    temperature = 1;
  }
  if (!traits.sampling) {
    if (temperature !== undefined && temperature !== 1) drop("temperature", "this model takes none.");
    temperature = undefined;
    if (topP !== undefined) topP = drop("topP", "this model takes none.");
    if (topK !== undefined) topK = drop("topK", "this model takes none.");
  } else if (thinks) {
    if (temperature !== undefined && temperature !== 1) {
      temperature = drop("temperature", "Claude takes none with reasoning.");
    }
    if (topP !== undefined && topP < leastTopPWithThinking) {
      topP = drop("topP", `with reasoning Claude takes ${leastTopPWithThinking} or more.`);
    }
    if (topK !== undefined) topK = drop("topK", "Claude takes none with reasoning.");
  }
  if (temperature !== undefined && topP !== undefined && !traits.temperatureWithTopP) {
    topP = drop("topP", "this model takes either it or the temperature.");
  }
  return { temperature, topP, topK };
}

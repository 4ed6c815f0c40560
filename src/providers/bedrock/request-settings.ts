// Limits, sampling, stop sequences and the answer's format, as far as the vendor takes them.
// Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html

import type { ChatRequest, ResponseFormat } from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import type { ModelTraits } from "./model-traits.ts";
import type { ThinkingPlan } from "./request-thinking.ts";
import type { InferenceConfig, OutputConfig } from "./wire.ts";

export interface SettingsContext {
  readonly traits: ModelTraits;
  readonly plan: ThinkingPlan;
  readonly losses: LossList;
}

export interface Sampled {
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
}

// What Claude still takes for top_p beside reasoning.
const leastTopPWithThinking = 0.95;

export function samplingOf(request: ChatRequest, { traits, plan, losses }: SettingsContext): Sampled {
  const sampling = request.sampling ?? {};
  const drop = (name: keyof typeof sampling, why: string): undefined => {
    losses.add(`sampling.${name}`, `Dropped: ${why}`);
  };
  for (const name of ["seed", "frequencyPenalty", "presencePenalty"] as const) {
    const value = sampling[name];
    if (value !== undefined && (value !== 0 || name === "seed")) drop(name, "Bedrock has no such parameter.");
  }
  let { temperature, topP, topK } = sampling;
  if (temperature !== undefined && temperature > 1) {
    losses.add("sampling.temperature", "Sent as 1: Bedrock takes no more.");
    temperature = 1;
  }
  if (topK !== undefined && !traits.isClaude) {
    topK = drop("topK", "Bedrock has no field for it that holds for every model.");
  }
  if (!traits.sampling) {
    if (temperature !== undefined && temperature !== 1) drop("temperature", "this model takes none.");
    temperature = undefined;
    if (topP !== undefined) topP = drop("topP", "this model takes none.");
    if (topK !== undefined) topK = drop("topK", "this model takes none.");
  } else if (plan.thinking !== undefined) {
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

/** Undefined when it would say nothing. */
export function inferenceConfigOf(
  { stop = [] }: ChatRequest,
  { temperature, topP }: Sampled,
  { traits, plan, losses }: SettingsContext,
): InferenceConfig | undefined {
  const sequences = stop.filter((sequence, i) => {
    if (sequence !== "" && (sequence.trim() !== "" || !traits.isClaude)) return true;
    losses.add(`stop[${i}]`, "Dropped: Claude refuses a stop sequence of whitespace alone.");
    return false;
  });
  const config: InferenceConfig = {
    ...(plan.maxTokens === undefined ? {} : { maxTokens: plan.maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(sequences.length === 0 ? {} : { stopSequences: sequences }),
  };
  return Object.keys(config).length === 0 ? undefined : config;
}

/** Undefined when it would say nothing. */
export function outputConfigOf(
  format: ResponseFormat | undefined,
  { plan, losses }: SettingsContext,
): OutputConfig | undefined {
  const effort = plan.effort === undefined ? {} : { effort: plan.effort };
  if (format?.type === "json") {
    losses.add("responseFormat", "Dropped: Bedrock holds answers to a JSON schema only; send json_schema.");
  }
  if (format?.type !== "json_schema") return plan.effort === undefined ? undefined : effort;
  if (format.strict === false) {
    losses.add("responseFormat.strict", "Bedrock always holds the answer to the schema.");
  }
  const jsonSchema = {
    schema: JSON.stringify(format.schema),
    name: format.name,
    ...(format.description === undefined ? {} : { description: format.description }),
  };
  return { textFormat: { type: "json_schema", structure: { jsonSchema } }, ...effort };
}

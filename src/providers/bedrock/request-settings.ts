// Limits, sampling, stop sequences and the answer's format, as far as the vendor takes them.
// Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html

import type { ChatRequest, ResponseFormat } from "../../core/chat/request.ts";
import { type ClaudeSampling, claudeSamplingOf } from "../claude/sampling.ts";
import type { LossList } from "../loss-list.ts";
import type { ModelTraits } from "./model-traits.ts";
import type { ThinkingPlan } from "./request-thinking.ts";
import type { InferenceConfig, OutputConfig } from "./wire.ts";

export interface SettingsContext {
  readonly traits: ModelTraits;
  readonly plan: ThinkingPlan;
  readonly losses: LossList;
}

/** Models of other makers than Claude's take what it takes without reasoning, but no top_k. */
export function samplingOf({ sampling = {} }: ChatRequest, context: SettingsContext): ClaudeSampling {
  const { traits, plan, losses } = context;
  const asked = { vendorName: "Bedrock", traits, thinks: plan.thinking !== undefined, losses };
  const sampled = claudeSamplingOf(sampling, asked);
  if (sampled.topK === undefined || traits.isClaude) return sampled;
  losses.add("sampling.topK", "Dropped: Bedrock has no field for it that holds for every model.");
  return { ...sampled, topK: undefined };
}

/** Undefined when it would say nothing. */
export function inferenceConfigOf(
  { stop = [] }: ChatRequest,
  { temperature, topP }: ClaudeSampling,
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

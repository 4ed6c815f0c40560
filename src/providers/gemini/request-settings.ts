// Sampling, limits, the answer's format and reasoning as `generationConfig`.
// Source: ai.google.dev/api/generate-content#generationconfig

import type { ChatRequest, Sampling } from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import type { ModelTraits } from "./model-traits.ts";
import { schemaOf } from "./request-schema.ts";
import { thinkingOf } from "./request-thinking.ts";
import type { GenerationConfig } from "./wire.ts";

export interface SettingsContext {
  readonly traits: ModelTraits;
  readonly losses: LossList;
}

const maxStopSequences = 5;

/** Undefined where the request sets nothing of it. */
export function generationConfigOf(
  request: ChatRequest,
  context: SettingsContext,
): GenerationConfig | undefined {
  const { sampling = {}, maxOutputTokens } = request;
  const told: GenerationConfig = {
    temperature: sampling.temperature,
    topP: sampling.topP,
    topK: sampling.topK,
    seed: seedOf(sampling.seed, context),
    frequencyPenalty: penaltyOf("frequencyPenalty", sampling, context),
    presencePenalty: penaltyOf("presencePenalty", sampling, context),
    maxOutputTokens,
    stopSequences: stopOf(request.stop ?? [], context),
    ...formatOf(request, context),
    thinkingConfig: thinkingOf(request.reasoning ?? {}, context),
  };
  const config = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
  return Object.keys(config).length === 0 ? undefined : config;
}

function penaltyOf(
  name: "frequencyPenalty" | "presencePenalty",
  { [name]: penalty }: Sampling,
  { traits, losses }: SettingsContext,
): number | undefined {
  if (penalty === undefined || traits.penalties) return penalty;
  if (penalty !== 0) losses.add(`sampling.${name}`, "Dropped: this model takes no penalties.");
  return undefined;
}

const int32 = 2 ** 31;

function seedOf(seed: number | undefined, { losses }: SettingsContext): number | undefined {
  if (seed === undefined || (seed >= -int32 && seed < int32)) return seed;
  losses.add("sampling.seed", "Dropped: Gemini takes a seed of 32 bits.");
  return undefined;
}

function stopOf(stop: readonly string[], { losses }: SettingsContext): readonly string[] | undefined {
  if (stop.length > maxStopSequences) {
    losses.add(`stop[${maxStopSequences}]`, `Dropped from here on: Gemini takes ${maxStopSequences}.`);
  }
  return stop.length === 0 ? undefined : stop.slice(0, maxStopSequences);
}

function formatOf(
  { responseFormat: format, tools = [], toolChoice }: ChatRequest,
  { traits, losses }: SettingsContext,
): Pick<GenerationConfig, "responseMimeType" | "responseJsonSchema"> {
  if (format === undefined || format.type === "text") return {};
  if (!traits.formatWithTools && tools.length > 0 && toolChoice?.type !== "none") {
    losses.add("responseFormat", "Dropped: this model takes either tools or a format of the answer.");
    return {};
  }
  if (format.type !== "json_schema") return { responseMimeType: "application/json" };
  if (format.description !== undefined) {
    losses.add("responseFormat.description", "Dropped: Gemini takes the schema alone.");
  }
  if (format.strict === false) {
    losses.add("responseFormat.strict", "Gemini always holds the answer to the schema.");
  }
  const responseJsonSchema = schemaOf(format.schema, { field: "responseFormat.schema", losses });
  return { responseMimeType: "application/json", responseJsonSchema };
}

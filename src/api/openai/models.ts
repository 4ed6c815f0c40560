// `GET /v1/models`: the names that `model` may hold.
// https://platform.openai.com/docs/api-reference/models

import { GatewayError } from "../../core/errors.ts";
import type { ModelCapabilities, ModelView } from "../../core/models.ts";
import type { Price } from "../../core/pricing/price.ts";

export interface ModelsAnswer {
  readonly models: readonly ModelView[];
  /** Told of every model: when they came to be is not known. Seconds since 1970. */
  readonly createdSeconds: number;
}

export const modelListJson = (answer: ModelsAnswer): string =>
  JSON.stringify({ object: "list", data: answer.models.map((model) => modelJson(model, answer)) });

/** @throws GatewayError `not_found` */
export function oneModelJson(answer: ModelsAnswer, encodedId: string): string {
  const id = decoded(encodedId);
  const model = answer.models.find((each) => each.id === id);
  if (model !== undefined) return JSON.stringify(modelJson(model, answer));
  throw new GatewayError({
    code: "not_found",
    field: "model",
    message: `There is no model "${(id ?? encodedId).slice(0, 256)}". GET /v1/models lists those that are.`,
  });
}

/** OpenAI's members, then what is known of the model in OpenRouter's words (openrouter.ai/docs/api-reference). */
const modelJson = (model: ModelView, { createdSeconds }: ModelsAnswer): object => ({
  id: model.id,
  object: "model",
  created: createdSeconds,
  owned_by: model.provider ?? "sluice",
  name: model.displayName,
  context_length: model.contextTokens,
  max_output_tokens: model.maxOutputTokens,
  pricing: model.price && pricingJson(model.price),
  capabilities: model.capabilities && capabilitiesJson(model.capabilities),
});

const capabilitiesJson = (known: ModelCapabilities): object => ({
  tools: known.tools,
  vision: known.vision,
  reasoning: known.reasoning,
  json_schema: known.jsonSchema,
  prefill: known.prefill,
});

/** In dollars a token. */
const pricingJson = (price: Price): object => ({
  prompt: dollars(price.inputPicos),
  completion: dollars(price.outputPicos),
  input_cache_read: dollars(price.cacheReadPicos),
  input_cache_write: dollars(price.cacheWritePicos),
  internal_reasoning: dollars(price.reasoningPicos),
  audio: dollars(price.inputAudioPicos),
  audio_output: dollars(price.outputAudioPicos),
  input_audio_cache: dollars(price.cacheReadAudioPicos),
});

const picoDigits = 12;

/** 10⁻¹² dollars as dollars, exactly. */
function dollars(picos: bigint | undefined): string | undefined {
  if (picos === undefined) return undefined;
  const digits = picos.toString().padStart(picoDigits + 1, "0");
  const fraction = digits.slice(-picoDigits).replace(/0+$/, "");
  const whole = digits.slice(0, -picoDigits);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

function decoded(encodedId: string): string | undefined {
  try {
    return decodeURIComponent(encodedId);
  } catch {
    return undefined;
  }
}

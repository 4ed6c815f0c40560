// A chat request in the vendor's words, and what was lost on the way.

import type { ChatRequest } from "../../core/chat/request.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { Loss } from "../../core/reply.ts";
import { createLossList, type LossList } from "../loss-list.ts";
import { objectIn } from "../vendor-json.ts";
import { createCachePoints } from "./cache-points.ts";
import { traitsOf } from "./model-traits.ts";
import { createDocumentNames } from "./request-media.ts";
import { systemBlocks, turnsOf } from "./request-messages.ts";
import { inferenceConfigOf, outputConfigOf, samplingOf } from "./request-settings.ts";
import { planThinking } from "./request-thinking.ts";
import { toolConfigOf } from "./request-tools.ts";
import type { ConverseBody } from "./wire.ts";

export interface BuiltBedrockRequest {
  readonly body: ConverseBody;
  readonly losses: readonly Loss[];
}

/** Never throws for a request that `validateChatRequest` lets pass. */
export function buildBedrockRequest(request: ChatRequest, model: string): BuiltBedrockRequest {
  const losses = createLossList();
  const traits = traitsOf(model);
  const points = createCachePoints(traits, losses);
  const context = { points, names: createDocumentNames(), traits, losses };
  // In the order of the vendor's prompt, for the cache points.
  const toolConfig = toolConfigOf(request, context);
  const system = systemBlocks(request.messages, context);
  const messages = turnsOf(request.messages, context);
  const plan = planThinking(request, { traits, messages, losses });
  const settings = { traits, plan, losses };
  const sampled = samplingOf(request, settings);
  const inferenceConfig = inferenceConfigOf(request, sampled, settings);
  const outputConfig = outputConfigOf(request.responseFormat, settings);
  const options = request.providerOptions?.["bedrock"] ?? {};
  const modelFields = modelFieldsOf(
    { top_k: sampled.topK, thinking: plan.thinking, ...plan.modelFields },
    options["additionalModelRequestFields"],
    losses,
  );
  // Claude tells which sequence stopped it only when asked; whole answers and streams put it into different places.
  const asksStop = traits.isClaude && inferenceConfig?.stopSequences !== undefined;
  const own: ConverseBody = {
    ...(system.length === 0 ? {} : { system }),
    messages,
    ...(inferenceConfig === undefined ? {} : { inferenceConfig }),
    ...(toolConfig === undefined ? {} : { toolConfig }),
    ...(outputConfig === undefined ? {} : { outputConfig }),
    ...(modelFields === undefined ? {} : { additionalModelRequestFields: modelFields }),
  };
  const beside = optionsBeside(own, options, losses);
  const stopPaths =
    asksStop && beside["additionalModelResponseFieldPaths"] === undefined
      ? { additionalModelResponseFieldPaths: ["/stop_sequence", "/delta/stop_sequence"] }
      : {};
  return { body: { ...own, ...stopPaths, ...beside }, losses: losses.all };
}

/** Our fields for the model, and the caller's beside them. */
function modelFieldsOf(
  own: Readonly<Record<string, JsonValue | undefined>>,
  wished: JsonValue | undefined,
  losses: LossList,
): JsonObject | undefined {
  const fields = new Map<string, JsonValue>();
  for (const [name, value] of Object.entries(own)) if (value !== undefined) fields.set(name, value);
  const field = "providerOptions.bedrock.additionalModelRequestFields";
  if (wished !== undefined && objectIn(wished) === undefined) losses.add(field, "Dropped: it is no object.");
  for (const [name, value] of Object.entries(objectIn(wished) ?? {})) {
    if (fields.has(name)) losses.add(`${field}.${name}`, "Dropped: the request sets it already.");
    else fields.set(name, value);
  }
  return fields.size === 0 ? undefined : Object.fromEntries(fields);
}

/** What the caller wrote for this vendor alone, where the request has not said it already. */
function optionsBeside(own: ConverseBody, options: JsonObject, losses: LossList): JsonObject {
  const free = Object.entries(options).filter(([name]) => {
    if (name === "additionalModelRequestFields") return false;
    // The model is named by the address.
    if (name !== "modelId" && !Object.hasOwn(own, name)) return true;
    losses.add(`providerOptions.bedrock.${name}`, "Dropped: the request sets it already.");
    return false;
  });
  return Object.fromEntries(free);
}

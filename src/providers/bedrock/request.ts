// A chat request in the vendor's words, and what was lost on the way.

import type { ChatRequest } from "../../core/chat/request.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { Loss } from "../../core/reply.ts";
import { createLossList, type LossList } from "../loss-list.ts";
import { optionsBeside } from "../options-beside.ts";
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
  const { additionalModelRequestFields: wishedFields, ...wished } =
    request.providerOptions?.["bedrock"] ?? {};
  const modelFields = modelFieldsOf(
    { top_k: sampled.topK, thinking: plan.thinking, ...plan.modelFields },
    wishedFields,
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
  // The model is named by the address.
  const beside = optionsBeside(wished, {
    own: { ...own, modelId: model },
    field: "providerOptions.bedrock",
    losses,
  });
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
  const field = "providerOptions.bedrock.additionalModelRequestFields";
  const beside = objectIn(wished);
  if (wished !== undefined && beside === undefined) losses.add(field, "Dropped: it is no object.");
  const set = Object.entries(own).flatMap(([name, value]): [string, JsonValue][] =>
    value === undefined ? [] : [[name, value]],
  );
  const fields = { ...Object.fromEntries(set), ...optionsBeside(beside ?? {}, { own, field, losses }) };
  return Object.keys(fields).length === 0 ? undefined : fields;
}

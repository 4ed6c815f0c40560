// From the schema's ChatInput to the core's request. Pure; shapes that GraphQL's types cannot tell are
// checked here, limits in the core.

import type { ChatRequest, ResponseFormat, Sampling, Tool, ToolChoice } from "../../core/chat/request.ts";
import { invalidRequest } from "../../core/errors.ts";
import { present, toLabels, toObject, toProviderOptions } from "./json-maps.ts";
import { toPart } from "./part-mapping.ts";
import type { ChatInput } from "./schema/chat-input.ts";

type ChatFields = typeof ChatInput.$inferInput;
type Given<K extends keyof ChatFields> = NonNullable<ChatFields[K]>;

/** @throws GatewayError `invalid_request` naming the field */
export function toChatRequest(input: ChatFields): ChatRequest {
  const { toolChoice, responseFormat, sampling, reasoning, labels, providerOptions } = input;
  return {
    // The empty name means the same as none, as in the protobuf.
    model: input.model || undefined,
    messages: input.messages.map(({ role, parts, name }, i) => ({
      role,
      parts: parts.map((part, j) => toPart(`messages[${i}].parts[${j}]`, part)),
      name: name ?? undefined,
    })),
    tools: input.tools?.map(toTool),
    toolChoice: toolChoice ? toToolChoice(toolChoice) : undefined,
    parallelToolCalls: input.parallelToolCalls ?? undefined,
    responseFormat: responseFormat ? toResponseFormat(responseFormat) : undefined,
    sampling: sampling ? toSampling(sampling) : undefined,
    maxOutputTokens: input.maxOutputTokens ?? undefined,
    stop: input.stop ?? undefined,
    reasoning: reasoning
      ? { effort: reasoning.effort ?? undefined, budgetTokens: reasoning.budgetTokens ?? undefined }
      : undefined,
    labels: toLabels(labels),
    providerOptions: toProviderOptions(providerOptions),
  };
}

const toTool = (input: Given<"tools">[number], i: number): Tool => ({
  name: input.name,
  description: input.description ?? undefined,
  parameters: present(input.parameters) ? toObject(`tools[${i}].parameters`, input.parameters) : undefined,
  strict: input.strict ?? undefined,
  cacheHint: input.cacheHint ?? undefined,
});

const toToolChoice = ({ mode, name }: Given<"toolChoice">): ToolChoice =>
  mode === "tool" ? { type: "tool", name: name ?? "" } : { type: mode ?? "auto" };

function toResponseFormat({ text, json, jsonSchema }: Given<"responseFormat">): ResponseFormat {
  const found = Object.entries({ text, json, jsonSchema }).filter(([, value]) => present(value));
  if (found.length > 1) {
    const names = found.map(([name]) => name).join(" and ");
    throw invalidRequest("responseFormat", `must be one of text, json and jsonSchema, not ${names}`);
  }
  if (jsonSchema) {
    return {
      type: "json_schema",
      name: jsonSchema.name,
      description: jsonSchema.description ?? undefined,
      schema: toObject("responseFormat.schema", jsonSchema.schema ?? null),
      strict: jsonSchema.strict ?? undefined,
    };
  }
  for (const [name, value] of found) {
    if (Object.keys(toObject(`responseFormat.${name}`, value ?? null)).length > 0) {
      throw invalidRequest(`responseFormat.${name}`, "takes no settings: write {}");
    }
  }
  return { type: present(json) ? "json" : "text" };
}

const toSampling = (input: Given<"sampling">): Sampling => ({
  temperature: input.temperature ?? undefined,
  topP: input.topP ?? undefined,
  topK: input.topK ?? undefined,
  // A number beyond 2^53 loses digits here; the core refuses all of those.
  seed: present(input.seed) ? Number(input.seed) : undefined,
  frequencyPenalty: input.frequencyPenalty ?? undefined,
  presencePenalty: input.presencePenalty ?? undefined,
});

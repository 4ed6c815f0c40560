// Tools, the answer's format, reasoning and sampling, as far as the vendor takes them.
// Source: docs.ollama.com/api/chat, docs.ollama.com/capabilities/thinking

import type { ChatRequest, ResponseFormat } from "../../core/chat/request.ts";
import type { JsonObject } from "../../core/json.ts";
import type { LossList } from "../loss-list.ts";
import type { OllamaChatBody, OllamaTool } from "./wire.ts";

export function toolsOf(request: ChatRequest, losses: LossList): readonly OllamaTool[] | undefined {
  const { tools = [], toolChoice, parallelToolCalls } = request;
  if (tools.length === 0) return undefined;
  if (toolChoice?.type === "none") {
    losses.add("tools", "Dropped: Ollama has no choice among tools; without tools none is called.");
    return undefined;
  }
  if (toolChoice?.type === "required" || toolChoice?.type === "tool") {
    losses.add("toolChoice", "Dropped: Ollama has no choice among tools; the model may call none.");
  }
  if (parallelToolCalls === false) {
    losses.add("parallelToolCalls", "Dropped: Ollama cannot forbid several calls at once.");
  }
  return tools.map(({ name, description, parameters, strict }, i) => {
    if (strict === true)
      losses.add(`tools[${i}].strict`, "Dropped: Ollama does not hold arguments to a schema.");
    const schema: JsonObject = parameters ?? { type: "object", properties: {} };
    return {
      type: "function",
      function: { name, ...(description === undefined ? {} : { description }), parameters: schema },
    };
  });
}

export function formatOf(format: ResponseFormat | undefined, losses: LossList): OllamaChatBody["format"] {
  if (format?.type === "json") return "json";
  if (format?.type !== "json_schema") return undefined;
  if (format.description !== undefined) {
    losses.add("responseFormat.description", "Dropped: Ollama takes the schema alone.");
  }
  if (format.strict === false) {
    losses.add("responseFormat.strict", "Ollama always holds the answer to the schema.");
  }
  return format.schema;
}

/** One family of models takes a level, and cannot do without; the others take yes and no, and reason unasked. */
export function thinkOf(
  { reasoning = {} }: ChatRequest,
  { model, losses }: { readonly model: string; readonly losses: LossList },
): OllamaChatBody["think"] {
  const { effort, budgetTokens } = reasoning;
  if (budgetTokens !== undefined && budgetTokens > 0) {
    losses.add("reasoning.budgetTokens", "Dropped: Ollama takes no budget of tokens.");
    if (effort === undefined) return true;
  }
  const wished = effort ?? (budgetTokens === 0 ? "none" : undefined);
  const field = effort === undefined ? "reasoning.budgetTokens" : "reasoning.effort";
  if (wished === undefined) return undefined;
  if (!/gpt-oss/i.test(model)) {
    if (wished !== "none") losses.add(field, "Sent as a plain yes: most models here have no levels.");
    return wished !== "none";
  }
  if (wished === "none" || wished === "minimal") {
    losses.add(field, "Sent as low: this model's least effort.");
    return "low";
  }
  if (wished === "xhigh") {
    losses.add(field, "Sent as high: this model's most effort.");
    return "high";
  }
  return wished;
}

/** Undefined when it would say nothing. */
export function optionsOf({
  sampling = {},
  maxOutputTokens,
  stop = [],
}: ChatRequest): JsonObject | undefined {
  const told = {
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    seed: sampling.seed,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
    num_predict: maxOutputTokens,
    stop: stop.length === 0 ? undefined : stop,
  };
  const options = Object.entries(told).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return options.length === 0 ? undefined : Object.fromEntries(options);
}

// All of a request but its conversation and provider options.

import type { ChatRequest, ResponseFormat, ToolChoice } from "../../../core/chat/request.ts";
import type { JsonObject, JsonValue } from "../../../core/json.ts";
import type { LossList } from "../../loss-list.ts";
import { noParameters } from "../no-parameters.ts";
import type { ResponsesMember } from "./member.ts";
import type { ResponsesRequestBody, WireToolChoice } from "./wire.ts";

interface Context {
  readonly member: ResponsesMember;
  readonly losses: LossList;
}

type Body = ResponsesRequestBody;

// The vendors refuse a choice, and a word on parallel calls, where there are no tools: without them both say
// nothing. `strict` is always said: the API's own default is true.
export function toolSettings(
  { tools = [], toolChoice, parallelToolCalls }: ChatRequest,
  { member, losses }: Context,
): Pick<Body, "tools" | "tool_choice" | "parallel_tool_calls"> {
  if (tools.length === 0) return {};
  for (const [i, { cacheHint }] of tools.entries()) {
    if (cacheHint === undefined || member.cachesBySelf) continue;
    losses.add(`tools[${i}].cacheHint`, `The hint was left out: ${member.name}'s Responses API takes none.`);
  }
  if (parallelToolCalls === false && !member.takesParallelToolCalls) {
    losses.add("parallelToolCalls", `It was left out: ${member.name} has no such setting.`);
  }
  return {
    tools: tools.map(({ name, description, parameters, strict }) => ({
      type: "function",
      name,
      description,
      parameters: parameters ?? noParameters,
      strict: strict ?? false,
    })),
    tool_choice: choiceOf(toolChoice),
    parallel_tool_calls: member.takesParallelToolCalls ? parallelToolCalls : undefined,
  };
}

const choiceOf = (choice: ToolChoice | undefined): WireToolChoice | undefined =>
  choice?.type === "tool" ? { type: "function", name: choice.name } : choice?.type;

/** The value of `text.format`. */
export function formatOf(format: ResponseFormat | undefined): JsonObject | undefined {
  if (format?.type === "json") return { type: "json_object" };
  if (format?.type !== "json_schema") return undefined;
  const { name, description, schema, strict } = format;
  return {
    type: "json_schema",
    name,
    ...(description === undefined ? {} : { description }),
    schema,
    ...(strict === undefined ? {} : { strict }),
  };
}

export function samplingSettings(
  { sampling = {}, stop = [] }: ChatRequest,
  { member, losses }: Context,
): Pick<Body, "temperature" | "top_p" | "top_k" | "frequency_penalty" | "presence_penalty"> {
  const lost = (field: string, value: unknown): void => {
    if (value !== undefined) losses.add(field, "It was left out: the Responses API has no such setting.");
  };
  const { temperature, topP, topK, seed, frequencyPenalty, presencePenalty } = sampling;
  lost("sampling.seed", seed);
  lost("stop", stop[0]);
  if (member.takesMoreSampling) {
    return {
      temperature,
      top_p: topP,
      top_k: topK,
      frequency_penalty: frequencyPenalty,
      presence_penalty: presencePenalty,
    };
  }
  lost("sampling.topK", topK);
  lost("sampling.frequencyPenalty", frequencyPenalty);
  lost("sampling.presencePenalty", presencePenalty);
  return { temperature, top_p: topP };
}

export function lengthSetting(
  { maxOutputTokens }: ChatRequest,
  { member, losses }: Context,
): Pick<Body, "max_output_tokens"> {
  const least = member.leastOutputTokens ?? 1;
  if (maxOutputTokens === undefined || maxOutputTokens >= least)
    return { max_output_tokens: maxOutputTokens };
  losses.add("maxOutputTokens", `Sent as ${least}: ${member.name} takes no less in its Responses API.`);
  return { max_output_tokens: least };
}

/** The members of `reasoning` that the request sets, and those that hold where the caller says nothing else. */
export function reasoningSettings(
  { reasoning }: ChatRequest,
  { member, losses }: Context,
): {
  readonly set: Readonly<Record<string, JsonValue>>;
  readonly usual: Readonly<Record<string, JsonValue>>;
} {
  const { effort, budgetTokens } = reasoning ?? {};
  if (budgetTokens !== undefined && !member.takesReasoningBudget) {
    losses.add("reasoning.budgetTokens", `It was left out: ${member.name} takes an effort, not a budget.`);
  }
  const budget = member.takesReasoningBudget ? budgetTokens : undefined;
  if (budget !== undefined && effort !== undefined) {
    losses.add("reasoning.effort", `It was left out: ${member.name} takes an effort or a budget, not both.`);
  }
  const set: Readonly<Record<string, JsonValue>> =
    budget !== undefined ? { max_tokens: budget } : effort === undefined ? {} : { effort };
  const asked = budget === undefined ? effort !== undefined && effort !== "none" : budget > 0;
  return { set, usual: asked && member.takesReasoningSummary ? { summary: "auto" } : {} };
}

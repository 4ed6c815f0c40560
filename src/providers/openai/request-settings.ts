// All of a request but its messages and provider options.

import type { ChatRequest, ResponseFormat, ToolChoice } from "../../core/chat/request.ts";
import type { FamilyMember } from "./family.ts";
import type { LossList } from "../loss-list.ts";
import { loseHint } from "./request-messages.ts";
import type { OpenAiRequestBody, WireResponseFormat, WireToolChoice } from "./wire.ts";

interface Context {
  readonly member: FamilyMember;
  readonly losses: LossList;
}

type Settings = Omit<OpenAiRequestBody, "model" | "messages" | "stream" | "stream_options">;

export function settingsOf(request: ChatRequest, context: Context): Settings {
  return {
    ...toolSettings(request, context),
    response_format: formatOf(request.responseFormat),
    ...samplingOf(request, context),
    [context.member.maxTokensField]: request.maxOutputTokens,
    stop: stopOf(request.stop, context),
    ...reasoningOf(request, context),
  };
}

// The vendors refuse a choice, and a word on parallel calls, where there are no tools: without them both say
// nothing.
function toolSettings(
  { tools = [], toolChoice, parallelToolCalls }: ChatRequest,
  context: Context,
): Pick<Settings, "tools" | "tool_choice" | "parallel_tool_calls"> {
  if (tools.length === 0) return {};
  for (const [i, tool] of tools.entries()) loseHint(tool.cacheHint, `tools[${i}]`, context);
  return {
    tools: tools.map(({ name, description, parameters, strict }) => ({
      type: "function",
      function: { name, description, parameters, strict },
    })),
    tool_choice: choiceOf(toolChoice),
    parallel_tool_calls: parallelToolCalls,
  };
}

const choiceOf = (choice: ToolChoice | undefined): WireToolChoice | undefined =>
  choice?.type === "tool" ? { type: "function", function: { name: choice.name } } : choice?.type;

function formatOf(format: ResponseFormat | undefined): WireResponseFormat | undefined {
  if (format?.type === "json") return { type: "json_object" };
  if (format?.type !== "json_schema") return undefined;
  const { name, description, schema, strict } = format;
  return { type: "json_schema", json_schema: { name, description, schema, strict } };
}

function samplingOf({ sampling = {} }: ChatRequest, { member, losses }: Context): Settings {
  if (sampling.topK !== undefined && !member.takesTopK) {
    losses.add("sampling.topK", `It was left out: ${member.name} has no such setting.`);
  }
  return {
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: member.takesTopK ? sampling.topK : undefined,
    seed: sampling.seed,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
  };
}

function stopOf(
  stop: readonly string[] | undefined,
  { member, losses }: Context,
): readonly string[] | undefined {
  if (stop === undefined || stop.length === 0) return undefined;
  const max = member.maxStopSequences ?? stop.length;
  if (stop.length > max) losses.add("stop", `Only the first ${max} were sent: ${member.name} takes no more.`);
  return stop.slice(0, max);
}

function reasoningOf({ reasoning }: ChatRequest, { member, losses }: Context): Settings {
  const { effort, budgetTokens } = reasoning ?? {};
  if (member.reasoningWish === "effort") {
    if (budgetTokens !== undefined) {
      losses.add("reasoning.budgetTokens", `It was left out: ${member.name} takes an effort, not a budget.`);
    }
    return { reasoning_effort: effort };
  }
  if (budgetTokens === undefined) return effort === undefined ? {} : { reasoning: { effort } };
  if (effort !== undefined) {
    losses.add("reasoning.effort", `It was left out: ${member.name} takes an effort or a budget, not both.`);
  }
  return { reasoning: { max_tokens: budgetTokens } };
}

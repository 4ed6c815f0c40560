// All of a request but its messages and provider options.

import type { ChatRequest, ToolChoice } from "../../../core/chat/request.ts";
import type { LossList } from "../../loss-list.ts";
import { noParameters } from "../no-parameters.ts";
import type { ModelTraits } from "../model-traits.ts";
import type { FamilyMember } from "./family-member.ts";
import { responseFormatOf } from "./request-format.ts";
import { loseHint } from "./request-messages.ts";
import type { OpenAiRequestBody, ReasoningFields, WireToolChoice } from "./wire.ts";

interface Context {
  readonly member: FamilyMember;
  readonly traits: ModelTraits | undefined;
  readonly losses: LossList;
}

type Settings = Omit<
  OpenAiRequestBody,
  "model" | "messages" | "stream" | "stream_options" | keyof ReasoningFields
>;

export function settingsOf(request: ChatRequest, context: Context): Settings {
  return {
    ...toolSettings(request, context),
    response_format: responseFormatOf(request.responseFormat, context),
    ...samplingOf(request, context),
    [context.traits?.maxTokensField ?? context.member.maxTokensField]: request.maxOutputTokens,
    stop: stopOf(request.stop, context),
  };
}

// The vendors refuse a choice, and a word on parallel calls, where there are no tools: without them both say
// nothing.
function toolSettings(
  { tools = [], toolChoice, parallelToolCalls }: ChatRequest,
  context: Context,
): Pick<Settings, "tools" | "tool_choice" | "parallel_tool_calls"> {
  const { member, losses } = context;
  if (tools.length === 0) return {};
  for (const [i, tool] of tools.entries()) loseHint(tool.cacheHint, `tools[${i}]`, context);
  // Several calls at once are what such a member does anyway.
  if (parallelToolCalls === false && !member.takesParallelToolCalls) {
    losses.add("parallelToolCalls", `It was left out: ${member.name} has no such setting.`);
  }
  return {
    tools: tools.map(({ name, description, parameters, strict }) => ({
      type: "function",
      function: { name, description, parameters: parameters ?? noParameters, strict },
    })),
    tool_choice: choiceOf(toolChoice, member),
    parallel_tool_calls: member.takesParallelToolCalls ? parallelToolCalls : undefined,
  };
}

function choiceOf(choice: ToolChoice | undefined, member: FamilyMember): WireToolChoice | undefined {
  if (choice?.type === "tool") return { type: "function", function: { name: choice.name } };
  return choice?.type === "required" ? member.toolRequired : choice?.type;
}

function samplingOf({ sampling = {} }: ChatRequest, { member, losses }: Context): Settings {
  const { seedField } = member;
  if (sampling.topK !== undefined && !member.takesTopK) {
    losses.add("sampling.topK", `It was left out: ${member.name} has no such setting.`);
  }
  if (sampling.seed !== undefined && seedField === undefined) {
    losses.add("sampling.seed", `It was left out: ${member.name} has no such setting.`);
  }
  return {
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: member.takesTopK ? sampling.topK : undefined,
    ...(seedField === undefined ? {} : { [seedField]: sampling.seed }),
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

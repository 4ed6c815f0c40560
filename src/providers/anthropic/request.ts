// A chat request in the vendor's words, and what was lost on the way.

import type { ChatRequest, ResponseFormat } from "../../core/chat/request.ts";
import type { AttemptContext } from "../../core/provider.ts";
import type { Loss } from "../../core/reply.ts";
import type { JsonValue } from "../../core/json.ts";
import {
  claudeAnswerTokens,
  type ClaudeThinkingPlan,
  goesOnUnproven,
  planClaudeThinking,
} from "../claude/thinking.ts";
import { claudeToolChoice } from "../claude/tool-choice.ts";
import { claudeTraitsOf } from "../claude/traits.ts";
import { createLossList } from "../loss-list.ts";
import type { LossList } from "../loss-list.ts";
import { optionsBeside } from "../options-beside.ts";
import { isJsonArray } from "../vendor-json.ts";
import { createCacheMarks } from "./cache-marks.ts";
import { systemBlocks, turnsOf } from "./request-messages.ts";
import { samplingMembers, stopMembers } from "./request-sampling.ts";
import { toolMembers } from "./request-tools.ts";
import type { AnthropicOutputConfig, AnthropicRequestBody, ContentBlock } from "./wire.ts";

export interface BuiltAnthropicRequest {
  readonly body: AnthropicRequestBody;
  /** For the header `anthropic-beta`; from the provider option `betas`, as the vendor's SDK names it. */
  readonly betas: readonly string[];
  readonly losses: readonly Loss[];
}

/** Never throws for a request that `validateChatRequest` lets pass. */
export function buildAnthropicRequest(
  request: ChatRequest,
  { model, delivery }: Pick<AttemptContext, "model" | "delivery">,
): BuiltAnthropicRequest {
  const losses = createLossList();
  const marks = createCacheMarks(losses);
  const traits = claudeTraitsOf(model);
  // In the order of the vendor's prompt, for the cache marks.
  const toolChoice = claudeToolChoice(request.toolChoice, { traits, losses });
  const tools = toolMembers({ ...request, toolChoice }, marks);
  const system = systemBlocks(request.messages, { marks, losses });
  const messages = turnsOf(request.messages, { marks, losses });
  const plan = planClaudeThinking(request, { traits, isUnproven: goesOnUnproven(messages, blockIs), losses });
  const config = outputConfig(request.responseFormat, { plan, losses });
  const own: AnthropicRequestBody = {
    model,
    // The vendor asks for a limit.
    max_tokens: request.maxOutputTokens ?? claudeAnswerTokens + plan.roomTokens,
    ...(system.length === 0 ? {} : { system }),
    messages,
    ...tools,
    ...(plan.thinking === undefined ? {} : { thinking: plan.thinking }),
    ...(config === undefined ? {} : { output_config: config }),
    ...samplingMembers(request, { traits, thinks: plan.thinking !== undefined, losses }),
    ...stopMembers(request, losses),
    stream: delivery === "streamed",
  };
  const { betas, ...options } = request.providerOptions?.["anthropic"] ?? {};
  return {
    body: { ...own, ...optionsBeside(options, { own, field: "providerOptions.anthropic", losses }) },
    betas: betasOf(betas, losses),
    losses: losses.all,
  };
}

const blockIs = {
  toolResult: ({ type }: ContentBlock) => type === "tool_result",
  reasoning: ({ type }: ContentBlock) => type === "thinking" || type === "redacted_thinking",
};

function outputConfig(
  format: ResponseFormat | undefined,
  { plan, losses }: { readonly plan: ClaudeThinkingPlan; readonly losses: LossList },
): AnthropicOutputConfig | undefined {
  const effort = plan.effort === undefined ? {} : { effort: plan.effort };
  if (format?.type === "json") {
    losses.add("responseFormat", "Dropped: Anthropic holds answers to a JSON schema only; send json_schema.");
  }
  if (format?.type === "json_schema") {
    if (format.description !== undefined) {
      losses.add("responseFormat.description", "Dropped: Anthropic takes the schema alone.");
    }
    if (format.strict === false) {
      losses.add("responseFormat.strict", "Anthropic always holds the answer to the schema.");
    }
    return { format: { type: "json_schema", schema: format.schema }, ...effort };
  }
  return plan.effort === undefined ? undefined : effort;
}

function betasOf(betas: JsonValue | undefined, losses: LossList): readonly string[] {
  if (betas === undefined) return [];
  const names = (isJsonArray(betas) ? betas : [betas]).filter(
    (name): name is string => typeof name === "string" && /^[\w.-]{1,128}$/.test(name),
  );
  if (names.length !== (isJsonArray(betas) ? betas.length : 1)) {
    losses.add(
      "providerOptions.anthropic.betas",
      "Dropped where it is no list of the vendor's names of betas.",
    );
  }
  return names;
}

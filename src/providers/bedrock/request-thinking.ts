// The wish for reasoning in the model's words, and the limit on output tokens that goes with it.

import type { ChatRequest } from "../../core/chat/request.ts";
import type { JsonObject } from "../../core/json.ts";
import {
  claudeAnswerTokens,
  type ClaudeThinkingPlan,
  goesOnUnproven,
  planClaudeThinking,
} from "../claude/thinking.ts";
import type { LossList } from "../loss-list.ts";
import type { ModelTraits } from "./model-traits.ts";
import { effortFields } from "./request-effort.ts";
import type { ContentBlock, ConverseMessage } from "./wire.ts";

export interface ThinkingPlan extends ClaudeThinkingPlan {
  /** Absent: the model's own most. */
  readonly maxTokens?: number | undefined;
  /** The wish for reasoning of a model that is not Claude. */
  readonly modelFields?: JsonObject | undefined;
}

export interface ThinkingContext {
  readonly traits: ModelTraits;
  readonly messages: readonly ConverseMessage[];
  readonly losses: LossList;
}

export function planThinking(request: ChatRequest, context: ThinkingContext): ThinkingPlan {
  const { traits, messages, losses } = context;
  const { maxOutputTokens } = request;
  if (!traits.isClaude) {
    return { maxTokens: maxOutputTokens, roomTokens: 0, modelFields: effortFields(request, context) };
  }
  const isUnproven = goesOnUnproven(messages, blockIs);
  const plan = planClaudeThinking(request, { traits, isUnproven, demandEndsThinking: true, losses });
  // A budget has to be smaller than a limit that is sent with it.
  const least = plan.thinking?.type === "enabled" ? plan.roomTokens + claudeAnswerTokens : undefined;
  return { ...plan, maxTokens: maxOutputTokens ?? least };
}

const blockIs = {
  toolResult: (block: ContentBlock) => "toolResult" in block,
  reasoning: (block: ContentBlock) => "reasoningContent" in block,
};

// The wish for reasoning as Claude's, and the limit on output tokens that goes with it.

import type { ChatRequest } from "../../core/chat/request.ts";
import {
  claudeAnswerTokens,
  type ClaudeThinkingPlan,
  goesOnUnproven,
  planClaudeThinking,
} from "../claude-thinking.ts";
import type { LossList } from "../loss-list.ts";
import type { ModelTraits } from "./model-traits.ts";
import type { ContentBlock, ConverseMessage } from "./wire.ts";

export interface ThinkingPlan extends ClaudeThinkingPlan {
  /** Absent: the model's own most. */
  readonly maxTokens?: number | undefined;
}

export interface ThinkingContext {
  readonly traits: ModelTraits;
  readonly messages: readonly ConverseMessage[];
  readonly losses: LossList;
}

export function planThinking(request: ChatRequest, context: ThinkingContext): ThinkingPlan {
  const { traits, messages, losses } = context;
  const { reasoning, maxOutputTokens } = request;
  if (!traits.isClaude) {
    if (reasoning?.effort !== undefined || (reasoning?.budgetTokens ?? 0) > 0) {
      losses.add(
        "reasoning",
        "Dropped: Bedrock has no field for it that holds for every model; see providerOptions.bedrock.additionalModelRequestFields.",
      );
    }
    return { maxTokens: maxOutputTokens, roomTokens: 0 };
  }
  const isUnproven = goesOnUnproven(messages, blockIs);
  const plan = planClaudeThinking(request, { traits, isUnproven, losses });
  // A budget has to be smaller than a limit that is sent with it.
  const least = plan.thinking?.type === "enabled" ? plan.roomTokens + claudeAnswerTokens : undefined;
  return { ...plan, maxTokens: maxOutputTokens ?? least };
}

const blockIs = {
  toolResult: (block: ContentBlock) => "toolResult" in block,
  reasoning: (block: ContentBlock) => "reasoningContent" in block,
};

// The wish for reasoning as Claude's `thinking` and the effort, and the limit on output tokens that goes with it.
// Source: docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html and
// …/claude-messages-adaptive-thinking.html

import type { ChatRequest, ReasoningEffort } from "../../core/chat/request.ts";
import type { JsonObject } from "../../core/json.ts";
import type { LossList } from "../loss-list.ts";
import type { ModelTraits } from "./model-traits.ts";
import type { ConverseMessage, OutputConfig } from "./wire.ts";

const leastBudget = 1024;

/** Room for the answer beside the reasoning, which counts towards the same limit. */
const answerTokens = 4096;

const budgets = {
  minimal: leastBudget,
  low: leastBudget,
  medium: 8192,
  high: 24_576,
  xhigh: 49_152,
} as const satisfies Record<Exclude<ReasoningEffort, "none">, number>;

export interface ThinkingPlan {
  /** Absent: the model's own most. */
  readonly maxTokens?: number | undefined;
  readonly thinking?: JsonObject | undefined;
  readonly effort?: OutputConfig["effort"];
}

export interface ThinkingContext {
  readonly traits: ModelTraits;
  readonly messages: readonly ConverseMessage[];
  readonly losses: LossList;
}

export function planThinking(request: ChatRequest, context: ThinkingContext): ThinkingPlan {
  const { effort, budgetTokens = 0 } = request.reasoning ?? {};
  const { traits, losses } = context;
  const without = { maxTokens: request.maxOutputTokens };
  if (effort === undefined && budgetTokens === 0) return without;
  if (effort === "none" && traits.isClaude) {
    if (budgetTokens > 0) losses.add("reasoning.budgetTokens", "Dropped: the effort is none.");
    return without;
  }
  const obstacle = obstacleTo(request, context);
  if (obstacle !== undefined) {
    losses.add("reasoning", `Dropped: ${obstacle}`);
    return without;
  }
  if (traits.thinking === "effort" || (traits.thinking === "either" && budgetTokens === 0)) {
    return byEffort(request, losses);
  }
  if (budgetTokens === 0 && effort !== undefined && effort !== "none") {
    return byBudget({ field: "reasoning.effort", budget: budgets[effort] }, request, losses);
  }
  if (effort !== undefined) losses.add("reasoning.effort", "Dropped: the budget says it more exactly.");
  return byBudget({ field: "reasoning.budgetTokens", budget: budgetTokens }, request, losses);
}

/** Why the request with reasoning would be refused. */
function obstacleTo(request: ChatRequest, { traits, messages }: ThinkingContext): string | undefined {
  if (traits.thinking === undefined) {
    return "Bedrock has no field for it that holds for every model; see providerOptions.bedrock.additionalModelRequestFields.";
  }
  const choice = request.toolChoice?.type;
  if (choice === "required" || choice === "tool")
    return "Claude does not reason when a tool call is demanded.";
  if (traits.thinking !== "budget") return undefined;
  const last = messages.at(-1);
  const answersTools = last?.content.some((block) => "toolResult" in block) === true;
  const turn = last?.role === "assistant" ? last : answersTools ? messages.at(-2) : undefined;
  const first = turn?.content[0];
  return turn === undefined || (first !== undefined && "reasoningContent" in first)
    ? undefined
    : "Claude goes on reasoning only where the assistant's turn begins with signed reasoning.";
}

function byEffort(request: ChatRequest, losses: LossList): ThinkingPlan {
  const { effort, budgetTokens } = request.reasoning ?? {};
  if (budgetTokens !== undefined && budgetTokens > 0) {
    losses.add("reasoning.budgetTokens", "Dropped: this model decides itself how much it reasons.");
  }
  if (effort === "minimal") losses.add("reasoning.effort", "Sent as low: Claude's least effort.");
  if (effort === "xhigh") losses.add("reasoning.effort", "Sent as high: not every Claude has more.");
  const level =
    effort === undefined || effort === "none"
      ? undefined
      : ({ minimal: "low", low: "low", medium: "medium", high: "high", xhigh: "high" } as const)[effort];
  return {
    maxTokens: request.maxOutputTokens,
    // Newer models leave the text of their reasoning out unless asked.
    thinking: { type: "adaptive", display: "summarized" },
    effort: level,
  };
}

interface Wish {
  /** The request's field that asked for it. */
  readonly field: "reasoning.effort" | "reasoning.budgetTokens";
  readonly budget: number;
}

function byBudget(wish: Wish, request: ChatRequest, losses: LossList): ThinkingPlan {
  // The caller's limit holds for reasoning too; without one there is room for both.
  const maxTokens = request.maxOutputTokens ?? Math.max(wish.budget, leastBudget) + answerTokens;
  if (maxTokens <= leastBudget) {
    losses.add("reasoning", `Dropped: it needs maxOutputTokens over ${leastBudget}.`);
    return { maxTokens };
  }
  // Half of the limit is left for the answer where the budget would take it all.
  const fitting = wish.budget < maxTokens ? wish.budget : Math.floor(maxTokens / 2);
  const budget = Math.max(fitting, leastBudget);
  if (budget !== wish.budget) {
    losses.add(
      wish.field,
      `Sent as a budget of ${budget}: Claude takes ${leastBudget} or more, and less than maxOutputTokens.`,
    );
  }
  return { maxTokens, thinking: { type: "enabled", budget_tokens: budget } };
}

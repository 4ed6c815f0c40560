// The wish for reasoning as the vendor's `thinking` and effort, and the limit on output tokens that goes with it.
// Source: platform.claude.com/docs/en/build-with-claude/extended-thinking and …/adaptive-thinking

import type { ChatRequest, ReasoningEffort } from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import type { ModelTraits } from "./model-traits.ts";
import type { AnthropicMessage, AnthropicOutputConfig, AnthropicThinking } from "./wire.ts";

/** The vendor asks for a limit. This one every model accepts: the oldest that are served take no more. */
const defaultMaxTokens = 4096;

const leastBudget = 1024;

const budgets = {
  minimal: leastBudget,
  low: leastBudget,
  medium: 8192,
  high: 24_576,
  xhigh: 49_152,
} as const satisfies Record<Exclude<ReasoningEffort, "none">, number>;

export interface ThinkingPlan {
  readonly maxTokens: number;
  readonly thinking?: AnthropicThinking | undefined;
  readonly effort?: AnthropicOutputConfig["effort"];
}

export interface ThinkingContext {
  readonly traits: ModelTraits;
  readonly messages: readonly AnthropicMessage[];
  readonly losses: LossList;
}

export function planThinking(request: ChatRequest, context: ThinkingContext): ThinkingPlan {
  const { effort, budgetTokens = 0 } = request.reasoning ?? {};
  const { traits, losses } = context;
  const without = { maxTokens: request.maxOutputTokens ?? defaultMaxTokens };
  if (effort === "none" && budgetTokens > 0) {
    losses.add("reasoning.budgetTokens", "Dropped: the effort is none.");
  }
  if (effort === "none" || (effort === undefined && budgetTokens === 0)) return without;
  const obstacle = obstacleTo(request, context);
  if (obstacle !== undefined) {
    losses.add("reasoning", `Dropped: ${obstacle}`);
    return without;
  }
  if (traits.thinking === "effort" || (traits.thinking === "either" && budgetTokens === 0)) {
    return byEffort(request, context);
  }
  if (budgetTokens === 0 && effort !== undefined) {
    if (effort === "minimal") losses.add("reasoning.effort", "Sent as low: Anthropic's least effort.");
    return byBudget({ field: "reasoning.effort", budget: budgets[effort] }, request, losses);
  }
  if (effort !== undefined) losses.add("reasoning.effort", "Dropped: the budget says it more exactly.");
  return byBudget({ field: "reasoning.budgetTokens", budget: budgetTokens }, request, losses);
}

/** Why the vendor would refuse the request with reasoning. */
function obstacleTo(request: ChatRequest, { traits, messages }: ThinkingContext): string | undefined {
  const choice = request.toolChoice?.type;
  if (choice === "required" || choice === "tool") {
    return "Anthropic does not reason when a tool call is demanded.";
  }
  if (traits.thinking !== "budget") return undefined;
  const last = messages.at(-1);
  const turn =
    last?.role === "assistant"
      ? last
      : last?.content.some((block) => block.type === "tool_result") === true
        ? messages.at(-2)
        : undefined;
  const first = turn?.content[0]?.type;
  return turn === undefined || first === "thinking" || first === "redacted_thinking"
    ? undefined
    : "Anthropic goes on reasoning only where the assistant's turn begins with signed reasoning.";
}

const nearestLevel = { minimal: "low", low: "low", medium: "medium", high: "high", xhigh: "high" } as const;

function byEffort(request: ChatRequest, { losses }: ThinkingContext): ThinkingPlan {
  const { effort, budgetTokens } = request.reasoning ?? {};
  if (budgetTokens !== undefined && budgetTokens > 0) {
    losses.add("reasoning.budgetTokens", "Dropped: this model decides itself how much it reasons.");
  }
  if (effort === "minimal") losses.add("reasoning.effort", "Sent as low: Anthropic's least effort.");
  if (effort === "xhigh") losses.add("reasoning.effort", "Sent as high: not every model of Anthropic's has more.");
  const level = effort === undefined || effort === "none" ? undefined : nearestLevel[effort];
  // Reasoning counts towards the limit: an answer needs room beside it.
  const room = level === undefined ? budgets.medium : budgets[level];
  return {
    maxTokens: request.maxOutputTokens ?? defaultMaxTokens + room,
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
  const maxTokens = request.maxOutputTokens ?? Math.max(wish.budget, leastBudget) + defaultMaxTokens;
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
      `Sent as a budget of ${budget}: Anthropic takes ${leastBudget} or more, and less than maxOutputTokens.`,
    );
  }
  return enabled(budget, maxTokens);
}

const enabled = (budget: number, maxTokens: number): ThinkingPlan => ({
  maxTokens,
  thinking: { type: "enabled", budget_tokens: budget },
});

// The wish for reasoning as Claude's `thinking` and effort, for every party that serves it.
// Sources: platform.claude.com/docs/en/build-with-claude/extended-thinking and …/adaptive-thinking,
// docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html

import type { ChatRequest, ReasoningEffort } from "../core/chat/request.ts";
import type { ClaudeTraits } from "./claude-traits.ts";
import type { LossList } from "./loss-list.ts";

const leastBudget = 1024;

const budgets = {
  minimal: leastBudget,
  low: leastBudget,
  medium: 8192,
  high: 24_576,
  xhigh: 49_152,
} as const satisfies Record<Exclude<ReasoningEffort, "none">, number>;

const nearestLevel = { minimal: "low", low: "low", medium: "medium", high: "high", xhigh: "high" } as const;

/** The model's own member `thinking`, the same wherever it is served. */
export type ClaudeThinking =
  | { readonly type: "enabled"; readonly budget_tokens: number }
  | { readonly type: "adaptive"; readonly display: "summarized" };

export interface ClaudeThinkingPlan {
  /** Absent: the model is not asked to reason. */
  readonly thinking?: ClaudeThinking | undefined;
  readonly effort?: "low" | "medium" | "high" | undefined;
  /** Tokens that reasoning may take: it counts towards the limit on output, and an answer needs room beside it. */
  readonly roomTokens: number;
}

/** Room for the answer where a limit has to be sent that the request does not set. */
export const claudeAnswerTokens = 4096;

export interface ThinkingContext {
  readonly traits: ClaudeTraits;
  /** See `goesOnUnproven`. */
  readonly isUnproven: boolean;
  readonly losses: LossList;
}

const without: ClaudeThinkingPlan = { roomTokens: 0 };

export function planClaudeThinking(request: ChatRequest, context: ThinkingContext): ClaudeThinkingPlan {
  const { effort, budgetTokens = 0 } = request.reasoning ?? {};
  const { traits, losses } = context;
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
    return byEffort(effort, budgetTokens, losses);
  }
  if (budgetTokens === 0 && effort !== undefined) {
    if (effort === "minimal") losses.add("reasoning.effort", "Sent as low: Claude's least effort.");
    return byBudget({ field: "reasoning.effort", budget: budgets[effort] }, request, losses);
  }
  if (effort !== undefined) losses.add("reasoning.effort", "Dropped: the budget says it more exactly.");
  return byBudget({ field: "reasoning.budgetTokens", budget: budgetTokens }, request, losses);
}

/** Why the request would be refused with reasoning. */
function obstacleTo(request: ChatRequest, { traits, isUnproven }: ThinkingContext): string | undefined {
  if (traits.thinking === "none") return "this model does not reason.";
  const choice = request.toolChoice?.type;
  if (choice === "required" || choice === "tool") {
    return "Claude does not reason when a tool call is demanded.";
  }
  return traits.thinking === "budget" && isUnproven
    ? "Claude goes on reasoning only where the assistant's turn begins with signed reasoning."
    : undefined;
}

function byEffort(
  effort: Exclude<ReasoningEffort, "none"> | undefined,
  budgetTokens: number,
  losses: LossList,
): ClaudeThinkingPlan {
  if (budgetTokens > 0) {
    losses.add("reasoning.budgetTokens", "Dropped: this model decides itself how much it reasons.");
  }
  if (effort === "minimal") losses.add("reasoning.effort", "Sent as low: Claude's least effort.");
  if (effort === "xhigh") losses.add("reasoning.effort", "Sent as high: not every Claude has more.");
  const level = effort === undefined ? undefined : nearestLevel[effort];
  return {
    // Newer models leave the text of their reasoning out unless asked.
    thinking: { type: "adaptive", display: "summarized" },
    effort: level,
    roomTokens: budgets[level ?? "medium"],
  };
}

interface Wish {
  /** The request's field that asked for it. */
  readonly field: "reasoning.effort" | "reasoning.budgetTokens";
  readonly budget: number;
}

function byBudget(wish: Wish, { maxOutputTokens: limit }: ChatRequest, losses: LossList): ClaudeThinkingPlan {
  // The caller's limit holds for reasoning too.
  if (limit !== undefined && limit <= leastBudget) {
    losses.add("reasoning", `Dropped: it needs maxOutputTokens over ${leastBudget}.`);
    return without;
  }
  // Half of the limit is left for the answer where the budget would take it all.
  const fitting = limit === undefined || wish.budget < limit ? wish.budget : Math.floor(limit / 2);
  const budget = Math.max(fitting, leastBudget);
  if (budget !== wish.budget) {
    losses.add(
      wish.field,
      `Sent as a budget of ${budget}: Claude takes ${leastBudget} or more, and less than maxOutputTokens.`,
    );
  }
  return { thinking: { type: "enabled", budget_tokens: budget }, roomTokens: budget };
}

interface Turn<B> {
  readonly role: "user" | "assistant";
  readonly content: readonly B[];
}

/** Whether the assistant's turn that the model is to go on with begins without reasoning of its own. */
export function goesOnUnproven<B>(
  turns: readonly Turn<B>[],
  is: { readonly toolResult: (block: B) => boolean; readonly reasoning: (block: B) => boolean },
): boolean {
  const last = turns.at(-1);
  const answersTools = last?.content.some(is.toolResult) === true;
  const turn = last?.role === "assistant" ? last : answersTools ? turns.at(-2) : undefined;
  const first = turn?.content[0];
  return turn !== undefined && (first === undefined || !is.reasoning(first));
}

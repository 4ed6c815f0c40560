// The wish for reasoning as Claude's `thinking` and effort, for every party that serves it.
// Sources: platform.claude.com/docs/en/build-with-claude/thinking, …/extended-thinking and …/effort,
// docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html

import type { ChatRequest, ReasoningEffort } from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import type { ClaudeTraits } from "./traits.ts";

const leastBudget = 1024;

const budgets = {
  minimal: leastBudget,
  low: leastBudget,
  medium: 8192,
  high: 24_576,
  xhigh: 49_152,
} as const satisfies Record<Exclude<ReasoningEffort, "none">, number>;

/** The model's own member `thinking`, the same wherever it is served. */
export type ClaudeThinking =
  | { readonly type: "enabled"; readonly budget_tokens: number }
  | { readonly type: "adaptive"; readonly display: "summarized" }
  | { readonly type: "disabled" | "between_tools" };

export type ClaudeEffort = "low" | "medium" | "high" | "xhigh";

export interface ClaudeThinkingPlan {
  /** Absent: nothing is said of it, and newer models reason all the same. */
  readonly thinking?: ClaudeThinking | undefined;
  readonly effort?: ClaudeEffort | undefined;
  /** Tokens that reasoning may take: it counts towards the limit on output, and an answer needs room beside it. */
  readonly roomTokens: number;
}

/** Room for the answer where a limit has to be sent that the request does not set. */
export const claudeAnswerTokens = 4096;

export interface ThinkingContext {
  readonly traits: ClaudeTraits;
  /** See `goesOnUnproven`. */
  readonly isUnproven: boolean;
  /** Whether the party that serves the model takes no reasoning of any sort beside a demanded tool call. */
  readonly demandEndsThinking?: boolean | undefined;
  readonly losses: LossList;
}

const without: ClaudeThinkingPlan = { roomTokens: 0 };

export function planClaudeThinking(request: ChatRequest, context: ThinkingContext): ClaudeThinkingPlan {
  const { effort, budgetTokens } = request.reasoning ?? {};
  const { traits, losses } = context;
  const budget = budgetTokens ?? 0;
  if (effort === "none" && budget > 0) losses.add("reasoning.budgetTokens", "Dropped: the effort is none.");
  if (effort === "none") return turnedOff("reasoning.effort", context);
  if (effort === undefined && budgetTokens === 0) return turnedOff("reasoning.budgetTokens", context);
  if (effort === undefined && budget === 0) return unasked(request, context);
  const obstacle = obstacleTo(request, context);
  if (obstacle !== undefined) {
    losses.add("reasoning", `Dropped: ${obstacle}`);
    return unasked(request, context);
  }
  if (traits.thinking === "effort" || (traits.thinking === "either" && budget === 0)) {
    return byEffort(effort, budget, context);
  }
  if (budget === 0 && effort !== undefined) {
    if (effort === "minimal") losses.add("reasoning.effort", "Sent as low: Claude's least effort.");
    return byBudget({ field: "reasoning.effort", budget: budgets[effort] }, request, losses);
  }
  if (effort !== undefined) losses.add("reasoning.effort", "Dropped: the budget says it more exactly.");
  return byBudget({ field: "reasoning.budgetTokens", budget }, request, losses);
}

/** `field` is the one that asks for no reasoning. */
function turnedOff(field: string, { traits, losses }: ThinkingContext): ClaudeThinkingPlan {
  switch (traits.turnedOffBy) {
    case "silence":
      return without;
    case "disabled":
    case "between_tools":
      return { thinking: { type: traits.turnedOffBy }, roomTokens: 0 };
    case "never":
      losses.add(field, "Sent as an effort of low: this model always reasons.");
      return { effort: "low", roomTokens: budgets.low };
  }
}

/** Where nothing of reasoning is asked, or it cannot be had. */
function unasked(request: ChatRequest, context: ThinkingContext): ClaudeThinkingPlan {
  const { turnedOffBy } = context.traits;
  if (turnedOffBy === "silence") return without;
  if (turnedOffBy !== "never" && context.demandEndsThinking === true && demandsTool(request, context)) {
    return { thinking: { type: turnedOffBy }, roomTokens: 0 };
  }
  // Such a model reasons with the effort that it has unasked, most of them with high.
  return { roomTokens: budgets.high };
}

const demandsTool = ({ toolChoice }: ChatRequest, { traits }: ThinkingContext): boolean =>
  traits.demandedTools && (toolChoice?.type === "required" || toolChoice?.type === "tool");

/** Why the request would be refused with reasoning. */
function obstacleTo(request: ChatRequest, context: ThinkingContext): string | undefined {
  const { traits, isUnproven, demandEndsThinking } = context;
  if (traits.thinking === "none") return "this model does not reason.";
  const hasBudget =
    traits.thinking === "budget" ||
    (traits.thinking === "either" && (request.reasoning?.budgetTokens ?? 0) > 0);
  if ((hasBudget || demandEndsThinking === true) && demandsTool(request, context)) {
    return "Claude does not reason when a tool call is demanded.";
  }
  return hasBudget && isUnproven
    ? "Claude goes on reasoning only where the assistant's turn begins with signed reasoning."
    : undefined;
}

function byEffort(
  effort: Exclude<ReasoningEffort, "none"> | undefined,
  budgetTokens: number,
  { traits, losses }: ThinkingContext,
): ClaudeThinkingPlan {
  if (budgetTokens > 0) {
    losses.add("reasoning.budgetTokens", "Dropped: this model decides itself how much it reasons.");
  }
  const level = effort === undefined ? undefined : levelOf(effort, traits);
  if (level !== effort) losses.add("reasoning.effort", `Sent as ${level}: this model has no such effort.`);
  return {
    // Newer models leave the text of their reasoning out unless asked.
    thinking: { type: "adaptive", display: "summarized" },
    effort: level,
    roomTokens: budgets[level ?? "medium"],
  };
}

function levelOf(
  effort: Exclude<ReasoningEffort, "none">,
  { xhighEffort }: Pick<ClaudeTraits, "xhighEffort">,
): ClaudeEffort {
  if (effort === "minimal") return "low";
  return effort === "xhigh" && !xhighEffort ? "high" : effort;
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

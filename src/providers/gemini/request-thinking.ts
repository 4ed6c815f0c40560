// The wish for reasoning as `thinkingConfig`. Source: ai.google.dev/gemini-api/docs/thinking

import type { ReasoningEffort, ReasoningWish } from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import type { ModelTraits, ThinkingLevel } from "./model-traits.ts";
import type { ThinkingConfig } from "./wire.ts";

interface ThinkingContext {
  readonly traits: ModelTraits;
  readonly losses: LossList;
}

const budgets = {
  minimal: 512,
  low: 1024,
  medium: 8192,
  high: 24_576,
  xhigh: 32_768,
} as const satisfies Record<Exclude<ReasoningEffort, "none">, number>;

export function thinkingOf(
  { effort, budgetTokens }: ReasoningWish,
  context: ThinkingContext,
): ThinkingConfig | undefined {
  const { traits, losses } = context;
  if (effort === undefined && budgetTokens === undefined) return undefined;
  if (effort === "none" && budgetTokens !== undefined && budgetTokens > 0) {
    losses.add("reasoning.budgetTokens", "Dropped: the effort is none.");
  }
  const isOff = effort === "none" || (effort === undefined && budgetTokens === 0);
  if (traits.thinking === "none") {
    if (!isOff) losses.add("reasoning", "Dropped: this model does not reason.");
    return undefined;
  }
  if (isOff) return withoutThinking(effort === undefined ? "budgetTokens" : "effort", context);
  if (effort !== undefined && budgetTokens === 0) {
    losses.add("reasoning.budgetTokens", "Dropped: the effort asks for reasoning.");
    return thinkingOf({ effort }, context);
  }
  if (traits.thinking === "budget") return byBudget({ effort, budgetTokens }, context);
  if (effort === undefined) {
    return traits.thinking === "either"
      ? byBudget({ budgetTokens }, context)
      : { thinkingLevel: levelFor(budgetTokens ?? 0, context), includeThoughts: true };
  }
  if (budgetTokens !== undefined) {
    losses.add("reasoning.budgetTokens", "Dropped: this model takes the effort.");
  }
  return { thinkingLevel: levelOf(effort, context), includeThoughts: true };
}

function withoutThinking(
  member: "effort" | "budgetTokens",
  { traits, losses }: ThinkingContext,
): ThinkingConfig {
  if (traits.canStopThinking) return { thinkingBudget: 0 };
  const least: ThinkingConfig =
    traits.thinking !== "budget"
      ? { thinkingLevel: traits.levels[0] ?? "low" }
      : { thinkingBudget: traits.budget.least };
  const sent = least.thinkingLevel ?? `a budget of ${traits.budget.least}`;
  losses.add(`reasoning.${member}`, `Sent as ${sent}: this model always reasons.`);
  return least;
}

const order = ["minimal", "low", "medium", "high"] as const;

function levelOf(
  effort: Exclude<ReasoningEffort, "none">,
  { traits, losses }: ThinkingContext,
): ThinkingLevel {
  const level = nearest(effort === "xhigh" ? "high" : effort, traits);
  if (level !== effort) losses.add("reasoning.effort", `Sent as ${level}: this model has no such level.`);
  return level;
}

/** The same level, or the next one above that the model has. */
const nearest = (wished: ThinkingLevel, { levels }: ModelTraits): ThinkingLevel =>
  levels.find((level) => order.indexOf(level) >= order.indexOf(wished)) ?? "high";

function levelFor(budgetTokens: number, { traits, losses }: ThinkingContext): ThinkingLevel {
  const wished = order.find((level) => budgetTokens <= budgets[level]) ?? "high";
  const level = nearest(wished, traits);
  losses.add("reasoning.budgetTokens", `Sent as the level ${level}: this model takes no budget.`);
  return level;
}

function byBudget(
  { effort, budgetTokens = 0 }: ReasoningWish,
  { traits, losses }: ThinkingContext,
): ThinkingConfig {
  const isBudget = budgetTokens > 0 || effort === undefined || effort === "none";
  if (isBudget && effort !== undefined) {
    losses.add("reasoning.effort", "Dropped: the budget says it more exactly.");
  }
  const { least, most } = traits.budget;
  const wished = isBudget ? budgetTokens : budgets[effort];
  const thinkingBudget = Math.min(Math.max(wished, least), most);
  if (thinkingBudget !== wished) {
    losses.add(
      isBudget ? "reasoning.budgetTokens" : "reasoning.effort",
      `Sent as a budget of ${thinkingBudget}: this model takes from ${least} to ${most}.`,
    );
  }
  return { thinkingBudget, includeThoughts: true };
}

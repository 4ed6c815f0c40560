// The choice among tools, as far as Claude takes it, for every party that serves it.

import type { ToolChoice } from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import type { ClaudeTraits } from "./traits.ts";

export interface ToolChoiceContext {
  readonly traits: Pick<ClaudeTraits, "demandedTools">;
  readonly losses: LossList;
}

export function claudeToolChoice(
  choice: ToolChoice | undefined,
  { traits, losses }: ToolChoiceContext,
): ToolChoice | undefined {
  if (traits.demandedTools || (choice?.type !== "required" && choice?.type !== "tool")) return choice;
  losses.add("toolChoice", "Sent as auto: this model refuses to have a tool call demanded of it.");
  return { type: "auto" };
}

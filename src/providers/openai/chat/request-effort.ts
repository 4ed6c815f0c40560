// The wish for reasoning, in the member's words.

import type { ChatRequest, ReasoningEffort } from "../../../core/chat/request.ts";
import type { LossList } from "../../loss-list.ts";
import { effortNames, nearestEffort } from "../nearest-effort.ts";
import type { FamilyMember } from "./family-member.ts";
import type { ReasoningFields } from "./wire.ts";

interface Context {
  readonly member: FamilyMember;
  readonly losses: LossList;
}

export function reasoningWishOf({ reasoning }: ChatRequest, { member, losses }: Context): ReasoningFields {
  const { effort, budgetTokens } = reasoning ?? {};
  const { budget } = member.reasoningWishes;
  if (budgetTokens !== undefined) {
    if (budget === undefined) {
      losses.add("reasoning.budgetTokens", `It was left out: ${member.name} takes an effort, not a budget.`);
    } else {
      if (effort !== undefined) {
        const detail = `It was left out: ${member.name} takes an effort or a budget, not both.`;
        losses.add("reasoning.effort", detail);
      }
      return budget(budgetTokens);
    }
  }
  return effort === undefined ? {} : effortOf(effort, { member, losses });
}

function effortOf(effort: ReasoningEffort, { member, losses }: Context): ReasoningFields {
  const { efforts } = member.reasoningWishes;
  const known = efforts[effort];
  if (known !== undefined) return known;
  const nearest = nearestEffort(
    effort,
    effortNames.filter((name) => efforts[name] !== undefined),
  );
  if (nearest === undefined) {
    losses.add("reasoning.effort", `It was left out: ${member.name} has no such setting.`);
    return {};
  }
  losses.add("reasoning.effort", `It was sent as ${nearest}: ${member.name} knows no ${effort}.`);
  return efforts[nearest] ?? {};
}

// How a call's strategy came to the order in which targets were tried.

import type { RoutingChoice as RoutingChoiceShape } from "../../../core/usage/ledger.ts";
import { builder } from "../builder.ts";
import { RouteStrategyEnum } from "./route.ts";

const RoutingCandidate = builder
  .objectRef<RoutingChoiceShape["candidates"][number]>("RoutingCandidate")
  .implement({
    description: "A target that could have been asked. Of score, latency and cost lower is better.",
    fields: (t) => ({
      provider: t.exposeString("provider"),
      model: t.exposeString("model"),
      score: t.exposeFloat("score", { description: "0 to 1: what it was ordered by." }),
      latency: t.exposeFloat("latency", { description: "0 to 1: its expected time by the longest." }),
      cost: t.exposeFloat("cost", { description: "0 to 1: its expected cost by the highest." }),
      expectedMs: t.exposeFloat("expectedMs", {
        nullable: true,
        description: "To the last token of an answer of this call's size. Null: not known.",
      }),
      expectedNanos: t.exposeFloat("expectedNanos", {
        nullable: true,
        description: "What the call may cost there. Null: not known.",
      }),
    }),
  });

export const RoutingChoice = builder.objectRef<RoutingChoiceShape>("RoutingChoice").implement({
  description: "How a strategy that measures came to its order.",
  fields: (t) => ({
    strategy: t.expose("strategy", { type: RouteStrategyEnum }),
    explored: t.exposeBoolean("explored", {
      description: "Whether a target that is little known was put first to learn of it.",
    }),
    candidates: t.expose("candidates", {
      type: [RoutingCandidate],
      description: "In the order in which they were to be tried.",
    }),
  }),
});

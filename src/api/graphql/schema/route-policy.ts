// What a route does with slow targets and broken streams.

import type { HedgePolicy, MidStreamPolicy, RoutePolicy } from "../../../core/snapshot.ts";
import { builder } from "../builder.ts";
import { percentOf } from "../percent-of.ts";

export const StreamBreakEnum = builder.enumType("StreamBreakPolicy", {
  description: "What becomes of a stream that breaks after its first content.",
  values: {
    FAIL: { value: "fail", description: "It ends with an error after the partial answer." },
    RESTART: { value: "restart", description: "A seam, then another target's answer from the start." },
    CONTINUE: { value: "continue", description: "A seam, then another target goes on from the text so far." },
  } satisfies Record<Uppercase<MidStreamPolicy>, { value: MidStreamPolicy; description: string }>,
});

export const SmartWeights = builder.objectRef<RoutePolicy["smartWeights"]>("SmartWeights").implement({
  description: "What time and cost weigh against each other under SMART, as parts of their sum.",
  fields: (t) => ({ latency: t.exposeFloat("latency"), cost: t.exposeFloat("cost") }),
});

export const HedgeSettings = builder.objectRef<HedgePolicy>("HedgeSettings").implement({
  description: "When a second target is started beside a slow one.",
  fields: (t) => ({
    afterMs: t.int({
      nullable: true,
      description: "Null: when 95 of 100 earlier attempts at the first target had committed.",
      resolve: ({ after }) => (after === "p95" ? null : after.ms),
    }),
    maxSharePercent: t.float({
      description: "Hedged calls of all calls of the route, at most.",
      resolve: ({ maxShare }) => percentOf(maxShare),
    }),
    maxCostNanos: t.expose("maxCostNanos", {
      type: "Nanos",
      nullable: true,
      description: "What the second attempt may be expected to cost. Null: no limit.",
    }),
  }),
});

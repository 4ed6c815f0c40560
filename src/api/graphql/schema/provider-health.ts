// How a provider and its targets are now, on this node.

import type { BreakerState } from "../../../core/routing/targets/circuit-breaker.ts";
import type { TargetHealth } from "../../../core/routing/targets/provider-health.ts";
import type { LastError } from "../../../core/routing/targets/provider-state.ts";
import { builder } from "../builder.ts";

export const BreakerStateEnum = builder.enumType("BreakerState", {
  description: "Whether a target or a provider is asked.",
  values: {
    CLOSED: { value: "closed", description: "It is." },
    OPEN: { value: "open", description: "It has failed again and again, and is left alone for a while." },
    HALF_OPEN: { value: "half_open", description: "One attempt may find out whether it is well again." },
  } satisfies Record<Uppercase<BreakerState>, { value: BreakerState; description: string }>,
});

export const LastErrorObject = builder.objectRef<LastError>("LastError").implement({
  description: "What went wrong last.",
  fields: (t) => ({
    at: t.field({ type: "DateTime", resolve: ({ atMs }) => atMs }),
    failure: t.exposeString("failure", { description: "The class of the failure." }),
    message: t.exposeString("message", {
      nullable: true,
      description:
        "In the vendor's words where it had some. Null for callers with a key: others' calls may be told in it.",
    }),
  }),
});

export const TargetHealthObject = builder.objectRef<TargetHealth>("TargetHealth").implement({
  description: "How one of a provider's models is.",
  fields: (t) => ({
    model: t.exposeString("model"),
    state: t.expose("state", { type: BreakerStateEnum }),
    score: t.exposeFloat("score", {
      description: "A decaying share of attempts that did not fail, 0 to 1.",
    }),
    inFlight: t.exposeInt("inFlight", { description: "Attempts under way." }),
    p95Ms: t.exposeFloat("p95Ms", {
      nullable: true,
      description:
        "When 95 of 100 streams had given their first token, or whole answers had come. Null: not known.",
    }),
    lastError: t.expose("lastError", { type: LastErrorObject, nullable: true }),
  }),
});

import type * as core from "../../../core/usage/ledger.ts";
import { builder } from "../builder.ts";
import { ModelPrice } from "./model.ts";
import { RoutingChoice } from "./routing-choice.ts";
import { TokenUsage } from "./usage.ts";

const AttemptReasonEnum = builder.enumType("AttemptReason", {
  description: "Why an attempt was made.",
  values: {
    PRIMARY: { value: "primary", description: "The first of its call." },
    RETRY: { value: "retry", description: "The same target again." },
    FALLBACK: { value: "fallback", description: "The next target, after the one before had failed." },
    HEDGE: { value: "hedge", description: "Beside a slow one." },
    CONTINUE: { value: "continue", description: "Went on with a stream that had broken off." },
    RESTART: { value: "restart", description: "Began a stream again that had broken off." },
    SEMANTIC: {
      value: "semantic",
      description:
        "For the vector of a question, to find an answer of the same meaning: no try at answering.",
    },
    PROBE: { value: "probe", description: "To see whether a target has recovered." },
  } satisfies Record<Uppercase<core.AttemptReason>, { value: core.AttemptReason; description: string }>,
});

const AttemptStatusEnum = builder.enumType("AttemptStatus", {
  description: "How an attempt ended.",
  values: {
    OK: { value: "ok", description: "With a whole answer." },
    FAILED: { value: "failed", description: "With a failure of the provider's." },
    CANCELLED: { value: "cancelled", description: "Before its time, by the gateway or the caller." },
    SKIPPED: { value: "skipped", description: "It was never sent." },
  } satisfies Record<Uppercase<core.AttemptStatus>, { value: core.AttemptStatus; description: string }>,
});

const SkipCauseEnum = builder.enumType("SkipCause", {
  description: "Why a target was passed over.",
  values: {
    BREAKER_OPEN: { value: "breaker_open", description: "It had failed too often of late." },
    RATE_LIMITED: { value: "rate_limited", description: "It had asked to be left alone for a while." },
    AT_CAPACITY: { value: "at_capacity", description: "It was asked by as many calls as it may be." },
    DRAINING: { value: "draining", description: "It takes no new attempts." },
    CANNOT_CONTINUE: {
      value: "cannot_continue",
      description: "It cannot go on with an answer of another's.",
    },
  } satisfies Record<Uppercase<core.SkipCause>, { value: core.SkipCause; description: string }>,
});

export const AttemptRecord = builder.objectRef<core.AttemptRecord>("AttemptRecord").implement({
  description: "One try of a call at one target.",
  fields: (t) => ({
    id: t.exposeID("id"),
    number: t.exposeInt("number", { description: "From 1, in the order in which they began." }),
    reason: t.expose("reason", { type: AttemptReasonEnum }),
    provider: t.exposeString("provider"),
    kind: t.exposeString("kind", { description: "Which adapter spoke to it." }),
    model: t.exposeString("model", { description: "The model that was asked for." }),
    modelServed: t.exposeString("modelServed", {
      nullable: true,
      description: "The vendor's own name of what answered.",
    }),
    status: t.expose("status", { type: AttemptStatusEnum }),
    skipCause: t.expose("skipCause", {
      type: SkipCauseEnum,
      nullable: true,
      description: "Present where it was skipped.",
    }),
    choice: t.expose("choice", {
      type: RoutingChoice,
      nullable: true,
      description: "On a call's first attempt, where the route's strategy measures.",
    }),
    failure: t.exposeString("failure", { nullable: true, description: "The class of its failure." }),
    errorMessage: t.exposeString("errorMessage", {
      nullable: true,
      description: "What a provider said is kept where bodies are.",
    }),
    startedAt: t.expose("startedAtMs", { type: "DateTime" }),
    timeToFirstTokenMs: t.exposeFloat("timeToFirstTokenMs", { nullable: true }),
    latencyMs: t.exposeFloat("latencyMs"),
    httpStatus: t.exposeInt("httpStatus", { nullable: true }),
    upstreamRequestId: t.exposeString("upstreamRequestId", {
      nullable: true,
      description: "The vendor's id of the request, for its support.",
    }),
    credentialId: t.exposeString("credentialId", {
      nullable: true,
      description: "Which of the provider's credentials was used: a name.",
    }),
    usage: t.expose("usage", { type: TokenUsage, nullable: true }),
    costNanos: t.expose("costNanos", {
      type: "Nanos",
      nullable: true,
      description: "Null: its price or its usage is not known.",
    }),
    priceVersion: t.exposeString("priceVersion", {
      nullable: true,
      description: "What it was priced by: a price list's entry, or one of the configuration.",
    }),
    price: t.expose("price", {
      type: ModelPrice,
      nullable: true,
      description: "The prices that the version stands for. Null: there was none, or it is no longer kept.",
    }),
  }),
});

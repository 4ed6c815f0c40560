// What is asked of a target at most, and when it is left alone.

import type { BreakerPolicy, ProbePolicy, TargetPolicy } from "../../../core/snapshot.ts";
import { builder } from "../builder.ts";
import { percentOf } from "../percent-of.ts";

const BreakerErrorRate = builder
  .objectRef<NonNullable<BreakerPolicy["errorRate"]>>("BreakerErrorRate")
  .implement({
    description: "Failed ÷ ended attempts of a sliding window.",
    fields: (t) => ({
      percent: t.float({ description: "Opens the breaker.", resolve: ({ share }) => percentOf(share) }),
      windowSeconds: t.float({ resolve: ({ windowMs }) => windowMs / 1_000 }),
      minAttempts: t.exposeInt("minAttempts", { description: "With fewer in the window it says nothing." }),
    }),
  });

export const BreakerSettings = builder.objectRef<BreakerPolicy>("BreakerSettings").implement({
  description: "When a target that fails is left alone, and for how long.",
  fields: (t) => ({
    failureThreshold: t.exposeInt("failureThreshold", { description: "Failures in a row that open it." }),
    resetTimeoutSeconds: t.float({
      description: "How long it stays open before one attempt may probe.",
      resolve: ({ resetTimeoutMs }) => resetTimeoutMs / 1_000,
    }),
    errorRate: t.expose("errorRate", {
      type: BreakerErrorRate,
      nullable: true,
      description: "Null: only failures in a row open it.",
    }),
  }),
});

export const TimeoutSettings = builder.objectRef<TargetPolicy>("TimeoutSettings").implement({
  description: "How long a target is waited for.",
  fields: (t) => ({
    firstTokenMs: t.exposeInt("firstTokenMs", {
      description: "From an attempt's beginning to the first content of its stream.",
    }),
    betweenTokensMs: t.exposeInt("betweenTokensMs", { description: "Between two events of a stream." }),
    wholeAnswerMs: t.exposeInt("wholeAnswerMs", {
      description: "From an attempt's beginning to the end of an answer that is not streamed.",
    }),
  }),
});

export const ProbeSettings = builder.objectRef<ProbePolicy>("ProbeSettings").implement({
  description: "How a provider is asked for its list of models, to know that it can be reached.",
  fields: (t) => ({
    intervalSeconds: t.float({ resolve: ({ intervalMs }) => intervalMs / 1_000 }),
    timeoutMs: t.exposeInt("timeoutMs"),
  }),
});

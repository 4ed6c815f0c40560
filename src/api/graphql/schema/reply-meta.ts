// What every answer tells of its call.

import type {
  CacheStatus,
  Degraded,
  Loss as LossShape,
  ReplyMeta as ReplyMetaShape,
} from "../../../core/reply.ts";
import { builder } from "../builder.ts";

export const CacheStatusEnum = builder.enumType("CacheStatus", {
  description: "Whether an answer came from the cache.",
  values: {
    HIT: { value: "hit", description: "An equal call had been answered." },
    SEMANTIC: { value: "semantic", description: "A call of the same meaning had been answered." },
    MISS: { value: "miss", description: "Looked up and not found." },
    BYPASS: { value: "bypass", description: "Not looked up." },
    STALE: { value: "stale", description: "Older than allowed, given because no provider could answer." },
  } satisfies Record<Uppercase<CacheStatus>, { value: CacheStatus; description: string }>,
});

const DegradedEnum = builder.enumType("Degraded", {
  description: "What stands in for an answer that no provider could give.",
  values: {
    STALE_ANSWER: { value: "stale_answer", description: "A kept answer past its time." },
    FALLBACK_MESSAGE: { value: "fallback_message", description: "The route's fixed text." },
  } satisfies Record<Uppercase<Degraded>, { value: Degraded; description: string }>,
});

export const Loss = builder.objectRef<LossShape>("Loss").implement({
  description: "Something of the request that was dropped or changed for the provider.",
  fields: (t) => ({
    field: t.exposeString("field", { description: "The request's field, as `sampling.topK`." }),
    detail: t.exposeString("detail", { description: "What was done, and why." }),
  }),
});

export const ReplyMeta = builder.objectRef<ReplyMetaShape>("ReplyMeta").implement({
  description: "What is known of a call: in `Started` what is known then, in `Finished` all of it.",
  fields: (t) => ({
    requestId: t.exposeID("requestId", { description: "The gateway's id of the call." }),
    correlationId: t.exposeString("correlationId", {
      nullable: true,
      description: "The caller's x-request-id, as sent.",
    }),
    provider: t.exposeString("provider", {
      nullable: true,
      description: "Who answers: a configured provider's name.",
    }),
    model: t.exposeString("model", {
      nullable: true,
      description: "The model that was asked of the provider.",
    }),
    modelServed: t.exposeString("modelServed", {
      nullable: true,
      description: "The vendor's own name of what answers.",
    }),
    route: t.exposeString("route", {
      nullable: true,
      description: "The route that was taken; null when the caller named a model.",
    }),
    attempts: t.exposeInt("attempts", { description: "How many attempts were begun." }),
    cacheStatus: t.expose("cacheStatus", { type: CacheStatusEnum }),
    latencyMs: t.exposeFloat("latencyMs", {
      nullable: true,
      description: "From the call's arrival to its end.",
    }),
    costNanos: t.expose("costNanos", {
      type: "Nanos",
      nullable: true,
      description: "Null: not known yet, or a price or a usage is missing.",
    }),
    losses: t.expose("losses", {
      type: [Loss],
      description: "What could not be carried over to the provider.",
    }),
    degraded: t.expose("degraded", {
      type: DegradedEnum,
      nullable: true,
      description: "Every provider failed, and this stands in for the answer. Null: it is the answer itself.",
    }),
  }),
});

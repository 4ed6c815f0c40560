// What a route does with slow targets and broken streams.

import type { CacheMode, RouteCachePolicy } from "../../../core/cache/cache-policy.ts";
import type { SemanticMode, SemanticPolicy } from "../../../core/cache/semantic/semantic-policy.ts";
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

export const RouteCacheModeEnum = builder.enumType("RouteCacheMode", {
  description: "Whose answers are cached.",
  values: {
    DETERMINISTIC: {
      value: "deterministic",
      description:
        "Of calls whose request fixes the answer as far as a model can: temperature 0, embeddings.",
    },
    ALL: { value: "all", description: "Of all calls." },
    OFF: { value: "off", description: "Of none." },
  } satisfies Record<Uppercase<CacheMode>, { value: CacheMode; description: string }>,
});

export const SemanticCacheModeEnum = builder.enumType("SemanticCacheMode", {
  description: "What becomes of a kept answer to a question of the same meaning.",
  values: {
    SHADOW: {
      value: "shadow",
      description: "It is only counted, and compared with the answer that is given.",
    },
    SERVE: { value: "serve", description: "It is given." },
  } satisfies Record<Uppercase<SemanticMode>, { value: SemanticMode; description: string }>,
});

const SemanticEmbedding = builder.objectRef<SemanticPolicy["embedding"]>("SemanticEmbedding").implement({
  description: "Whose vectors tell how near two questions are.",
  fields: (t) => ({ provider: t.exposeString("provider"), model: t.exposeString("model") }),
});

const SemanticCacheSettings = builder.objectRef<SemanticPolicy>("SemanticCacheSettings").implement({
  description: "When an answer serves other questions of the same meaning.",
  fields: (t) => ({
    embedding: t.expose("embedding", { type: SemanticEmbedding }),
    threshold: t.exposeFloat("threshold", { description: "How near a question must be: 0.5 to 1." }),
    mode: t.expose("mode", { type: SemanticCacheModeEnum }),
    ttlSeconds: t.exposeInt("ttlSeconds", {
      nullable: true,
      description: "Null: as long as the answer serves its own question.",
    }),
  }),
});

export const RouteCacheSettings = builder.objectRef<RouteCachePolicy>("RouteCacheSettings").implement({
  description: "How long answers are cached, and whose.",
  fields: (t) => ({
    mode: t.expose("mode", {
      type: RouteCacheModeEnum,
      nullable: true,
      description: "Null: the gateway's own.",
    }),
    ttlSeconds: t.exposeInt("ttlSeconds", {
      nullable: true,
      description: "0: not at all. Null: the tenant's or the gateway's.",
    }),
    staleIfErrorSeconds: t.exposeInt("staleIfErrorSeconds", {
      nullable: true,
      description:
        "How long past its time an answer may serve where every provider failed. Null: not at all.",
    }),
    semantic: t.expose("semantic", {
      type: SemanticCacheSettings,
      nullable: true,
      description: "Null: an answer serves the question that it was given to alone.",
    }),
  }),
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

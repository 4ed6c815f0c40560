// A route as a change says it: an entry of the configuration file, key for key.

import { builder } from "../builder.ts";
import type { InputFields } from "./field-builders.ts";
import { BreakerInput, TargetTimeoutsInput } from "./policy-input.ts";
import { RouteStrategyEnum } from "./route.ts";
import { RouteCacheModeEnum, SemanticCacheModeEnum, StreamBreakEnum } from "./route-policy.ts";

const TargetInput = builder.inputType("TargetInput", {
  description: "One provider and one model.",
  fields: (t) => ({
    provider: t.string({ required: true, description: "A configured provider's name." }),
    model: t.string({ required: true, description: "The vendor's name of the model." }),
    priority: t.int({ description: "Higher is tried first. Absent: the provider's." }),
    api: t.string({ description: "Which of its vendor's APIs is asked. Absent: the provider's own choice." }),
    vectorSpace: t.string({ description: "Targets of one name give vectors that can be compared." }),
    weight: t.float({ description: "Its share under WEIGHTED; usually 1." }),
    retries: t.int({
      description:
        "How often it is tried again: 0 to 10. Absent: twice where it is the first of its call, once as a fallback.",
    }),
    breaker: t.field({ type: BreakerInput, description: "Absent: the provider's." }),
    timeouts: t.field({ type: TargetTimeoutsInput, description: "Absent: the provider's." }),
    maxConcurrent: t.int({ description: "Attempts at a time. Absent: the provider's." }),
    test: t.boolean({ description: "Whether keys for tests may use it. Absent: as the provider says." }),
  }),
});

const SmartWeightsInput = builder.inputType("SmartWeightsInput", {
  description: "What time and cost weigh against each other under SMART.",
  fields: (t) => ({ latency: t.float({ required: true }), cost: t.float({ required: true }) }),
});

const HedgeInput = builder.inputType("HedgeInput", {
  description: "When a second target is started beside a slow one.",
  fields: (t) => ({
    afterMs: t.int({
      description: "Absent: when 95 of 100 earlier attempts at the first target had committed.",
    }),
    maxSharePercent: t.float({ description: "Hedged calls of all calls of the route, at most; usually 5." }),
    maxCostDollars: t.float({ description: "What the second attempt may be expected to cost." }),
  }),
});

const SemanticEmbeddingInput = builder.inputType("SemanticEmbeddingInput", {
  description: "Whose vectors tell how near two questions are.",
  fields: (t) => ({
    provider: t.string({ required: true, description: "A configured provider's name." }),
    model: t.string({ required: true, description: "The vendor's name of the embedding model." }),
  }),
});

const SemanticCacheInput = builder.inputType("SemanticCacheInput", {
  description: "When an answer serves other questions of the same meaning.",
  fields: (t) => ({
    embedding: t.field({ type: SemanticEmbeddingInput, required: true }),
    threshold: t.float({ description: "How near a question must be: 0.5 to 1; usually 0.95." }),
    mode: t.field({ type: SemanticCacheModeEnum, description: "Usually SHADOW." }),
    ttlSeconds: t.int({
      description: "1 to 2592000. Absent: as long as the answer serves its own question.",
    }),
  }),
});

const RouteCacheInput = builder.inputType("RouteCacheInput", {
  description: "How long answers are cached, and whose. It replaces what was said before.",
  fields: (t) => ({
    mode: t.field({ type: RouteCacheModeEnum, description: "Absent: the gateway's own." }),
    ttlSeconds: t.int({ description: "0 to 2592000; 0: not at all. Absent: the tenant's or the gateway's." }),
    staleIfErrorSeconds: t.int({
      description:
        "How long past its time an answer may serve where every provider failed: 1 to 2592000. Absent: not at all.",
    }),
    semantic: t.field({
      type: SemanticCacheInput,
      description: "Absent: an answer serves the question that it was given to alone.",
    }),
  }),
});

const choosing = (t: InputFields) => ({
  strategy: t.field({ type: RouteStrategyEnum, description: "Usually PRIORITY." }),
  smartWeights: t.field({ type: SmartWeightsInput }),
  onStreamBreak: t.field({ type: StreamBreakEnum, description: "Usually FAIL." }),
  maxRetryDelayMs: t.int({
    description: "While another target is ready, one that would be waited for longer is not tried again.",
  }),
  hedge: t.field({ type: HedgeInput }),
  cache: t.field({ type: RouteCacheInput }),
  fallbackMessage: t.string({
    description: "Given as the answer where every provider failed: 1 to 16384 characters. Absent: the error.",
  }),
});

export const AddRouteInput = builder.inputType("AddRouteInput", {
  description: "A new route, as an entry of the configuration file says it.",
  fields: (t) => ({
    name: t.string({ required: true, description: "What callers name in `model`." }),
    targets: t.field({
      type: [TargetInput],
      description: "1 to 100. Only the route `default` may leave them to the providers that there are.",
    }),
    ...choosing(t),
  }),
});

export const UpdateRouteInput = builder.inputType("UpdateRouteInput", {
  description: "What is to be changed: absent is as it was, null is the default again.",
  fields: (t) => ({
    targets: t.field({
      type: [TargetInput],
      description:
        "All of them. Of the route `default`, null: they follow from the providers that there are.",
    }),
    ...choosing(t),
  }),
});

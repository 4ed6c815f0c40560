import type { RouteView, TargetView } from "../../../core/settings-views.ts";
import { builder } from "../builder.ts";
import { ConfigurationSourceEnum } from "./provider.ts";
import { HedgeSettings, RouteCacheSettings, SmartWeights, StreamBreakEnum } from "./route-policy.ts";
import { BreakerSettings, TimeoutSettings } from "./target-policy.ts";

export const RouteStrategyEnum = builder.enumType("RouteStrategy", {
  description: "How a route chooses among its targets.",
  values: {
    PRIORITY: { value: "priority", description: "In order of priority." },
    WEIGHTED: { value: "weighted", description: "By chance, in proportion to the targets' weights." },
    ROUND_ROBIN: { value: "round_robin", description: "Each target in its turn." },
    LEAST_LATENCY: { value: "least_latency", description: "The one that is expected to be done first." },
    LOWEST_COST: { value: "lowest_cost", description: "The one that is expected to cost least." },
    SMART: { value: "smart", description: "By a weighted score of expected time and cost." },
  } satisfies Record<Uppercase<RouteView["strategy"]>, { value: RouteView["strategy"]; description: string }>,
});

const Target = builder.objectRef<TargetView>("Target").implement({
  description: "One provider and one model.",
  fields: (t) => ({
    provider: t.exposeString("provider"),
    model: t.exposeString("model"),
    priority: t.exposeInt("priority", { description: "Higher is tried first." }),
    api: t.exposeString("api", {
      nullable: true,
      description: "Which of its vendor's APIs is asked; null: the provider's own choice.",
    }),
    vectorSpace: t.exposeString("vectorSpace", {
      nullable: true,
      description: "Targets of one name give vectors that can be compared.",
    }),
    weight: t.exposeFloat("weight", { description: "Its share under WEIGHTED." }),
    retries: t.exposeInt("retries", {
      nullable: true,
      description:
        "How often it is tried again. Null: twice where it is the first of its call, once as a fallback.",
    }),
    test: t.exposeBoolean("test", { description: "Whether keys for tests may use it." }),
    breaker: t.field({ type: BreakerSettings, resolve: ({ policy }) => policy.breaker }),
    timeouts: t.field({ type: TimeoutSettings, resolve: ({ policy }) => policy }),
    maxConcurrent: t.int({
      nullable: true,
      description: "Attempts at a time. Null: no limit.",
      resolve: ({ policy }) => policy.maxConcurrent ?? null,
    }),
  }),
});

export const Route = builder.objectRef<RouteView>("Route").implement({
  description: "A named list of targets.",
  fields: (t) => ({
    name: t.exposeString("name"),
    source: t.expose("source", { type: ConfigurationSourceEnum }),
    strategy: t.expose("strategy", { type: RouteStrategyEnum }),
    targets: t.expose("targets", {
      type: [Target],
      description: "By priority, the highest first: in this order the strategy PRIORITY tries them.",
    }),
    onStreamBreak: t.field({ type: StreamBreakEnum, resolve: ({ policy }) => policy.midStream }),
    maxRetryDelayMs: t.int({
      description: "While another target is ready, one that would be waited for longer is not tried again.",
      resolve: ({ policy }) => policy.maxRetryDelayMs,
    }),
    smartWeights: t.field({ type: SmartWeights, resolve: ({ policy }) => policy.smartWeights }),
    hedge: t.field({
      type: HedgeSettings,
      nullable: true,
      description: "Null: no second target is started beside a slow one.",
      resolve: ({ policy }) => policy.hedge,
    }),
    cache: t.field({
      type: RouteCacheSettings,
      nullable: true,
      description: "Null: as the tenant and the gateway say.",
      resolve: ({ policy }) => policy.cache,
    }),
    fallbackMessage: t.string({
      nullable: true,
      description: "Given as the answer where every provider failed. Null: the error.",
      resolve: ({ policy }) => policy.fallbackMessage,
    }),
    draining: t.exposeBoolean("draining", { description: "It takes no new calls." }),
    automatic: t.exposeBoolean("automatic", {
      description: "Its targets follow from the providers that there are.",
    }),
    version: t.exposeInt("version", {
      nullable: true,
      description: "Of a managed one: raised by each change. Given to a change, it has to be still the same.",
    }),
  }),
});

builder.queryField("routes", (t) =>
  t.field({
    type: [Route],
    authScopes: { permission: "routes:view" },
    description: "The configured routes.",
    resolve: (_, _args, { gateway, caller }) => gateway.settings.routes(caller.principal),
  }),
);

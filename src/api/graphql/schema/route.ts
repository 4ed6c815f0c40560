import type { RouteView } from "../../../core/settings.ts";
import { builder } from "../builder.ts";
import { ConfigurationSourceEnum } from "./provider.ts";

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

const Target = builder.objectRef<RouteView["targets"][number]>("Target").implement({
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
  }),
});

const Route = builder.objectRef<RouteView>("Route").implement({
  description: "A named list of targets.",
  fields: (t) => ({
    name: t.exposeString("name"),
    source: t.expose("source", { type: ConfigurationSourceEnum }),
    strategy: t.expose("strategy", { type: RouteStrategyEnum }),
    targets: t.expose("targets", { type: [Target], description: "In the order in which they are tried." }),
  }),
});

builder.queryField("routes", (t) =>
  t.field({
    type: [Route],
    description: "The configured routes.",
    resolve: (_, _args, { gateway, caller }) => gateway.settings.routes(caller.principal),
  }),
);

import type { ChangedProvider, Validation } from "../../../core/managed/settings-changes.ts";
import type { ConfigurationSource } from "../../../core/snapshot.ts";
import { builder } from "../builder.ts";
import { BreakerStateEnum, LastErrorObject, TargetHealthObject } from "./provider-health.ts";
import { BreakerSettings, ProbeSettings, TimeoutSettings } from "./target-policy.ts";

export const ConfigurationSourceEnum = builder.enumType("ConfigurationSource", {
  description: "Where a provider or a route comes from.",
  values: {
    ENVIRONMENT: { value: "environment", description: "The environment's variables." },
    FILE: { value: "file", description: "The configuration file." },
    DEFAULT: { value: "default", description: "Nothing was configured: the gateway's own default." },
    LIBRARY: { value: "library", description: "The process that holds the gateway added it." },
    MANAGED: { value: "managed", description: "It was made at run time and is kept in the database." },
  } satisfies Record<Uppercase<ConfigurationSource>, { value: ConfigurationSource; description: string }>,
});

const ProviderValidation = builder.objectRef<Validation>("ProviderValidation").implement({
  description: "What a provider said that was asked before a change of it was kept.",
  fields: (t) => ({
    asked: t.exposeBoolean("asked", { description: "False: its kind has no list of models to ask for." }),
    message: t.exposeString("message"),
  }),
});

export const Provider = builder.objectRef<ChangedProvider>("Provider").implement({
  description: "A configured upstream.",
  fields: (t) => ({
    name: t.exposeString("name"),
    kind: t.exposeString("kind", { description: "Which adapter speaks to it." }),
    source: t.expose("source", { type: ConfigurationSourceEnum }),
    priority: t.exposeInt("priority", { description: "Higher is tried first." }),
    baseUrl: t.exposeString("baseUrl"),
    models: t.exposeStringList("models", {
      description: "Models that the configuration names for it, its default first.",
    }),
    keys: t.exposeInt("keys", {
      nullable: true,
      description: "How many keys share its calls. Null: it has one, or needs none.",
    }),
    breaker: t.field({
      type: BreakerSettings,
      description: "Of its targets, where they say nothing else.",
      resolve: ({ policy }) => policy.breaker,
    }),
    timeouts: t.field({
      type: TimeoutSettings,
      description: "Of its targets, where they say nothing else.",
      resolve: ({ policy }) => policy,
    }),
    connectMs: t.exposeInt("connectMs", {
      nullable: true,
      description: "How long a connection may take. Null: as long as its adapter waits.",
    }),
    maxConcurrent: t.int({
      nullable: true,
      description: "Attempts at a time at each of its targets. Null: no limit.",
      resolve: ({ policy }) => policy.maxConcurrent ?? null,
    }),
    probe: t.expose("probe", {
      type: ProbeSettings,
      nullable: true,
      description: "Null: it is not probed.",
    }),
    draining: t.exposeBoolean("draining", { description: "It takes no new attempts." }),
    test: t.exposeBoolean("test", {
      description: "Whether keys for tests may use its targets that do not say otherwise.",
    }),
    state: t.field({
      type: BreakerStateEnum,
      description: "Of failures that all its targets share, as a refused connection or key.",
      resolve: ({ health }) => health.state,
    }),
    score: t.float({
      description: "The mean of its targets'.",
      resolve: ({ health }) => health.score,
    }),
    inFlight: t.int({ description: "Attempts under way.", resolve: ({ health }) => health.inFlight }),
    lastError: t.field({
      type: LastErrorObject,
      nullable: true,
      resolve: ({ health }) => health.lastError,
    }),
    targets: t.field({
      type: [TargetHealthObject],
      description: "Those of routes, and its own default.",
      resolve: ({ health }) => health.targets,
    }),
    version: t.exposeInt("version", {
      nullable: true,
      description: "Of a managed one: raised by each change. Given to a change, it has to be still the same.",
    }),
    validation: t.expose("validation", {
      type: ProviderValidation,
      nullable: true,
      description: "Of a change with `validate`; null elsewhere.",
    }),
  }),
});

builder.queryField("providers", (t) =>
  t.field({
    type: [Provider],
    authScopes: { permission: "providers:view" },
    description: "The configured providers.",
    resolve: (_, _args, { gateway, caller }) => gateway.settings.providers(caller.principal),
  }),
);

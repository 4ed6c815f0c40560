import type { ProviderView } from "../../../core/settings.ts";
import type { ConfigurationSource } from "../../../core/snapshot.ts";
import { builder } from "../builder.ts";

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

const Provider = builder.objectRef<ProviderView>("Provider").implement({
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
  }),
});

builder.queryField("providers", (t) =>
  t.field({
    type: [Provider],
    description: "The configured providers.",
    resolve: (_, _args, { gateway, caller }) => gateway.settings.providers(caller.principal),
  }),
);

import type { ModelView } from "../../../core/settings.ts";
import { builder } from "../builder.ts";

const Model = builder.objectRef<ModelView>("Model").implement({
  description: "A name that `ChatInput.model` may hold.",
  fields: (t) => ({
    id: t.exposeID("id", { description: "A route's name, `auto`, or `provider/model`." }),
    provider: t.exposeString("provider", {
      nullable: true,
      description: "The provider's name; null for a route and for `auto`.",
    }),
    model: t.exposeString("model", {
      nullable: true,
      description: "The vendor's name of the model; null for a route and for `auto`.",
    }),
  }),
});

builder.queryField("models", (t) =>
  t.field({
    type: [Model],
    description: "The names that a call may ask for: routes first, then each provider's models.",
    resolve: (_, _args, { gateway, caller }) => gateway.settings.models(caller.principal),
  }),
);

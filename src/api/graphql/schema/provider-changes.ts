// The mutations that change providers.

import type { ProviderInput } from "../../../core/managed/settings-input.ts";
import { builder } from "../builder.ts";
import { present, toObject } from "../json-maps.ts";
import { Provider } from "./provider.ts";
import { AddProviderInput, UpdateProviderInput } from "./provider-input.ts";

const seenVersion = "The version that was read. Another one by now is refused as a conflict.";
const validating =
  "Asks the provider for its list of models first, and keeps nothing where it does not answer. Absent: nobody is asked.";

/** @throws GatewayError `invalid_request` for settings that are no object */
const toInput = <T extends typeof UpdateProviderInput.$inferInput>(
  input: T,
): Omit<T, "settings"> & Pick<ProviderInput, "settings"> => ({
  ...input,
  settings: present(input.settings) ? toObject("settings", input.settings) : input.settings,
});

builder.mutationField("addProvider", (t) =>
  t.field({
    type: Provider,
    authScopes: { permission: "providers:update" },
    description:
      "Makes a provider that is kept in the database. It serves at once as `name/model`, and joins the route " +
      "`default` where that is automatic.",
    args: {
      input: t.arg({ type: AddProviderInput, required: true }),
      validate: t.arg.boolean({ description: validating }),
    },
    resolve: (_, { input, validate }, { gateway, caller }) =>
      gateway.settings.addProvider(caller.principal, toInput(input), { validate: validate === true }),
  }),
);

builder.mutationField("updateProvider", (t) =>
  t.field({
    type: Provider,
    authScopes: { permission: "providers:update" },
    description: "Changes a managed provider. Calls under way end as they began.",
    args: {
      name: t.arg.string({ required: true }),
      input: t.arg({ type: UpdateProviderInput, required: true }),
      version: t.arg.int({ description: seenVersion }),
      validate: t.arg.boolean({ description: validating }),
    },
    resolve: (_, { name, input, version, validate }, { gateway, caller }) =>
      gateway.settings.updateProvider(
        caller.principal,
        { ...toInput(input), name },
        { version: version ?? undefined, validate: validate === true },
      ),
  }),
);

builder.mutationField("drainProvider", (t) =>
  t.field({
    type: Provider,
    authScopes: { permission: "providers:update" },
    description: "Lets a managed provider take no new attempts, or take them again.",
    args: {
      name: t.arg.string({ required: true }),
      draining: t.arg.boolean({ required: true, defaultValue: true }),
      version: t.arg.int({ description: seenVersion }),
    },
    resolve: (_, { name, draining, version }, { gateway, caller }) =>
      gateway.settings.drainProvider(caller.principal, { name, draining }, { version: version ?? undefined }),
  }),
);

builder.mutationField("removeProvider", (t) =>
  t.field({
    type: Provider,
    authScopes: { permission: "providers:update" },
    nullable: true,
    description:
      "Removes a managed provider that no route names. Gives what it was; null where it could not be served.",
    args: {
      name: t.arg.string({ required: true }),
      version: t.arg.int({ description: seenVersion }),
    },
    resolve: (_, { name, version }, { gateway, caller }) =>
      gateway.settings.removeProvider(caller.principal, name, { version: version ?? undefined }),
  }),
);

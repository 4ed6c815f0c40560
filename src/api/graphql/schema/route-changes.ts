// The mutations that change routes.

import type { RouteInput } from "../../../core/managed/settings-input.ts";
import { builder } from "../builder.ts";
import { present } from "../json-maps.ts";
import { Route } from "./route.ts";
import { AddRouteInput, UpdateRouteInput } from "./route-input.ts";

const seenVersion = "The version that was read. Another one by now is refused as a conflict.";

const toInput = <T extends typeof UpdateRouteInput.$inferInput>(
  input: T,
): Omit<T, "hedge"> & Pick<RouteInput, "hedge"> => ({
  ...input,
  hedge: present(input.hedge) ? { ...input.hedge, afterMs: input.hedge.afterMs ?? "p95" } : input.hedge,
});

builder.mutationField("addRoute", (t) =>
  t.field({
    type: Route,
    authScopes: { permission: "routes:update" },
    description: "Makes a route that is kept in the database.",
    args: { input: t.arg({ type: AddRouteInput, required: true }) },
    resolve: (_, { input }, { gateway, caller }) =>
      gateway.settings.addRoute(caller.principal, toInput(input)),
  }),
);

builder.mutationField("updateRoute", (t) =>
  t.field({
    type: Route,
    authScopes: { permission: "routes:update" },
    description:
      "Changes a managed route, or how the automatic route `default` chooses. Calls under way end as they began.",
    args: {
      name: t.arg.string({ required: true }),
      input: t.arg({ type: UpdateRouteInput, required: true }),
      version: t.arg.int({ description: seenVersion }),
    },
    resolve: (_, { name, input, version }, { gateway, caller }) =>
      gateway.settings.updateRoute(
        caller.principal,
        { ...toInput(input), name },
        { version: version ?? undefined },
      ),
  }),
);

builder.mutationField("drainRoute", (t) =>
  t.field({
    type: Route,
    authScopes: { permission: "routes:update" },
    description: "Lets a managed route, or the automatic one, take no new calls, or take them again.",
    args: {
      name: t.arg.string({ required: true }),
      draining: t.arg.boolean({ required: true, defaultValue: true }),
      version: t.arg.int({ description: seenVersion }),
    },
    resolve: (_, { name, draining, version }, { gateway, caller }) =>
      gateway.settings.drainRoute(caller.principal, { name, draining }, { version: version ?? undefined }),
  }),
);

builder.mutationField("removeRoute", (t) =>
  t.field({
    type: Route,
    authScopes: { permission: "routes:update" },
    nullable: true,
    description:
      "Removes a managed route; the route `default` is then automatic again. Gives what it was; null where it " +
      "could not be served.",
    args: {
      name: t.arg.string({ required: true }),
      version: t.arg.int({ description: seenVersion }),
    },
    resolve: (_, { name, version }, { gateway, caller }) =>
      gateway.settings.removeRoute(caller.principal, name, { version: version ?? undefined }),
  }),
);

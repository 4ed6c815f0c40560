// Changes of managed routes, planned: checked against what is stored, and nothing done yet.

import type { ConfigChange, StoredConfiguration, StoredRoute } from "../../core/managed/config-store.ts";
import type { ChangeOptions } from "../../core/managed/settings-changes.ts";
import type { RouteInput } from "../../core/managed/settings-input.ts";
import type { JsonObject } from "../../core/json.ts";
import { changedRoute } from "./changed-entry.ts";
import { assertFree, assertShort, assertVersion, managedRow, type PlanContext } from "./plan-context.ts";
import { checked, place } from "./refused-input.ts";
import { checkManagedRoute } from "./route-entry.ts";

export function planNewRoute(
  stored: StoredConfiguration,
  { name, ...input }: RouteInput & { readonly name: string },
  context: PlanContext,
): ConfigChange {
  // The route `default` that the gateway has made itself may be replaced by one's own.
  if (automaticDefault(stored, name, context) === undefined) {
    assertFree(stored, { what: "route", name, snapshot: context.snapshot() });
  }
  return planned({ name, draining: false, config: changedRoute({}, input) }, context);
}

export function planRouteUpdate(
  stored: StoredConfiguration,
  { name, version, ...input }: RouteInput & ChangeOptions & { readonly name: string },
  context: PlanContext,
): ConfigChange {
  const { config, draining } = routeToChange(stored, { name, version }, context);
  return planned({ name, draining, config: changedRoute(config, input) }, context);
}

export function planRouteDrain(
  stored: StoredConfiguration,
  { name, version, draining }: ChangeOptions & { readonly name: string; readonly draining: boolean },
  context: PlanContext,
): ConfigChange {
  const { config } = routeToChange(stored, { name, version }, context);
  return { type: "put_route", route: { name, draining, config } };
}

export function planRouteRemoval(
  stored: StoredConfiguration,
  { name, version }: ChangeOptions & { readonly name: string },
  context: PlanContext,
): ConfigChange {
  managedRow(stored, { what: "route", name, version, snapshot: context.snapshot() });
  return { type: "remove_route", name };
}

function routeToChange(
  stored: StoredConfiguration,
  { name, version }: ChangeOptions & { readonly name: string },
  context: PlanContext,
): StoredRoute {
  const automatic = automaticDefault(stored, name, context);
  if (automatic === undefined) {
    return managedRow(stored, { what: "route", name, version, snapshot: context.snapshot() });
  }
  assertVersion(version, undefined);
  return automatic;
}

/** The route `default` as the gateway makes it, while nothing is stored of it. */
function automaticDefault(
  { routes }: StoredConfiguration,
  name: string,
  { snapshot }: PlanContext,
): StoredRoute | undefined {
  if (name !== "default" || routes.some((route) => route.name === name)) return undefined;
  const found = snapshot().routes.get(name);
  return found?.automatic === true ? { name, config: {}, draining: false } : undefined;
}

function planned(
  route: { readonly name: string; readonly draining: boolean; readonly config: JsonObject },
  { kinds, snapshot, providers }: PlanContext,
): ConfigChange {
  const { name, config } = route;
  assertShort(config);
  checked(() =>
    checkManagedRoute({
      name,
      source: "managed",
      entry: config,
      place,
      providers: providers(),
      kinds,
      routes: [...snapshot().routes.keys()],
    }),
  );
  return { type: "put_route", route };
}

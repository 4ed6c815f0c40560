// Entries of managed routes.

import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { RouteConfiguration } from "../configuration.ts";
import { checkRoute, type RouteToCheck } from "../check-route.ts";

/** Whether its targets follow from the providers that there are. */
export const isAutomatic = (name: string, { targets }: JsonObject): boolean =>
  name === "default" && (targets === undefined || targets === null);

/** Names of the providers that a route's entry has for targets. */
export const providersNamed = (entry: JsonObject): readonly string[] =>
  targetsOf(entry).flatMap((target) => providerOf(target) ?? []);

/** The provider that gives the vectors of its questions. */
export function embedderNamed({ cache }: JsonObject): string | undefined {
  const semantic = isJsonObject(cache) ? cache["semantic"] : undefined;
  const embedding = isJsonObject(semantic) ? semantic["embedding"] : undefined;
  return isJsonObject(embedding) ? providerOf(embedding) : undefined;
}

/** The entry where targets at those providers say nothing that only who knows the provider can check. */
export const withStandIns = (entry: JsonObject, providers: ReadonlySet<string>): JsonObject =>
  providers.size === 0
    ? entry
    : {
        ...entry,
        targets: targetsOf(entry).map((target, i) => {
          const provider = providerOf(target);
          return provider !== undefined && providers.has(provider) ? { provider, model: `m${i}` } : target;
        }),
      };

const targetsOf = ({ targets }: JsonObject): readonly JsonValue[] => (isList(targets) ? targets : []);

const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);

function providerOf(target: JsonValue): string | undefined {
  const isEntry = typeof target === "object" && target !== null && "provider" in target;
  return isEntry && typeof target.provider === "string" ? target.provider : undefined;
}

const standIns = ["a", "b"];

/**
 * An automatic route has no targets of its own: all else is checked as if it had two.
 * @throws ConfigurationError
 */
export function checkManagedRoute(route: RouteToCheck & { readonly entry: JsonObject }): RouteConfiguration {
  if (!isAutomatic(route.name, route.entry)) return checkRoute(route);
  const checked = checkRoute({
    ...route,
    entry: { ...route.entry, targets: standIns.map((provider) => ({ provider, model: "m" })) },
    providers: standIns.map((name) => ({ name, kind: "" })),
    embedders: route.embedders ?? route.providers.map(({ name }) => name),
  });
  return { ...checked, targets: [] };
}

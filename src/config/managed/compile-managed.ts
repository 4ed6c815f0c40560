// From what is stored to what is in force: all that is declared, and of what is managed all that can be.

import type { KindDefaults } from "../../core/kind-defaults.ts";
import type {
  StoredConfiguration,
  StoredProvider,
  StoredRoute,
  Versioned,
} from "../../core/managed/config-store.ts";
import type { ConfiguredParts } from "../../core/snapshot-holder.ts";
import type { ConfiguredProvider, Route } from "../../core/snapshot.ts";
import { checkProvider } from "../check-provider.ts";
import type { RouteToCheck } from "../check-route.ts";
import {
  type Configuration,
  ConfigurationError,
  type ProviderConfiguration,
  type RouteConfiguration,
} from "../configuration.ts";
import { byKey, type KeyedProvider } from "../keyed-provider.ts";
import type { KeyRing } from "../secret/key-ring.ts";
import { openEntry } from "./entry-secrets.ts";
import {
  checkManagedRoute,
  embedderNamed,
  isAutomatic,
  providersNamed,
  withStandIns,
} from "./route-entry.ts";
import { LeftOut } from "./left-out.ts";
import { place } from "./refused-input.ts";

export interface ManagedParts {
  readonly declared: Configuration;
  readonly kinds: readonly KindDefaults[];
  readonly keys: KeyRing;
  /** May throw ConfigurationError for settings that its adapter does not take. */
  readonly makeAdapter: (provider: KeyedProvider) => unknown;
  readonly build: (configuration: Configuration) => ConfiguredParts;
  /** Whether the process that holds the gateway has added a provider of that name. */
  readonly isAdded: (name: string) => boolean;
}

export interface Compiled {
  /** Declared and managed ones. */
  readonly providers: readonly ProviderConfiguration[];
  readonly configured: ConfiguredParts;
  /** Why something is left out, by what it is. */
  readonly problems: ReadonlyMap<string, string>;
  /** Those of the problems that are names declared and managed. */
  readonly clashes: readonly string[];
}

export function compileManaged(stored: StoredConfiguration, parts: ManagedParts): Compiled {
  const { declared } = parts;
  const leftOut = new LeftOut(declared);
  const managed = stored.providers.flatMap(
    (row) => leftOut.read("provider", row.name, () => readProvider(row, parts)) ?? [],
  );
  const providers = [...declared.providers, ...managed];
  const names = [...declared.routes, ...stored.routes].map(({ name }) => name);
  const context: RouteContext = { providers, kinds: parts.kinds, routes: names, leftOut };
  const routes = stored.routes.flatMap(
    (row) => leftOut.read("route", row.name, () => ({ row, route: readRoute(row, context) })) ?? [],
  );
  const own = routes.filter(({ row }) => !isAutomatic(row.name, row.config)).map(({ route }) => route);
  const built = parts.build({ ...declared, providers, routes: [...declared.routes, ...own] });
  const { problems, clashes } = leftOut;
  return {
    providers,
    configured: withRows(
      built,
      stored,
      routes.map(({ route }) => route),
    ),
    problems,
    clashes,
  };
}

function readProvider(row: StoredProvider, parts: ManagedParts): ProviderConfiguration {
  const { name } = row;
  if (parts.isAdded(name)) {
    throw new ConfigurationError("The process that holds this gateway has added a provider of that name.");
  }
  const entry = openEntry(row, parts.keys);
  const provider = checkProvider({ name, source: "managed", entry, place, kinds: parts.kinds });
  byKey(provider).forEach(parts.makeAdapter);
  return provider;
}

interface RouteContext extends Pick<RouteToCheck, "providers" | "kinds" | "routes"> {
  readonly leftOut: LeftOut;
}

/**
 * Without its targets at providers that are not there. With all of them left out, it still is a route: its callers
 * are told to come again.
 */
function readRoute(
  { name, config }: StoredRoute,
  { leftOut, providers, kinds, routes }: RouteContext,
): RouteConfiguration {
  const missing = new Set(
    providersNamed(config).filter((named) => !providers.some((provider) => provider.name === named)),
  );
  if (missing.size > 0) leftOut.targets(name, [...missing]);
  const known = providers.map((provider) => provider.name);
  const embedder = embedderNamed(config);
  if (embedder !== undefined && !known.includes(embedder)) leftOut.embedder(name, embedder);
  const route = checkManagedRoute({
    name,
    source: "managed",
    // Whole it was checked: what is left of it needs not be right alone, as one target with a hedge.
    entry: withStandIns(config, missing),
    place,
    providers: [...providers, ...[...missing].map((provider) => ({ name: provider, kind: "" }))],
    kinds,
    routes,
    embedders: embedder === undefined ? known : [...known, embedder],
  });
  return { ...route, targets: route.targets.filter(({ provider }) => !missing.has(provider)) };
}

/** What rows say beside their configuration. */
function withRows(
  { providers, routes }: ConfiguredParts,
  stored: StoredConfiguration,
  read: readonly RouteConfiguration[],
): ConfiguredParts {
  const provider = ({
    name,
    draining,
    version,
  }: Versioned<StoredProvider>): readonly ConfiguredProvider[] => {
    const found = providers.get(name);
    return found?.source === "managed" ? [{ ...found, draining, version }] : [];
  };
  const route = ({ name, strategy, policy }: RouteConfiguration): readonly Route[] => {
    const found = routes.get(name);
    const row = stored.routes.find((each) => each.name === name);
    if (found === undefined || row === undefined) return [];
    const { draining, version, config } = row;
    // Where it does not say how it chooses, the setting for it does.
    const said = config["strategy"] === undefined ? { policy } : { strategy, policy };
    return [{ ...found, ...(found.automatic === true ? said : {}), source: "managed", draining, version }];
  };
  return {
    providers: withAll(providers, stored.providers.flatMap(provider)),
    routes: withAll(routes, read.flatMap(route)),
  };
}

function withAll<T extends { readonly name: string }>(
  all: ReadonlyMap<string, T>,
  others: readonly T[],
): ReadonlyMap<string, T> {
  const map = new Map(all);
  for (const each of others) map.set(each.name, each);
  return map;
}

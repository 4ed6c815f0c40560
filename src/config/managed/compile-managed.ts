// From what is stored to what is in force: all that is declared, and of what is managed all that can be. A row that
// cannot is left out and told, so that one gateway's trouble with a row is no other row's.

import type { JsonObject } from "../../core/json.ts";
import type { KindDefaults } from "../../core/kind-defaults.ts";
import type { StoredConfiguration, StoredProvider, Versioned } from "../../core/managed/config-store.ts";
import type { ConfiguredParts } from "../../core/snapshot-holder.ts";
import type { ConfiguredProvider, Route } from "../../core/snapshot.ts";
import { checkProvider } from "../check-provider.ts";
import {
  type Configuration,
  ConfigurationError,
  type ProviderConfiguration,
  type RouteConfiguration,
} from "../configuration.ts";
import { byKey, type KeyedProvider } from "../keyed-provider.ts";
import type { KeyRing } from "../secret/key-ring.ts";
import { openEntry } from "./entry-secrets.ts";
import { checkManagedRoute, isAutomatic, providersNamed, withoutProviders } from "./route-entry.ts";
import { messageOf, place } from "./refused-input.ts";

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
  const problems = new Map<string, string>();
  const clashes: string[] = [];

  /** Undefined: it is left out, which is told. */
  function attempt<T>(what: "provider" | "route", name: string, read: () => T): T | undefined {
    const declaredOne = declared[`${what}s`].find((each) => each.name === name);
    const problem = `The managed ${what} ${name} is left out: `;
    if (declaredOne !== undefined) {
      const clash = `${problem}${clashText(declaredOne.source)}`;
      if (declaredOne.source !== "default") clashes.push(clash);
      problems.set(`${what} ${name}`, clash);
      return undefined;
    }
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      problems.set(`${what} ${name}`, problem + messageOf(error));
      return undefined;
    }
  }

  const managed = stored.providers.flatMap(
    (row) => attempt("provider", row.name, () => readProvider(row, parts)) ?? [],
  );
  const providers = [...declared.providers, ...managed];
  const leftOut = new Set(
    stored.providers.map(({ name }) => name).filter((name) => problems.has(`provider ${name}`)),
  );
  const names = [...declared.routes, ...stored.routes].map(({ name }) => name);
  const read = (name: string, entry: JsonObject): RouteConfiguration => {
    const missing = providersNamed(entry).filter((each) => leftOut.has(each));
    if (missing.length > 0) {
      problems.set(
        `targets of ${name}`,
        `The route ${name} is without its targets at ${missing.join(", ")}.`,
      );
    }
    const left = missing.length > 0 ? withoutProviders(entry, leftOut) : entry;
    if (missing.length > 0 && providersNamed(left).length === 0) return emptyRoute(name);
    return checkManagedRoute({
      name,
      source: "managed",
      entry: left,
      place,
      providers,
      kinds: parts.kinds,
      routes: names,
    });
  };
  const routes = stored.routes.flatMap(
    (row) => attempt("route", row.name, () => ({ row, route: read(row.name, row.config) })) ?? [],
  );
  const own = routes.filter(({ row }) => !isAutomatic(row.name, row.config)).map(({ route }) => route);
  const configured = parts.build({ ...declared, providers, routes: [...declared.routes, ...own] });
  return {
    providers,
    configured: withRows(
      configured,
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

/** With all its targets left out, it still is a route: its callers are told to come again. */
const emptyRoute = (name: string): RouteConfiguration => ({
  name,
  source: "managed",
  strategy: "priority",
  targets: [],
});

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

const clashText = (source: ProviderConfiguration["source"]): string =>
  `the name is also configured in ${source === "file" ? "the file" : source === "environment" ? "the environment" : "the demo"}. ` +
  "Take it out there, or start without it there once and remove the managed one.";

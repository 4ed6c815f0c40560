// The snapshot in force, and the changes that a running gateway makes to it: each gives a new one.

import { GatewayError } from "./errors.ts";
import type { Provider } from "./provider.ts";
import { automaticRoute } from "./routing/automatic-route.ts";
import type { ConfiguredProvider, Route, Snapshot, Target, TargetPolicy } from "./snapshot.ts";

export interface AddedProvider {
  /** The default first. */
  readonly models?: readonly string[] | undefined;
  /** Prices are found by it, where the adapter speaks to a vendor that the gateway knows. Absent: the name. */
  readonly kind?: string | undefined;
  readonly priority?: number | undefined;
}

/** Everything that is configured, where it may change at run time. */
export type ConfiguredParts = Pick<Snapshot, "providers" | "routes">;

export interface SnapshotHolder {
  current(): Snapshot;
  /** Who is told of each new one. */
  whenChanged(listener: () => void): void;
  /** Puts what is configured now in the place of what was before; providers of `addProvider` stay. */
  replace(configured: ConfiguredParts): void;
  /** @throws GatewayError `conflict` for a name in use, `invalid_request` for one that no provider may have */
  addProvider(name: string, adapter: Provider, options?: AddedProvider): void;
  /** Of a provider that is configured without models; for as long as it is the same adapter's. */
  setModels(name: string, models: readonly string[]): void;
}

/** The policy is of providers that are added. */
export function createSnapshotHolder(first: Snapshot, policy?: TargetPolicy): SnapshotHolder {
  let snapshot = first;
  let configured: ConfiguredParts = first;
  const added: ConfiguredProvider[] = [];
  const listeners: (() => void)[] = [];
  const laterModels = new Map<string, { readonly adapter: Provider; readonly models: readonly string[] }>();

  function withLaterModels(provider: ConfiguredProvider): ConfiguredProvider {
    const later = laterModels.get(provider.name);
    if (provider.models.length > 0 || later?.adapter !== provider.adapter) return provider;
    return { ...provider, models: later.models };
  }

  function rebuild(): void {
    const providers = new Map<string, ConfiguredProvider>();
    for (const provider of [...configured.providers.values(), ...added]) {
      providers.set(provider.name, withLaterModels(provider));
    }
    const routes = new Map<string, Route>();
    for (const route of configured.routes.values()) routes.set(route.name, withProviders(route, providers));
    snapshot = { ...snapshot, version: snapshot.version + 1, providers, routes };
    for (const listener of listeners) listener();
  }

  return {
    current: () => snapshot,
    whenChanged: (listener) => void listeners.push(listener),
    replace(next) {
      configured = next;
      for (const [name, { adapter }] of laterModels) {
        if (next.providers.get(name)?.adapter !== adapter) laterModels.delete(name);
      }
      rebuild();
    },
    addProvider(name, adapter, options = {}) {
      if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(name)) throw badName();
      if (snapshot.providers.has(name)) throw nameInUse(name);
      const { models = [], kind = name, priority = 0 } = options;
      added.push({ name, kind, source: "library", priority, baseUrl: "", models, adapter, policy });
      rebuild();
    },
    setModels(name, models) {
      const provider = snapshot.providers.get(name);
      if (provider === undefined) return;
      laterModels.set(name, { adapter: provider.adapter, models });
      rebuild();
    },
  };
}

type Providers = ReadonlyMap<string, ConfiguredProvider>;

/** The route with the providers as they are now. */
const withProviders = (route: Route, providers: Providers): Route => ({
  ...route,
  targets:
    route.automatic === true
      ? automaticRoute([...providers.values()]).targets
      : route.targets.map((target) => withProvider(target, providers)),
});

function withProvider(target: Target, providers: Providers): Target {
  const provider = providers.get(target.provider.name);
  return provider === undefined || provider === target.provider ? target : { ...target, provider };
}

const badName = () =>
  new GatewayError({
    code: "invalid_request",
    field: "name",
    message:
      "name: A provider's name has 1 to 63 lower-case letters, digits, `-` or `_`, a letter or digit first.",
  });

const nameInUse = (name: string) =>
  new GatewayError({
    code: "conflict",
    field: "name",
    message: `name: "${name}" is in use. Take another name; a provider's adapter cannot be exchanged.`,
  });

// The snapshot in force, and the changes that a running gateway makes to it: each gives a new one.

import { GatewayError } from "./errors.ts";
import type { Provider } from "./provider.ts";
import { automaticRoute } from "./routing/automatic-route.ts";
import type { ConfiguredProvider, Route, Snapshot, TargetPolicy } from "./snapshot.ts";

export interface AddedProvider {
  /** The default first. */
  readonly models?: readonly string[] | undefined;
  /** Prices are found by it, where the adapter speaks to a vendor that the gateway knows. Absent: the name. */
  readonly kind?: string | undefined;
  readonly priority?: number | undefined;
}

export interface SnapshotHolder {
  current(): Snapshot;
  /** @throws GatewayError `conflict` for a name in use, `invalid_request` for one that no provider may have */
  addProvider(name: string, adapter: Provider, options?: AddedProvider): void;
  /** Of a provider that is configured without models. */
  setModels(name: string, models: readonly string[]): void;
}

/** The policy is of providers that are added. */
export function createSnapshotHolder(first: Snapshot, policy?: TargetPolicy): SnapshotHolder {
  let snapshot = first;
  return {
    current: () => snapshot,
    addProvider(name, adapter, options = {}) {
      if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(name)) throw badName();
      if (snapshot.providers.has(name)) throw nameInUse(name);
      const { models = [], kind = name, priority = 0 } = options;
      const provider = {
        name,
        kind,
        source: "library",
        priority,
        baseUrl: "",
        models,
        adapter,
        policy,
      } as const;
      const joined = withProvider(snapshot, provider);
      const asked = snapshot.routes.get("default");
      snapshot = asked?.targets.length === 0 ? withTarget(joined, provider) : joined;
    },
    setModels(name, models) {
      const provider = snapshot.providers.get(name);
      if (provider === undefined) return;
      const changed = withProvider(snapshot, { ...provider, models });
      const route = changed.routes.get("default");
      snapshot = route?.source === "default" ? withRoute(changed, rebuilt(route, changed)) : changed;
    },
  };
}

/** An added provider is in the route only if it was before. */
function rebuilt(route: Route, { providers }: Snapshot): Route {
  const before = new Set(route.targets.map(({ provider }) => provider.name));
  return automaticRoute(
    [...providers.values()].filter(({ name, source }) => source !== "library" || before.has(name)),
    route.strategy,
  );
}

const withRoute = (snapshot: Snapshot, route: Route): Snapshot => ({
  ...snapshot,
  routes: new Map(snapshot.routes).set(route.name, route),
});

const withProvider = (snapshot: Snapshot, provider: ConfiguredProvider): Snapshot => ({
  ...snapshot,
  version: snapshot.version + 1,
  providers: new Map(snapshot.providers).set(provider.name, provider),
});

/** The provider's first model as the only target of the route `default`. */
function withTarget(snapshot: Snapshot, provider: ConfiguredProvider): Snapshot {
  const [model] = provider.models;
  const route = snapshot.routes.get("default");
  if (model === undefined || route === undefined) return snapshot;
  return withRoute(snapshot, { ...route, targets: [{ provider, model, priority: provider.priority }] });
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

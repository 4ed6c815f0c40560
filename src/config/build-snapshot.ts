// From the configuration to the snapshot that calls are served by.

import type { ModelTable } from "../core/models.ts";
import type { PriceList } from "../core/pricing/price.ts";
import type { Provider } from "../core/provider.ts";
import { automaticRoute, byPriority } from "../core/routing/automatic-route.ts";
import { defaultTargetPolicy } from "../core/routing/default-policies.ts";
import type {
  ConfiguredProvider,
  LoggingPolicy,
  Route,
  Snapshot,
  Target,
  TargetPolicy,
} from "../core/snapshot.ts";
import {
  type Configuration,
  ConfigurationError,
  type ProviderConfiguration,
  type RouteConfiguration,
  type TargetConfiguration,
} from "./configuration.ts";
import { byKey, type KeyedProvider } from "./keyed-provider.ts";
import { cacheOfSettings, policyOfSettings, policyWithin } from "./policy-in-force.ts";

export interface SnapshotParts {
  readonly createAdapter: (provider: KeyedProvider) => Provider;
  readonly prices: PriceList;
  readonly modelTable: ModelTable;
  readonly loggingPolicy: LoggingPolicy | undefined;
  readonly bodyKeepMaxBytes?: number | undefined;
}

export function buildSnapshot(configuration: Configuration, parts: SnapshotParts): Snapshot {
  const { settings, useCases } = configuration;
  const policy = policyOfSettings(settings);
  const providers = new Map(
    configuration.providers.map((provider) => [
      provider.name,
      configuredProvider(provider, { createAdapter: parts.createAdapter, policy }),
    ]),
  );
  const routes = new Map(
    configuration.routes.map((route) => [route.name, configuredRoute(route, providers)]),
  );
  if (!routes.has("default")) {
    routes.set("default", automaticRoute([...providers.values()], settings.routeStrategy));
  }
  return {
    version: 1,
    providers,
    routes,
    useCases: new Map(Object.entries(useCases)),
    loggingPolicy: parts.loggingPolicy,
    bodyKeepMaxBytes: parts.bodyKeepMaxBytes,
    cache: cacheOfSettings(settings),
    prices: parts.prices,
    modelTable: parts.modelTable,
  };
}

export interface ProviderParts {
  readonly createAdapter: (provider: KeyedProvider) => Provider;
  /** What holds where the provider says nothing. */
  readonly policy: TargetPolicy;
}

/** With an adapter for each of its keys. */
function configuredProvider(
  provider: ProviderConfiguration,
  { createAdapter, policy }: ProviderParts,
): ConfiguredProvider {
  const [first, ...others] = byKey(provider);
  const adapter = createAdapter(first);
  const adapters = [adapter, ...others.map((keyed) => createAdapter(keyed))];
  return {
    name: provider.name,
    kind: provider.kind,
    source: provider.source,
    priority: provider.priority,
    baseUrl: provider.baseUrl,
    models: provider.models,
    adapter,
    credentials:
      others.length === 0 ? undefined : adapters.map((each, i) => ({ id: `key-${i + 1}`, adapter: each })),
    policy: policyWithin(policy, provider.policy),
    connectMs: provider.connectMs,
    probe: provider.probe,
    test: provider.test,
  };
}

/** @throws ConfigurationError for a target whose provider is not there */
function configuredRoute(
  { name, source, strategy, targets, policy }: RouteConfiguration,
  providers: ReadonlyMap<string, ConfiguredProvider>,
): Route {
  return {
    name,
    source,
    strategy,
    targets: byPriority(targets.map((target) => configuredTarget(target, providers.get(target.provider)))),
    policy,
  };
}

function configuredTarget(target: TargetConfiguration, provider: ConfiguredProvider | undefined): Target {
  if (provider === undefined) throw new ConfigurationError(`"${target.provider}" is not configured.`);
  const { model, priority = provider.priority, api, vectorSpace, weight, retries, policy, test } = target;
  return {
    provider,
    model,
    priority,
    weight,
    retries,
    policy: policy === undefined ? undefined : policyWithin(provider.policy ?? defaultTargetPolicy, policy),
    api,
    vectorSpace,
    test,
  };
}

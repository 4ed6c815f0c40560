// From the configuration to the snapshot that calls are served by.

import type { ModelTable } from "../core/models.ts";
import type { PriceList } from "../core/pricing/price.ts";
import type { Provider } from "../core/provider.ts";
import { automaticRoute, byPriority } from "../core/routing/automatic-route.ts";
import type { ConfiguredProvider, LoggingPolicy, Route, Snapshot, Target } from "../core/snapshot.ts";
import {
  type Configuration,
  ConfigurationError,
  type ProviderConfiguration,
  type TargetConfiguration,
} from "./configuration.ts";
import { byKey, type KeyedProvider } from "./keyed-provider.ts";

export interface SnapshotParts {
  readonly createAdapter: (provider: KeyedProvider) => Provider;
  readonly prices: PriceList;
  readonly modelTable: ModelTable;
  readonly loggingPolicy: LoggingPolicy;
}

export function buildSnapshot(configuration: Configuration, parts: SnapshotParts): Snapshot {
  const providers = new Map(
    configuration.providers.map((provider) => [provider.name, configured(provider, parts)]),
  );
  const targetOf = (target: TargetConfiguration): Target => {
    const provider = providers.get(target.provider);
    if (provider === undefined) throw new ConfigurationError(`"${target.provider}" is not configured.`);
    const { model, priority = provider.priority, api, vectorSpace } = target;
    return { provider, model, priority, api, vectorSpace };
  };
  const routes = new Map<string, Route>();
  for (const { name, source, strategy, targets } of configuration.routes) {
    routes.set(name, { name, source, strategy, targets: byPriority(targets.map(targetOf)) });
  }
  if (!routes.has("default")) routes.set("default", automaticRoute([...providers.values()]));
  return {
    version: 1,
    providers,
    routes,
    useCases: new Map(Object.entries(configuration.useCases).map(([name, route]) => [name, { route }])),
    loggingPolicy: parts.loggingPolicy,
    prices: parts.prices,
    modelTable: parts.modelTable,
  };
}

const configured = (provider: ProviderConfiguration, parts: SnapshotParts): ConfiguredProvider => ({
  name: provider.name,
  kind: provider.kind,
  source: provider.source,
  priority: provider.priority,
  baseUrl: provider.baseUrl,
  models: provider.models,
  adapter: parts.createAdapter(byKey(provider)[0]),
});

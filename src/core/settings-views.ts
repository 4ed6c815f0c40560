// Providers and routes as callers may see them.

import { defaultRoutePolicy, defaultTargetPolicy, policyOf } from "./routing/default-policies.ts";
import type { ProviderHealth } from "./routing/targets/provider-health.ts";
import type {
  ConfigurationSource,
  ConfiguredProvider,
  ProbePolicy,
  Route,
  RoutePolicy,
  StrategyName,
  Target,
  TargetPolicy,
} from "./snapshot.ts";

export interface ProviderView {
  readonly name: string;
  readonly kind: string;
  readonly source: ConfigurationSource;
  readonly priority: number;
  readonly baseUrl: string;
  readonly models: readonly string[];
  /** How many it is asked with, side by side; undefined for one that has no more than one. */
  readonly keys: number | undefined;
  /** What holds of its targets where they say nothing else. */
  readonly policy: TargetPolicy;
  readonly connectMs: number | undefined;
  readonly probe: ProbePolicy | undefined;
  readonly draining: boolean;
  /** Whether keys for tests may use it. */
  readonly test: boolean;
  readonly health: ProviderHealth;
  /** Of a managed one: raised when it is changed. */
  readonly version: number | undefined;
}

export interface TargetView {
  readonly provider: string;
  readonly model: string;
  readonly priority: number;
  readonly api: string | undefined;
  readonly vectorSpace: string | undefined;
  readonly weight: number;
  /** Undefined: as its place in the call's order says. */
  readonly retries: number | undefined;
  /** Whether keys for tests may use it. */
  readonly test: boolean;
  /** What holds of it. */
  readonly policy: TargetPolicy;
}

export interface RouteView {
  readonly name: string;
  readonly source: ConfigurationSource;
  readonly strategy: StrategyName;
  readonly targets: readonly TargetView[];
  readonly policy: RoutePolicy;
  readonly draining: boolean;
  /** Its targets follow from the providers that there are. */
  readonly automatic: boolean;
  /** Of a managed one: raised when it is changed. */
  readonly version: number | undefined;
}

export const viewOfProvider = (provider: ConfiguredProvider, health: ProviderHealth): ProviderView => ({
  ...viewOfConfigured(provider),
  health,
});

// Member by member: what else there is of a provider is no caller's business.
export const viewOfConfigured = (provider: ConfiguredProvider): Omit<ProviderView, "health"> => ({
  name: provider.name,
  kind: provider.kind,
  source: provider.source,
  priority: provider.priority,
  baseUrl: provider.baseUrl,
  models: provider.models,
  keys: provider.credentials?.length,
  policy: provider.policy ?? defaultTargetPolicy,
  connectMs: provider.connectMs,
  probe: provider.probe,
  draining: provider.draining ?? false,
  test: provider.test ?? false,
  version: provider.version,
});

export const viewOfRoute = (route: Route): RouteView => ({
  name: route.name,
  source: route.source,
  strategy: route.strategy,
  targets: route.targets.map(viewOfTarget),
  policy: route.policy ?? defaultRoutePolicy,
  draining: route.draining ?? false,
  automatic: route.automatic ?? false,
  version: route.version,
});

const viewOfTarget = (target: Target): TargetView => ({
  provider: target.provider.name,
  model: target.model,
  priority: target.priority,
  api: target.api,
  vectorSpace: target.vectorSpace,
  weight: target.weight ?? 1,
  retries: target.retries,
  test: target.test ?? target.provider.test ?? false,
  policy: policyOf(target),
});

// What callers may see of the configuration: names, never secrets.

import type { Principal } from "./access/principal.ts";
import type { Clock } from "./clock.ts";
import type { SettingsChanges } from "./managed/settings-changes.ts";
import type { ModelLists } from "./model-lists.ts";
import { createModelViews } from "./model-views.ts";
import type { ModelView } from "./models.ts";
import { healthOf, type ProviderHealth } from "./routing/targets/provider-health.ts";
import type { TargetStates } from "./routing/targets/target-states.ts";
import { defaultRoutePolicy, defaultTargetPolicy, policyOf } from "./routing/default-policies.ts";
import type {
  ConfigurationSource,
  ConfiguredProvider,
  ProbePolicy,
  Route,
  RoutePolicy,
  Snapshot,
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

export interface Settings extends SettingsChanges {
  providers(principal: Principal): readonly ProviderView[];
  routes(principal: Principal): readonly RouteView[];
  /** Asks providers for their lists where they have one; one that does not answer adds what is configured. */
  models(principal: Principal): Promise<readonly ModelView[]>;
}

export interface SettingsParts {
  readonly states: TargetStates;
  readonly snapshot: () => Snapshot;
  readonly modelLists: ModelLists;
  readonly clock: Clock;
  readonly changes: SettingsChanges;
}

export function createSettings({
  snapshot: current,
  modelLists,
  clock,
  states,
  changes,
}: SettingsParts): Settings {
  const viewsOf = createModelViews(clock);
  return {
    ...changes,
    providers({ keyless }) {
      const snapshot = current();
      return [...snapshot.providers.values()].map((provider) =>
        viewOfProvider(provider, healthOf(provider, snapshot, { states, withMessages: keyless })),
      );
    },
    routes: () => [...current().routes.values()].map(viewOfRoute),
    async models() {
      const snapshot = current();
      const named = [...new Set([...snapshot.routes.keys(), "auto"])];
      const providers = await Promise.all(
        [...snapshot.providers.values()].map(async (provider) =>
          viewsOf({ provider, listed: await modelLists.of(provider), snapshot }),
        ),
      );
      return [...named.map((id) => ({ id, provider: undefined, model: undefined })), ...providers.flat()];
    },
  };
}

// Member by member: what else there is of a provider is no caller's business.
export const viewOfProvider = (provider: ConfiguredProvider, health: ProviderHealth): ProviderView => ({
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
  health,
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
  policy: policyOf(target),
});

// What callers may see of the configuration: names, never secrets.

import type { Principal } from "./access/principal.ts";
import type { Clock } from "./clock.ts";
import type { ModelLists } from "./model-lists.ts";
import { createModelViews } from "./model-views.ts";
import type { ModelView } from "./models.ts";
import { healthOf, type ProviderHealth } from "./routing/provider-health.ts";
import type { TargetStates } from "./routing/target-states.ts";
import type { ConfigurationSource, ConfiguredProvider, Route, Snapshot, StrategyName } from "./snapshot.ts";

export interface ProviderView {
  readonly name: string;
  readonly kind: string;
  readonly source: ConfigurationSource;
  readonly priority: number;
  readonly baseUrl: string;
  readonly models: readonly string[];
  readonly draining: boolean;
  readonly health: ProviderHealth;
}

export interface RouteView {
  readonly name: string;
  readonly source: ConfigurationSource;
  readonly strategy: StrategyName;
  readonly targets: readonly {
    readonly provider: string;
    readonly model: string;
    readonly priority: number;
    readonly api: string | undefined;
    readonly vectorSpace: string | undefined;
  }[];
}

export interface Settings {
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
}

export function createSettings({ snapshot: current, modelLists, clock, states }: SettingsParts): Settings {
  const viewsOf = createModelViews(clock);
  return {
    providers() {
      const snapshot = current();
      return [...snapshot.providers.values()].map((provider) => viewOfProvider(provider, snapshot, states));
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

const viewOfProvider = (
  provider: ConfiguredProvider,
  snapshot: Snapshot,
  states: TargetStates,
): ProviderView => ({
  name: provider.name,
  kind: provider.kind,
  source: provider.source,
  priority: provider.priority,
  baseUrl: provider.baseUrl,
  models: provider.models,
  draining: provider.draining === true,
  health: healthOf(provider, snapshot, states),
});

const viewOfRoute = ({ name, source, strategy, targets }: Route): RouteView => ({
  name,
  source,
  strategy,
  targets: targets.map(({ provider, ...target }) => ({
    provider: provider.name,
    model: target.model,
    priority: target.priority,
    api: target.api,
    vectorSpace: target.vectorSpace,
  })),
});

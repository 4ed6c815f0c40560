// What callers may see of the configuration: names, never secrets.

import { allows } from "./access/allowed-targets.ts";
import { may } from "./access/authorize.ts";
import type { Principal } from "./access/principal.ts";
import type { Clock } from "./clock.ts";
import type { SettingsChanges } from "./managed/settings-changes.ts";
import type { ModelLists } from "./model-lists.ts";
import { createModelViews } from "./model-views.ts";
import type { ModelView } from "./models.ts";
import { isUsable, targetOf } from "./routing/resolve-model.ts";
import { healthOf } from "./routing/targets/provider-health.ts";
import type { TargetStates } from "./routing/targets/target-states.ts";
import { type ProviderView, type RouteView, viewOfProvider, viewOfRoute } from "./settings-views.ts";
import type { Snapshot, Target } from "./snapshot.ts";

export interface Settings extends SettingsChanges {
  providers(principal: Principal): readonly ProviderView[];
  routes(principal: Principal): readonly RouteView[];
  /**
   * Those that the principal may use. Asks providers for their lists where they have one; one that does not answer
   * adds what is configured.
   */
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
    providers(principal) {
      const snapshot = current();
      return [...snapshot.providers.values()].map((provider) =>
        viewOfProvider(
          provider,
          healthOf(provider, snapshot, { states, withMessages: may(principal, "providers:update") }),
        ),
      );
    },
    routes: () => [...current().routes.values()].map(viewOfRoute),
    async models(principal) {
      const snapshot = current();
      const mayUse = (target: Target) => allows(principal, target);
      const routes = [...snapshot.routes.values()]
        .filter((route) => isUsable(route, mayUse))
        .map(({ name }) => name);
      const named = routes.includes("default") ? [...new Set([...routes, "auto"])] : routes;
      const providers = await Promise.all(
        [...snapshot.providers.values()].map(async (provider) =>
          viewsOf({ provider, listed: await modelLists.of(provider), snapshot }).filter(({ model = "" }) =>
            mayUse(targetOf(provider, model, snapshot.routes)),
          ),
        ),
      );
      return [...named.map((id) => ({ id, provider: undefined, model: undefined })), ...providers.flat()];
    },
  };
}

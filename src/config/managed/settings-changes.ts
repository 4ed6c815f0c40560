// The port that changes settings, for whoever may: what is planned, what is kept, and what there is afterwards.

import { GatewayError } from "../../core/errors.ts";
import type { ConfigChange, StoredConfiguration } from "../../core/managed/config-store.ts";
import type { SettingsChanges, Validated, Validation } from "../../core/managed/settings-changes.ts";
import { healthOf } from "../../core/routing/targets/provider-health.ts";
import type { TargetStates } from "../../core/routing/targets/target-states.ts";
import { type ProviderView, type RouteView, viewOfProvider, viewOfRoute } from "../../core/settings-views.ts";
import { ConfigurationError } from "../configuration.ts";
import type { ManagedConfiguration } from "./managed-configuration.ts";
import type { PlanContext } from "./plan-context.ts";
import {
  planNewProvider,
  type PlannedProvider,
  planProviderDrain,
  planProviderRemoval,
  planProviderUpdate,
  planReseal,
} from "./plan-providers.ts";
import { planNewRoute, planRouteDrain, planRouteRemoval, planRouteUpdate } from "./plan-routes.ts";
import { validateProvider, type ValidationParts } from "./validate-provider.ts";

export interface SettingsChangesParts extends ValidationParts, Omit<PlanContext, "providers"> {
  readonly managed: ManagedConfiguration;
  readonly states: TargetStates;
}

export function createSettingsChanges(parts: SettingsChangesParts): SettingsChanges {
  const { managed } = parts;
  const context: PlanContext = { ...parts, providers: () => managed.providers() };

  const change = (plan: (stored: StoredConfiguration) => ConfigChange): Promise<void> =>
    managed.change((stored) => withSecret(() => plan(stored)));

  /** It is planned twice: the first time for whoever wants to know whether it would work. */
  async function changeProvider(
    { validate }: Validated,
    plan: (stored: StoredConfiguration) => PlannedProvider,
  ): Promise<Validation | undefined> {
    let validation: Validation | undefined;
    if (validate === true) {
      const stored = await managed.latest();
      validation = await validateProvider(withSecret(() => plan(stored)).provider, parts);
    }
    await change((stored) => plan(stored).change);
    return validation;
  }

  const providerNow = (name: string): ProviderView | undefined => {
    const snapshot = parts.snapshot();
    const provider = snapshot.providers.get(name);
    return provider?.source === "managed"
      ? viewOfProvider(provider, healthOf(provider, snapshot, { states: parts.states, withMessages: true }))
      : undefined;
  };
  const routeNow = (name: string): RouteView | undefined => {
    const route = parts.snapshot().routes.get(name);
    return route?.source === "managed" ? viewOfRoute(route) : undefined;
  };

  return {
    async addProvider(_, input, options = {}) {
      const plan = (stored: StoredConfiguration) => planNewProvider(stored, input, context);
      const validation = await changeProvider(options, plan);
      return { ...there(providerNow(input.name)), validation };
    },
    async updateProvider(_, input, { version, validate } = {}) {
      const plan = (stored: StoredConfiguration) =>
        planProviderUpdate(stored, { ...input, version }, context);
      const validation = await changeProvider({ validate }, plan);
      return { ...there(providerNow(input.name)), validation };
    },
    async drainProvider(_, drain, options) {
      await change((stored) => planProviderDrain(stored, { ...drain, ...options }, context));
      return there(providerNow(drain.name));
    },
    async removeProvider(_, name, options) {
      const before = providerNow(name);
      await change((stored) => planProviderRemoval(stored, { name, ...options }, context));
      return before;
    },
    async resealSecrets() {
      const { providers } = await managed.latest();
      const current = parts.keys.current().id;
      const others = providers.filter(({ secret }) => secret !== undefined && secret.keyId !== current);
      const problems: string[] = [];
      for (const { name } of others) {
        try {
          await managed.change((stored) => planReseal(stored, name, context));
        } catch (error) {
          if (!(error instanceof ConfigurationError)) throw error;
          problems.push(`${name}: ${error.message}`);
        }
      }
      return { resealed: others.length - problems.length, problems };
    },
    async addRoute(_, input) {
      await change((stored) => planNewRoute(stored, input, context));
      return there(routeNow(input.name));
    },
    async updateRoute(_, input, options) {
      await change((stored) => planRouteUpdate(stored, { ...input, ...options }, context));
      return there(routeNow(input.name));
    },
    async drainRoute(_, drain, options) {
      await change((stored) => planRouteDrain(stored, { ...drain, ...options }, context));
      return there(routeNow(drain.name));
    },
    async removeRoute(_, name, options) {
      const before = routeNow(name);
      await change((stored) => planRouteRemoval(stored, { name, ...options }, context));
      return before;
    },
  };
}

/** What is wrong with the server's own secret is no fault of the input. */
function withSecret<T>(plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new GatewayError({ code: "unavailable", message: error.message, cause: error });
  }
}

/** It was kept, and yet is not in force: somebody else removed it at once, or this gateway cannot serve it. */
function there<T>(view: T | undefined): T {
  if (view !== undefined) return view;
  throw new GatewayError({
    code: "conflict",
    message: "It was kept, and is not in force here: somebody else has changed it, or /ready tells why.",
  });
}

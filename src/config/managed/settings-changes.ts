// The port that changes settings: who may, what is planned, what is kept, and what there is afterwards.

import { assertMayChangeSettings } from "../../core/access/may-change-settings.ts";
import type { Principal } from "../../core/access/principal.ts";
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

  async function change(
    principal: Principal,
    plan: (stored: StoredConfiguration) => ConfigChange,
  ): Promise<void> {
    assertMayChangeSettings(principal);
    await managed.change((stored) => withSecret(() => plan(stored)));
  }

  /** It is planned twice: the first time for whoever wants to know whether it would work. */
  async function changeProvider(
    principal: Principal,
    { validate }: Validated,
    plan: (stored: StoredConfiguration) => PlannedProvider,
  ): Promise<Validation | undefined> {
    assertMayChangeSettings(principal);
    let validation: Validation | undefined;
    if (validate === true) {
      const stored = await managed.latest();
      validation = await validateProvider(withSecret(() => plan(stored)).provider, parts);
    }
    await change(principal, (stored) => plan(stored).change);
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
    async addProvider(principal, input, options = {}) {
      const plan = (stored: StoredConfiguration) => planNewProvider(stored, input, context);
      const validation = await changeProvider(principal, options, plan);
      return { ...there(providerNow(input.name)), validation };
    },
    async updateProvider(principal, input, { version, validate } = {}) {
      const plan = (stored: StoredConfiguration) =>
        planProviderUpdate(stored, { ...input, version }, context);
      const validation = await changeProvider(principal, { validate }, plan);
      return { ...there(providerNow(input.name)), validation };
    },
    async drainProvider(principal, drain, options) {
      await change(principal, (stored) => planProviderDrain(stored, { ...drain, ...options }, context));
      return there(providerNow(drain.name));
    },
    async removeProvider(principal, name, options) {
      const before = providerNow(name);
      await change(principal, (stored) => planProviderRemoval(stored, { name, ...options }, context));
      return before;
    },
    async addRoute(principal, input) {
      await change(principal, (stored) => planNewRoute(stored, input, context));
      return there(routeNow(input.name));
    },
    async updateRoute(principal, input, options) {
      await change(principal, (stored) => planRouteUpdate(stored, { ...input, ...options }, context));
      return there(routeNow(input.name));
    },
    async drainRoute(principal, drain, options) {
      await change(principal, (stored) => planRouteDrain(stored, { ...drain, ...options }, context));
      return there(routeNow(drain.name));
    },
    async removeRoute(principal, name, options) {
      const before = routeNow(name);
      await change(principal, (stored) => planRouteRemoval(stored, { name, ...options }, context));
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

// The port that changes settings, for whoever may: what is planned, what is kept, and what there is afterwards.

import type { Principal } from "../../core/access/principal.ts";
import { dated } from "../../core/directory/audit-entry.ts";
import type { NewAuditEntry } from "../../core/directory/audit.ts";
import { GatewayError } from "../../core/errors.ts";
import type { NewId } from "../../core/ids.ts";
import type { ConfigChange, StoredConfiguration } from "../../core/managed/config-store.ts";
import type { SettingsChanges, Validated, Validation } from "../../core/managed/settings-changes.ts";
import {
  hiddenIn,
  settingsEntry,
  type SettingsStates,
  type ToldChange,
} from "../../core/managed/settings-entry.ts";
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
  readonly newId: NewId;
}

export function createSettingsChanges(parts: SettingsChangesParts): SettingsChanges {
  const { managed, clock, newId } = parts;
  const context: PlanContext = { ...parts, providers: () => managed.providers() };

  const entryOf =
    (by: Principal, told: ToldChange) =>
    (states: SettingsStates): NewAuditEntry =>
      dated(settingsEntry(by, told, states), { atMs: clock.epochMs(), id: newId(), count: 1 });

  const change = (
    by: Principal,
    told: ToldChange,
    plan: (stored: StoredConfiguration) => ConfigChange,
  ): Promise<void> => managed.change((stored) => withSecret(() => plan(stored)), entryOf(by, told));

  /** It is planned twice: the first time for whoever wants to know whether it would work. */
  async function changeProvider(
    by: Principal,
    { validate, ...told }: Validated & ToldChange,
    plan: (stored: StoredConfiguration) => PlannedProvider,
  ): Promise<Validation | undefined> {
    let validation: Validation | undefined;
    if (validate === true) {
      const stored = await managed.latest();
      validation = await validateProvider(withSecret(() => plan(stored)).provider, parts);
    }
    await change(by, told, (stored) => plan(stored).change);
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
    async addProvider(by, input, { validate } = {}) {
      const plan = (stored: StoredConfiguration) => planNewProvider(stored, input, context);
      const told = { type: "provider", name: input.name, what: "add", hidden: hiddenIn(input) } as const;
      const validation = await changeProvider(by, { ...told, validate }, plan);
      return { ...there(providerNow(input.name)), validation };
    },
    async updateProvider(by, input, { version, validate } = {}) {
      const plan = (stored: StoredConfiguration) =>
        planProviderUpdate(stored, { ...input, version }, context);
      const told = { type: "provider", name: input.name, what: "update", hidden: hiddenIn(input) } as const;
      const validation = await changeProvider(by, { ...told, validate }, plan);
      return { ...there(providerNow(input.name)), validation };
    },
    async drainProvider(by, drain, options) {
      const told = { type: "provider", name: drain.name, what: "drain" } as const;
      await change(by, told, (stored) => planProviderDrain(stored, { ...drain, ...options }, context));
      return there(providerNow(drain.name));
    },
    async removeProvider(by, name, options) {
      const before = providerNow(name);
      const told = { type: "provider", name, what: "remove" } as const;
      await change(by, told, (stored) => planProviderRemoval(stored, { name, ...options }, context));
      return before;
    },
    async resealSecrets(by) {
      const { providers } = await managed.latest();
      const current = parts.keys.current().id;
      const others = providers.filter(({ secret }) => secret !== undefined && secret.keyId !== current);
      const problems: string[] = [];
      for (const { name } of others) {
        try {
          const told = { type: "provider", name, what: "reseal", hidden: { secretResealed: true } } as const;
          await managed.change((stored) => planReseal(stored, name, context), entryOf(by, told));
        } catch (error) {
          if (!(error instanceof ConfigurationError)) throw error;
          problems.push(`${name}: ${error.message}`);
        }
      }
      return { resealed: others.length - problems.length, problems };
    },
    async addRoute(by, input) {
      await change(by, { type: "route", name: input.name, what: "add" }, (stored) =>
        planNewRoute(stored, input, context),
      );
      return there(routeNow(input.name));
    },
    async updateRoute(by, input, options) {
      await change(by, { type: "route", name: input.name, what: "update" }, (stored) =>
        planRouteUpdate(stored, { ...input, ...options }, context),
      );
      return there(routeNow(input.name));
    },
    async drainRoute(by, drain, options) {
      await change(by, { type: "route", name: drain.name, what: "drain" }, (stored) =>
        planRouteDrain(stored, { ...drain, ...options }, context),
      );
      return there(routeNow(drain.name));
    },
    async removeRoute(by, name, options) {
      const before = routeNow(name);
      await change(by, { type: "route", name, what: "remove" }, (stored) =>
        planRouteRemoval(stored, { name, ...options }, context),
      );
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

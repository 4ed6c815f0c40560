// Changes of managed providers, planned: checked against what is stored, and nothing done yet.

import { invalidRequest } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ConfigChange, StoredConfiguration, StoredProvider } from "../../core/managed/config-store.ts";
import type { ChangeOptions } from "../../core/managed/settings-changes.ts";
import type { ProviderInput } from "../../core/managed/settings-input.ts";
import { checkProvider } from "../check-provider.ts";
import { ConfigurationError, type ProviderConfiguration } from "../configuration.ts";
import { changedProvider } from "./changed-entry.ts";
import { openEntry, sealEntry, secretKeys } from "./entry-secrets.ts";
import { assertFree, managedRow, type PlanContext } from "./plan-context.ts";
import { checkedProvider, place } from "./refused-input.ts";
import { providersNamed } from "./route-entry.ts";

export interface PlannedProvider {
  readonly change: ConfigChange;
  /** As it would be. */
  readonly provider: ProviderConfiguration;
}

export function planNewProvider(
  stored: StoredConfiguration,
  { name, kind, ...input }: ProviderInput & { readonly name: string; readonly kind: string },
  context: PlanContext,
): PlannedProvider {
  assertFree(stored, { what: "provider", name, snapshot: context.snapshot() });
  return planned({ name, draining: false, entry: changedProvider({ kind }, input) }, context);
}

export function planProviderUpdate(
  stored: StoredConfiguration,
  { name, version, ...input }: ProviderInput & ChangeOptions & { readonly name: string },
  context: PlanContext,
): PlannedProvider {
  const row = managedRow(stored, { what: "provider", name, version, snapshot: context.snapshot() });
  const before = openedEntry(row, context);
  const entry = changedProvider(before ?? row.config, input);
  const plan = planned({ name, draining: row.draining, entry }, context);
  if (before !== undefined) assertKeyStaysHome({ row, before, input }, plan.provider, context);
  return plan;
}

export function planProviderDrain(
  stored: StoredConfiguration,
  { name, version, draining }: ChangeOptions & { readonly name: string; readonly draining: boolean },
  context: PlanContext,
): ConfigChange {
  const row = managedRow(stored, { what: "provider", name, version, snapshot: context.snapshot() });
  return { type: "put_provider", provider: { ...row, draining } };
}

export function planProviderRemoval(
  stored: StoredConfiguration,
  { name, version }: ChangeOptions & { readonly name: string },
  context: PlanContext,
): ConfigChange {
  managedRow(stored, { what: "provider", name, version, snapshot: context.snapshot() });
  const routes = stored.routes.filter(({ config }) => providersNamed(config).includes(name));
  if (routes.length > 0) {
    const names = routes.map((route) => route.name).join(", ");
    const [them, which] = routes.length === 1 ? ["it", "the route"] : ["them", "the routes"];
    throw invalidRequest(
      "name",
      `"${name}" is a target of ${which} ${names}. Change or remove ${them} first`,
    );
  }
  return { type: "remove_provider", name };
}

function planned(
  {
    name,
    draining,
    entry,
  }: { readonly name: string; readonly draining: boolean; readonly entry: JsonObject },
  { kinds, keys }: PlanContext,
): PlannedProvider {
  const provider = checkedProvider(() => checkProvider({ name, source: "managed", entry, place, kinds }));
  const kind = kinds.find((each) => each.kind === provider.kind);
  if (kind === undefined) throw new Error(`The kind ${provider.kind} was checked and is none.`);
  const sealed = sealEntry(entry, { name, kind, keys });
  return { provider, change: { type: "put_provider", provider: { name, draining, ...sealed } } };
}

/** Undefined: its secret does not open, and has to be given again. */
function openedEntry(row: StoredProvider, { keys }: PlanContext): JsonObject | undefined {
  try {
    return openEntry(row, keys);
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  }
}

/** Whoever may change an address, but does not know the key, must not have it sent there. */
function assertKeyStaysHome(
  { row, before, input }: { row: StoredProvider; before: JsonObject; input: ProviderInput },
  { kind, baseUrl }: ProviderConfiguration,
  { kinds }: PlanContext,
): void {
  const secrets = secretKeys(kinds.find((each) => each.kind === kind) ?? { settings: [] });
  const given = { ...input.settings, apiKey: input.apiKey, apiKeys: input.apiKeys };
  const isGiven = Object.entries(given).some(([key, value]) => secrets.includes(key) && value !== undefined);
  if (row.secret === undefined || isGiven) return;
  const addressBefore = checkProvider({
    name: row.name,
    source: "managed",
    entry: before,
    place,
    kinds,
  }).baseUrl;
  if (new URL(addressBefore).origin === new URL(baseUrl).origin) return;
  throw invalidRequest(
    "baseUrl",
    "leads to another server: give the apiKey with it. A key that is kept is sent to no other server",
  );
}

// What the audit trail tells of a change of providers and routes. Pure. The entries stand in the gateway's own trail.

import type { Principal } from "../access/principal.ts";
import { differencesOf } from "../directory/audit-differences.ts";
import { entryBy, type UndatedEntry } from "../directory/audit-entry.ts";
import { platformTrail } from "../directory/audit.ts";
import { viewOfConfigured, viewOfRoute } from "../settings-views.ts";
import type { ConfiguredParts } from "../snapshot-holder.ts";
import type { StoredConfiguration } from "./config-store.ts";
import type { ProviderInput } from "./settings-input.ts";

/** What is stored, and what can be served of it with all that is declared. */
export interface SettingsState {
  readonly stored: StoredConfiguration;
  readonly configured: ConfiguredParts;
}

export interface SettingsStates {
  readonly before: SettingsState;
  readonly after: SettingsState;
}

type Hidden = Readonly<Record<string, boolean | readonly string[]>>;

export interface ToldChange {
  readonly type: "provider" | "route";
  readonly name: string;
  /** Of `add` only what there is afterwards is told, of `remove` only what there was, of `reseal` neither. */
  readonly what: "add" | "update" | "drain" | "remove" | "reseal";
  /** What was changed and is not shown. */
  readonly hidden?: Hidden | undefined;
}

export function settingsEntry(by: Principal, told: ToldChange, states: SettingsStates): UndatedEntry {
  const { type, name, what, hidden } = told;
  const isShown = what !== "reseal";
  const { before, after } = differencesOf(
    isShown && what !== "add" ? shownOf(told, states.before) : undefined,
    isShown && what !== "remove" ? shownOf(told, states.after) : undefined,
  );
  return entryBy(by, {
    tenantId: platformTrail,
    action: `${type}.${what}`,
    target: { type, id: name },
    before,
    after: hidden === undefined ? after : { ...after, ...hidden },
  });
}

/**
 * What is configured of it: its health and its version are nobody's change. Of what is stored and cannot be served,
 * only what says nothing that may be a secret.
 */
function shownOf({ type, name }: ToldChange, { stored, configured }: SettingsState): object | undefined {
  return (
    (type === "provider" ? shownProvider(name, configured) : shownRoute(name, configured)) ??
    shownRow(stored[`${type}s`].find((row) => row.name === name))
  );
}

function shownProvider(name: string, { providers }: ConfiguredParts): object | undefined {
  const provider = providers.get(name);
  if (provider === undefined) return undefined;
  const { version: _, ...shown } = viewOfConfigured(provider);
  return shown;
}

function shownRoute(name: string, { routes }: ConfiguredParts): object | undefined {
  const route = routes.get(name);
  if (route === undefined) return undefined;
  const { version: _, ...shown } = viewOfRoute(route);
  return shown;
}

const shownRow = (row: { readonly name: string; readonly draining: boolean } | undefined) =>
  row === undefined ? undefined : { name: row.name, draining: row.draining };

/** Secrets, and what only a kind has, which may be one: that they were changed, and not to what. */
export function hiddenIn({ apiKey, apiKeys, settings }: ProviderInput): Hidden | undefined {
  const keyChanged = apiKey !== undefined || apiKeys !== undefined;
  if (!keyChanged && settings === undefined) return undefined;
  return {
    ...(keyChanged ? { keyChanged } : {}),
    ...(settings === undefined ? {} : { settingsChanged: Object.keys(settings ?? {}) }),
  };
}

// Changes of providers and routes leave entries in the audit trail of the gateway itself.

import type { Principal } from "../access/principal.ts";
import { differencesOf } from "../directory/audit-differences.ts";
import { entryBy, type UndatedEntry } from "../directory/audit-entry.ts";
import { platformTrail } from "../directory/audit.ts";
import type { ProviderView, RouteView } from "../settings-views.ts";
import type { Settings } from "../settings.ts";
import type { SettingsChanges } from "./settings-changes.ts";
import type { ProviderInput } from "./settings-input.ts";

/** Keeps an entry; never rejects. */
type WriteEntry = (entry: UndatedEntry) => Promise<void>;

interface ChangedEntry {
  readonly type: "provider" | "route";
  readonly name: string;
  /** As `add`. */
  readonly what: string;
  readonly before?: object | undefined;
  readonly after?: object | undefined;
  readonly hidden?: Readonly<Record<string, boolean | readonly string[]>> | undefined;
}

/**
 * The same port; what succeeds is on record before the caller hears of it, and a change whose entry cannot be written
 * stands. `before` is what was in force when the change was asked for.
 */
export function auditedSettings(settings: Settings, write: WriteEntry): Settings {
  const provider = (by: Principal, name: string) =>
    shownProvider(settings.providers(by).find((each) => each.name === name));
  const route = (by: Principal, name: string) =>
    shownRoute(settings.routes(by).find((each) => each.name === name));
  const note = (by: Principal, entry: ChangedEntry) => write(entryOf(by, entry));
  return {
    ...settings,
    async resealSecrets(by) {
      const resealed = await settings.resealSecrets(by);
      await note(by, { type: "provider", name: "*", what: "reseal", after: resealed });
      return resealed;
    },
    ...auditedProviders(settings, { view: provider, note }),
    ...auditedRoutes(settings, { view: route, note }),
  };
}

interface Watching {
  /** As it is in force. */
  readonly view: (by: Principal, name: string) => object | undefined;
  readonly note: (by: Principal, entry: ChangedEntry) => Promise<void>;
}

const auditedProviders = (
  to: SettingsChanges,
  { view, note }: Watching,
): Pick<SettingsChanges, "addProvider" | "updateProvider" | "drainProvider" | "removeProvider"> => ({
  async addProvider(by, input, options) {
    const changed = await to.addProvider(by, input, options);
    const after = shownProvider(changed);
    await note(by, { type: "provider", name: input.name, what: "add", after, hidden: hiddenIn(input) });
    return changed;
  },
  async updateProvider(by, input, options) {
    const before = view(by, input.name) ?? {};
    const changed = await to.updateProvider(by, input, options);
    const after = shownProvider(changed);
    await note(by, {
      type: "provider",
      name: input.name,
      what: "update",
      before,
      after,
      hidden: hiddenIn(input),
    });
    return changed;
  },
  async drainProvider(by, drain, options) {
    const before = view(by, drain.name) ?? {};
    const changed = await to.drainProvider(by, drain, options);
    await note(by, {
      type: "provider",
      name: drain.name,
      what: "drain",
      before,
      after: shownProvider(changed),
    });
    return changed;
  },
  async removeProvider(by, name, options) {
    const removed = await to.removeProvider(by, name, options);
    await note(by, { type: "provider", name, what: "remove", before: shownProvider(removed) });
    return removed;
  },
});

const auditedRoutes = (
  to: SettingsChanges,
  { view, note }: Watching,
): Pick<SettingsChanges, "addRoute" | "updateRoute" | "drainRoute" | "removeRoute"> => ({
  async addRoute(by, input) {
    const changed = await to.addRoute(by, input);
    await note(by, { type: "route", name: input.name, what: "add", after: shownRoute(changed) });
    return changed;
  },
  async updateRoute(by, input, options) {
    const before = view(by, input.name) ?? {};
    const changed = await to.updateRoute(by, input, options);
    await note(by, { type: "route", name: input.name, what: "update", before, after: shownRoute(changed) });
    return changed;
  },
  async drainRoute(by, drain, options) {
    const before = view(by, drain.name) ?? {};
    const changed = await to.drainRoute(by, drain, options);
    await note(by, { type: "route", name: drain.name, what: "drain", before, after: shownRoute(changed) });
    return changed;
  },
  async removeRoute(by, name, options) {
    const removed = await to.removeRoute(by, name, options);
    await note(by, { type: "route", name, what: "remove", before: shownRoute(removed) });
    return removed;
  },
});

function entryOf(by: Principal, { type, name, what, hidden, ...states }: ChangedEntry): UndatedEntry {
  const { before, after } = differencesOf(states.before, states.after);
  return entryBy(by, {
    tenantId: platformTrail,
    action: `${type}.${what}`,
    target: { type, id: name },
    before,
    after: hidden === undefined ? after : { ...after, ...hidden },
  });
}

/** What is configured of it: its health is nobody's change. */
function shownProvider(view: ProviderView | undefined): object | undefined {
  if (view === undefined) return undefined;
  const { name, kind, source, priority, baseUrl, models, keys, policy, connectMs, probe, draining } = view;
  return { name, kind, source, priority, baseUrl, models, keys, policy, connectMs, probe, draining };
}

function shownRoute(view: RouteView | undefined): object | undefined {
  if (view === undefined) return undefined;
  const { version, ...configured } = view;
  return configured;
}

/** Secrets, and what only a kind has, which may be one: that they were changed, and not to what. */
function hiddenIn({ apiKey, apiKeys, settings }: ProviderInput): ChangedEntry["hidden"] {
  const keyChanged = apiKey !== undefined || apiKeys !== undefined;
  if (!keyChanged && settings === undefined) return undefined;
  return {
    ...(keyChanged ? { keyChanged } : {}),
    ...(settings === undefined ? {} : { settingsChanged: Object.keys(settings ?? {}) }),
  };
}

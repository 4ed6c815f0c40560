// Ports as front ends get them: nothing is read or changed before it is known that the principal may.

import type { SettingsChanges } from "../managed/settings-changes.ts";
import type { Settings } from "../settings.ts";
import type { Records } from "../usage/records.ts";
import { requirePermission } from "./authorize.ts";
import type { RequirePermission } from "./permission-check.ts";
import type { Permission } from "./permissions.ts";
import type { Principal } from "./principal.ts";

/** What each function of the ports needs; `satisfies` holds that none is left out. */
export const recordsNeed = {
  requests: "requests:view",
  request: "requests:view",
  bodies: "requests:view",
  usage: "usage:view",
  usageByKey: "usage:view",
} as const satisfies Record<keyof Records, Permission>;

const changesNeed = {
  addProvider: "providers:update",
  updateProvider: "providers:update",
  drainProvider: "providers:update",
  removeProvider: "providers:update",
  resealSecrets: "providers:update",
  addRoute: "routes:update",
  updateRoute: "routes:update",
  drainRoute: "routes:update",
  removeRoute: "routes:update",
} as const satisfies Record<keyof SettingsChanges, Permission>;

export const settingsNeed = {
  ...changesNeed,
  providers: "providers:view",
  routes: "routes:view",
  models: "gateway:use",
} as const satisfies Record<keyof Settings, Permission>;

/** @throws GatewayError `permission_denied`, as a rejection */
type Permitted = <T>(principal: Principal, permission: Permission, ask: () => Promise<T>) => Promise<T>;

const permittedBy =
  (require: RequirePermission): Permitted =>
  async (principal, permission, ask) => {
    require(principal, permission);
    return ask();
  };

export function guardRecords(records: Records, require: RequirePermission = requirePermission): Records {
  const permitted = permittedBy(require);
  return {
    requests: (by, query) => permitted(by, recordsNeed.requests, () => records.requests(by, query)),
    request: (by, id) => permitted(by, recordsNeed.request, () => records.request(by, id)),
    bodies: (by, id) => permitted(by, recordsNeed.bodies, () => records.bodies(by, id)),
    usage: (by, question) => permitted(by, recordsNeed.usage, () => records.usage(by, question)),
    usageByKey: (by, question) =>
      permitted(by, recordsNeed.usageByKey, () => records.usageByKey(by, question)),
  };
}

const guardChanges = (to: SettingsChanges, permitted: Permitted): SettingsChanges => ({
  addProvider: (by, ...rest) => permitted(by, changesNeed.addProvider, () => to.addProvider(by, ...rest)),
  updateProvider: (by, ...rest) =>
    permitted(by, changesNeed.updateProvider, () => to.updateProvider(by, ...rest)),
  drainProvider: (by, ...rest) =>
    permitted(by, changesNeed.drainProvider, () => to.drainProvider(by, ...rest)),
  removeProvider: (by, ...rest) =>
    permitted(by, changesNeed.removeProvider, () => to.removeProvider(by, ...rest)),
  resealSecrets: (by) => permitted(by, changesNeed.resealSecrets, () => to.resealSecrets(by)),
  addRoute: (by, ...rest) => permitted(by, changesNeed.addRoute, () => to.addRoute(by, ...rest)),
  updateRoute: (by, ...rest) => permitted(by, changesNeed.updateRoute, () => to.updateRoute(by, ...rest)),
  drainRoute: (by, ...rest) => permitted(by, changesNeed.drainRoute, () => to.drainRoute(by, ...rest)),
  removeRoute: (by, ...rest) => permitted(by, changesNeed.removeRoute, () => to.removeRoute(by, ...rest)),
});

export function guardSettings(settings: Settings, require: RequirePermission = requirePermission): Settings {
  const permitted = permittedBy(require);
  return {
    ...guardChanges(settings, permitted),
    providers(by) {
      require(by, settingsNeed.providers);
      return settings.providers(by);
    },
    routes(by) {
      require(by, settingsNeed.routes);
      return settings.routes(by);
    },
    models: (by) => permitted(by, settingsNeed.models, () => settings.models(by)),
  };
}

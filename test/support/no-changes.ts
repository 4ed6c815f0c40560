// Settings that nobody changes.

import { GatewayError } from "../../src/core/errors.ts";
import type { SettingsChanges } from "../../src/core/managed/settings-changes.ts";

async function refuse(): Promise<never> {
  throw new GatewayError({ code: "unavailable", message: "This gateway's settings do not change." });
}

export const noChanges: SettingsChanges = {
  addProvider: refuse,
  updateProvider: refuse,
  drainProvider: refuse,
  removeProvider: refuse,
  resealSecrets: refuse,
  addRoute: refuse,
  updateRoute: refuse,
  drainRoute: refuse,
  removeRoute: refuse,
};

// The first key ends what is served without one. Whoever makes it must be able to administer the gateway afterwards.

import type { Principal } from "../access/principal.ts";
import { permissionsOfRole } from "../access/permissions.ts";
import { invalidRequest } from "../errors.ts";
import type { Steps } from "./administration-steps.ts";
import type { User } from "./entries.ts";
import type { PlannedKey } from "./planned.ts";

export interface PlannedKeyOfUser {
  readonly key: PlannedKey;
  readonly user: User | undefined;
}

/** @throws GatewayError `invalid_request` where nobody could administer any more */
export async function requireWayBack(
  steps: Steps,
  by: Principal,
  keys: readonly PlannedKeyOfUser[],
): Promise<void> {
  if (!by.keyless || steps.staysKeyless || keys.some(administers)) return;
  // Where there is a key already, another one ends nothing.
  if ((await steps.ask((store) => store.hasApiKeys())) || (await hasAdministrator(steps))) return;
  throw invalidRequest(
    "permissions",
    "the first key ends the service without a key, and with this one nobody could administer the gateway. " +
      "Run `npm run setup`, or create a user of the role platform_admin with a password first, " +
      "or give the key the permission api_keys:create",
  );
}

const administers = ({ key, user }: PlannedKeyOfUser): boolean =>
  key.active &&
  key.permissions.includes("api_keys:create") &&
  (user === undefined || permissionsOfRole[user.role].has("api_keys:create"));

const hasAdministrator = async (steps: Steps): Promise<boolean> => {
  const wanted = { tenantId: "default", roles: ["platform_admin"], hasPassword: true } as const;
  return (await steps.ask((store) => store.activeUser(wanted))) !== undefined;
};

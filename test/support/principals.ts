// Principals as authentication would give them.

import { allPermissions, permissionsOfRole, type Role } from "../../src/core/access/permissions.ts";
import type { Principal } from "../../src/core/access/principal.ts";

/** Served without a credential. */
export const keylessPrincipal: Principal = {
  tenantId: "default",
  environment: "live",
  keyless: true,
  permissions: allPermissions,
};

/** One with a credential, who may do what the role may. */
export const principalOfRole = (role: Role, tenantId = "default"): Principal => ({
  tenantId,
  environment: "live",
  keyless: false,
  role,
  permissions: permissionsOfRole[role],
});

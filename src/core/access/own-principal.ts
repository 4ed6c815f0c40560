import { allPermissions } from "./permissions.ts";
import type { Principal } from "./principal.ts";

/** Who a library user is, and whoever is served without a credential: the gateway's own machine. */
export const ownPrincipal: Principal = {
  tenantId: "default",
  environment: "live",
  keyless: true,
  permissions: allPermissions,
};

// Which tenant a call is for, and whose records a caller may read. It comes from the principal; only who may act for
// others names another.

import { GatewayError, invalidRequest } from "../errors.ts";
import { may } from "./authorize.ts";
import type { Principal } from "./principal.ts";

const tenantPattern = /^[a-z0-9-]{1,63}$/;

/**
 * @throws GatewayError `invalid_request` for a label that is no slug, `permission_denied` for one that names
 * a tenant other than the credential's
 */
export function principalFor(principal: Principal, labels: Readonly<Record<string, string>>): Principal {
  const tenant = labels["tenant"];
  if (tenant === undefined || tenant === principal.tenantId) return principal;
  if (!tenantPattern.test(tenant)) {
    throw invalidRequest("labels.tenant", "must be 1 to 63 lower-case letters, digits or `-`");
  }
  if (may(principal, "tenants:act_as")) return { ...principal, tenantId: tenant };
  throw new GatewayError({
    code: "permission_denied",
    field: "labels.tenant",
    message: "labels.tenant names a tenant other than the key's. Leave it out, or use that tenant's key.",
  });
}

/** Whose records a principal may read; undefined: every tenant's. */
export const readableTenant = (principal: Principal): string | undefined =>
  may(principal, "tenants:act_as") ? undefined : principal.tenantId;

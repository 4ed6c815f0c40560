// Which tenant a call is for, and whose records a caller may read. It comes from the principal; only who may act for
// others names another.

import { GatewayError, invalidRequest } from "../errors.ts";
import { may, notFound } from "./authorize.ts";
import type { Grants } from "./grants.ts";
import type { KnownTenants } from "./known-tenants.ts";
import type { Principal } from "./principal.ts";

const tenantPattern = /^[a-z0-9-]{1,63}$/;

export interface CallFor {
  readonly labels: Readonly<Record<string, string>>;
  /** Absent: no tenants are kept, and every one is served. */
  readonly tenants: KnownTenants | undefined;
  /** Hears who names another tenant and may not; absent: nobody does. */
  readonly onDenied?: ((by: Principal) => void) | undefined;
}

/**
 * The principal with the tenant that the labels name, and with what that one may use and spend.
 * @throws GatewayError `invalid_request` for a label that is no slug; `permission_denied` for one that names a tenant
 * other than the credential's, and for a tenant that is inactive; `not_found` for one that there is not; `unavailable`
 */
export function principalFor(principal: Principal, { labels, tenants, onDenied }: CallFor): Principal {
  const tenantId = labels["tenant"] ?? principal.tenantId;
  const isOwn = tenantId === principal.tenantId;
  if (isOwn && !principal.keyless) return principal;
  if (!isOwn) requireOther(principal, tenantId, onDenied);
  const grants = grantsIn(tenantId, principal, tenants);
  const actingFrom = isOwn || principal.keyless ? undefined : principal.tenantId;
  return { ...principal, tenantId, actingFrom, grants };
}

function requireOther(principal: Principal, tenantId: string, onDenied: CallFor["onDenied"]): void {
  if (!tenantPattern.test(tenantId)) {
    throw invalidRequest("labels.tenant", "must be 1 to 63 lower-case letters, digits or `-`");
  }
  if (may(principal, "tenants:act_as")) return;
  onDenied?.(principal);
  throw new GatewayError({
    code: "permission_denied",
    field: "labels.tenant",
    message: "labels.tenant names a tenant other than the key's. Leave it out, or use that tenant's key.",
  });
}

/** A key and a user go on narrowing what they may, whomever they act for. */
function grantsIn(
  tenantId: string,
  { keyless, grants }: Principal,
  tenants: KnownTenants | undefined,
): Grants | undefined {
  if (tenants === undefined) return grants;
  const known = tenants.find(tenantId);
  if (known === undefined) {
    // Without a key any name will do, as long as nobody has said what it stands for.
    if (keyless) return undefined;
    throw notFound("tenant");
  }
  // The same for every call: what is made of them is made once.
  if (known.active) {
    return grants === undefined ? known.grants : { ...grants, ...known.grants, home: grants.tenant };
  }
  throw new GatewayError({
    code: "permission_denied",
    message: `The tenant ${tenantId} is inactive. Ask an administrator to activate it, or name another.`,
  });
}

/** Whose records a principal may read; undefined: every tenant's. */
export const readableTenant = (principal: Principal): string | undefined =>
  may(principal, "tenants:act_as") ? undefined : principal.tenantId;

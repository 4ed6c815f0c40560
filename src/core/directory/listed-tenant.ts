// Of which tenant a listing is, and which entries a caller sees.

import { actsFor, may, notFound, requireTenant } from "../access/authorize.ts";
import type { Principal } from "../access/principal.ts";
import { isSlug } from "./rules/ids.ts";

/** @throws GatewayError `not_found`, also for what no tenant can be called */
export function requireOwnTenant(by: Principal, tenantId: string): void {
  if (!isSlug(tenantId)) throw notFound("tenant");
  requireTenant(by, tenantId);
}

/** Undefined: every tenant's. @throws GatewayError `not_found` */
export function listedTenant(by: Principal, tenantId: string | undefined): string | undefined {
  if (tenantId !== undefined) requireOwnTenant(by, tenantId);
  return tenantId ?? (may(by, "tenants:act_as") ? undefined : by.tenantId);
}

/** @throws GatewayError `not_found`: for what is not there, and for what is another tenant's */
export function requireSeen<E extends { readonly tenantId: string }>(
  by: Principal,
  entry: E | undefined,
  what: string,
): E {
  if (entry === undefined || !actsFor(by, entry.tenantId)) throw notFound(what);
  return entry;
}

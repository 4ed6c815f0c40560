// The one place that says no to a principal: ports ask it before they do anything.

import { GatewayError } from "../errors.ts";
import { ofLiveCallers, type Permission } from "./permissions.ts";
import type { Principal } from "./principal.ts";

export const may = (principal: Principal, permission: Permission): boolean =>
  principal.permissions.has(permission) && !isBeyondTests(principal, permission);

/** Whether it is a test key, which may not do this whatever it was given. */
export const isBeyondTests = ({ environment }: Principal, permission: Permission): boolean =>
  environment === "test" && ofLiveCallers.has(permission);

/** @throws GatewayError `permission_denied` that names the permission */
export function requirePermission(principal: Principal, permission: Permission): void {
  if (may(principal, permission)) return;
  if (isBeyondTests(principal, permission)) {
    throw new GatewayError({
      code: "permission_denied",
      message: `A test key never has the permission ${permission}, which this needs. Use a live key, or log in.`,
    });
  }
  if (principal.elsewhere?.has(permission) === true) throw servedElsewhere();
  throw new GatewayError({
    code: "permission_denied",
    message: `This needs the permission ${permission}. Ask an administrator for it, or use another credential.`,
  });
}

export const servedElsewhere = (): GatewayError =>
  new GatewayError({
    code: "permission_denied",
    message: "This port serves calls alone. Ask on the port of administration (ADMIN_PORT).",
  });

/** Whether the principal acts for the tenant: its own, or any, where it may act as others. */
export const actsFor = (principal: Principal, tenantId: string): boolean =>
  principal.tenantId === tenantId || may(principal, "tenants:act_as");

/**
 * @throws GatewayError `not_found`: whoever may not see another tenant does not learn whether it exists
 */
export function requireTenant(principal: Principal, tenantId: string): void {
  if (actsFor(principal, tenantId)) return;
  throw notFound("tenant");
}

export const notFound = (what: string): GatewayError =>
  new GatewayError({
    code: "not_found",
    message: `There is no such ${what}, or it is not yours to see. Look at the id.`,
  });

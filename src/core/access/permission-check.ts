// Whoever is told no leaves an entry in the audit trail that says which permission they lacked.

import { entryBy, type UndatedEntry } from "../directory/audit-entry.ts";
import type { AuditTrail } from "../directory/audit.ts";
import { isBeyondTests, may, requirePermission } from "./authorize.ts";
import type { Permission } from "./permissions.ts";
import type { Principal } from "./principal.ts";

/** @throws GatewayError `permission_denied` that names the permission */
export type RequirePermission = (by: Principal, permission: Permission) => void;

/** `what`: a permission, or what is as one, as `role:owner`. */
export const denialBy = (by: Principal, what: string): UndatedEntry =>
  entryBy(by, {
    tenantId: by.tenantId,
    kind: "decision",
    action: "permission.denied",
    target: { type: "permission", id: what },
    before: undefined,
    after: undefined,
  });

export const createPermissionCheck =
  (trail: AuditTrail): RequirePermission =>
  (by, permission) => {
    // Who asks on the wrong port lacks nothing.
    const lacks =
      !may(by, permission) && (by.elsewhere?.has(permission) !== true || isBeyondTests(by, permission));
    if (lacks) trail.note(denialBy(by, permission));
    requirePermission(by, permission);
  };

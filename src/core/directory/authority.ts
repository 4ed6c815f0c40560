// Nobody gives more than they have, and nobody changes what is above them.

import { may } from "../access/authorize.ts";
import {
  isAtMost,
  isPermission,
  isRole,
  type Permission,
  permissionsOfRole,
  type Role,
} from "../access/permissions.ts";
import type { Principal } from "../access/principal.ts";
import type { Steps } from "./administration-steps.ts";

/** A key has no role: it is above those that may do nothing that it may not. */
export const hasAuthorityOver = (by: Principal, role: Role): boolean =>
  (by.role === undefined || isAtMost(role, by.role)) &&
  [...permissionsOfRole[role]].every((permission) => may(by, permission));

/** What is no role is told with the input's other faults. @throws GatewayError `permission_denied` */
export function requireGivable(steps: Steps, by: Principal, role: Role): void {
  if (!isRole(role) || hasAuthorityOver(by, role)) return;
  throw steps.denied(
    by,
    `role:${role}`,
    `You cannot give the role ${role}: it may do more than you. Ask somebody who has it.`,
  );
}

/** @throws GatewayError `permission_denied` */
export function requireAuthorityOver(steps: Steps, by: Principal, role: Role): void {
  if (hasAuthorityOver(by, role)) return;
  throw steps.denied(
    by,
    `role:${role}`,
    `A user of the role ${role} is above you. Ask somebody who has that role.`,
  );
}

/** @throws GatewayError `permission_denied` that names what is beyond the caller */
export function requireHeld(steps: Steps, by: Principal, permissions: readonly Permission[]): void {
  const beyond = permissions.filter(isPermission).find((permission) => !may(by, permission));
  if (beyond === undefined) return;
  throw steps.denied(
    by,
    beyond,
    `A key cannot be given, or have, a permission that you lack: ${beyond}. Ask somebody who has it.`,
  );
}

/** @throws GatewayError `permission_denied` for a test key that would make or change a live one */
export function requireEnvironment(steps: Steps, by: Principal, environment: Principal["environment"]): void {
  if (by.environment === "live" || environment === "test") return;
  throw steps.denied(
    by,
    `environment:${environment}`,
    "A test key makes and changes test keys alone, and this one is, or would be, live. Use a live key, or log in.",
  );
}

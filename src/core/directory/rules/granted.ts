// Roles and permissions as callers name them.

import { isPermission, isRole, roles } from "../../access/permissions.ts";
import type { FieldFault } from "../../errors.ts";
import type { Fault } from "./faults.ts";

export const roleFault = (role: string): Fault =>
  isRole(role) ? undefined : `must be one of ${roles.join(", ")}`;

export const permissionFaults = (permissions: readonly string[] | undefined): readonly FieldFault[] =>
  (permissions ?? []).flatMap((permission, i) =>
    isPermission(permission) ? [] : [{ field: `permissions[${i}]`, message: "is no permission" }],
  );

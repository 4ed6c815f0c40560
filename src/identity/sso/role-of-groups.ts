// Which role an issuer's groups give. Pure.

import { isAtMost, type Role } from "../../core/access/permissions.ts";
import type { SsoConfig } from "../../core/directory/entries.ts";

/**
 * The highest that one of the groups has, else the default. Never `platform_admin`: no tenant's issuer gives away what
 * belongs to all. Undefined: nobody gets in by these groups.
 */
export function roleOfGroups(
  groups: readonly string[],
  { rolesOfGroups, defaultRole }: Pick<SsoConfig, "rolesOfGroups" | "defaultRole">,
): Role | undefined {
  const roleOf = new Map(Object.entries(rolesOfGroups));
  let highest: Role | undefined;
  for (const group of groups) {
    const role = roleOf.get(group);
    if (role === undefined || role === "platform_admin") continue;
    if (highest === undefined || isAtMost(highest, role)) highest = role;
  }
  return highest ?? (defaultRole === "platform_admin" ? undefined : defaultRole);
}

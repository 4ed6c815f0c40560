// A tenant keeps somebody who administers it.

import type { Role } from "../access/permissions.ts";
import { conflictOn } from "./administration-errors.ts";
import type { Steps } from "./administration-steps.ts";
import type { DirectoryChange } from "./directory-store.ts";
import type { User } from "./entries.ts";
import { type PlannedUser, plannedUser } from "./planned.ts";

const administrators: readonly Role[] = ["owner", "admin", "platform_admin"];

/**
 * What is written with a change by which a tenant may lose an administrator: the one who stays, unchanged, in the
 * version that was read. So of two who take each other's place away at the same moment, the second is refused.
 * `after`: absent where the user is deleted.
 * @throws GatewayError `conflict` for the last one
 */
export async function keptAdministrator(
  steps: Steps,
  before: User,
  after: PlannedUser | undefined,
): Promise<readonly DirectoryChange[]> {
  const needed: readonly Role[] = before.role === "platform_admin" ? ["platform_admin"] : administrators;
  const counts = (user: PlannedUser): boolean => user.active && needed.includes(user.role);
  if (!counts(before) || (after !== undefined && counts(after))) return [];
  const { id, tenantId } = before;
  const kept = await steps.ask((store) => store.activeUser({ tenantId, roles: needed, except: id }));
  if (kept === undefined) throw conflictOn(lastOne(before, after));
  return [{ type: "put_user", user: plannedUser(kept, {}), seen: kept.version }];
}

function lastOne({ role, tenantId }: User, after: PlannedUser | undefined) {
  const who = role === "platform_admin" ? "platform_admin" : "owner or admin";
  const field = after === undefined ? "id" : after.active ? "role" : "active";
  return {
    field,
    message: `this is the last active ${who} of the tenant ${tenantId}: make another one first`,
  };
}

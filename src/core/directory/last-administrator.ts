// A tenant keeps somebody who administers it.

import type { Role } from "../access/permissions.ts";
import { conflictOn } from "./administration-errors.ts";
import type { Steps } from "./administration-steps.ts";
import type { DirectoryChange, DirectoryStore } from "./directory-store.ts";
import type { User } from "./entries.ts";
import { type PlannedUser, plannedUser } from "./planned.ts";

const administrators: readonly Role[] = ["owner", "admin", "platform_admin"];

/** `after`: absent where the user is deleted. */
interface ChangedUser {
  readonly before: User;
  readonly after: PlannedUser | undefined;
}

/**
 * What is written with a change by which a tenant may lose an administrator: the one who stays, unchanged, in the
 * version that was read. So of two who take each other's place away at the same moment, the second is refused.
 * @returns undefined for the last one
 */
export async function whoStays(
  { before, after }: ChangedUser,
  activeUser: DirectoryStore["activeUser"],
): Promise<readonly DirectoryChange[] | undefined> {
  const needed: readonly Role[] = before.role === "platform_admin" ? ["platform_admin"] : administrators;
  const counts = (user: PlannedUser): boolean => user.active && needed.includes(user.role);
  if (!counts(before) || (after !== undefined && counts(after))) return [];
  const { id, tenantId } = before;
  const kept = await activeUser({ tenantId, roles: needed, except: id });
  return kept && [{ type: "put_user", user: plannedUser(kept, {}), seen: kept.version }];
}

/** The same, of what an administrator asks for. @throws GatewayError `conflict` for the last one */
export async function keptAdministrator(
  steps: Steps,
  before: User,
  after: PlannedUser | undefined,
): Promise<readonly DirectoryChange[]> {
  const kept = await whoStays({ before, after }, (wanted) => steps.ask((store) => store.activeUser(wanted)));
  if (kept !== undefined) return kept;
  const field = after === undefined ? "id" : after.active ? "role" : "active";
  throw conflictOn({ field, message: lastOne(before) });
}

/** Why they stay. */
export const lastOne = ({ role, tenantId }: User): string => {
  const who = role === "platform_admin" ? "platform_admin" : "owner or admin";
  return `this is the last active ${who} of the tenant ${tenantId}: make another one first`;
};

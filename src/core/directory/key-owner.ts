// Whose a key is.

import type { FieldFault } from "../errors.ts";
import type { Steps } from "./administration-steps.ts";
import type { User } from "./entries.ts";
import type { PlannedKey } from "./planned.ts";
import { isUuid } from "./rules/ids.ts";

export interface KeyOwner {
  /** Absent: the key is the tenant's. */
  readonly user: User | undefined;
  readonly faults: readonly FieldFault[];
}

/** Only an active user of the key's own tenant has keys. */
export async function ownerOf(steps: Steps, { userId, tenantId }: PlannedKey): Promise<KeyOwner> {
  if (userId === undefined) return { user: undefined, faults: [] };
  const [user] = isUuid(userId) ? await steps.ask((store) => store.usersById([userId])) : [];
  if (user?.tenantId === tenantId && user.active) return { user, faults: [] };
  const message = "the tenant has no active user with this id";
  return { user: undefined, faults: [{ field: "userId", message }] };
}

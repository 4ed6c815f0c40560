// What changes of a key have in common.

import type { Principal } from "../access/principal.ts";
import { conflictOn } from "./administration-errors.ts";
import type { AuditedChange, Steps } from "./administration-steps.ts";
import type { ApiKey } from "./entries.ts";
import { requireSeen } from "./listed-tenant.ts";
import type { PlannedKey } from "./planned.ts";
import { oneAsWritten } from "./read-by-id.ts";
import { isUuid } from "./rules/ids.ts";

/** @throws GatewayError `not_found` */
export async function foundKey(steps: Steps, by: Principal, id: string): Promise<ApiKey> {
  const [key] = isUuid(id) ? await steps.ask((store) => store.apiKeysById([id])) : [];
  return requireSeen(by, key, "key");
}

export const asStoredKey = (steps: Steps, key: ApiKey): Promise<ApiKey> =>
  oneAsWritten(key, (ids) => steps.ask((store) => store.apiKeysById(ids)));

/** @throws GatewayError `conflict` */
export function requireNotRevoked({ revokedAtMs }: ApiKey): void {
  if (revokedAtMs === undefined) return;
  throw conflictOn({
    field: "id",
    message: "the key has been revoked, which is for good: create another one",
  });
}

export const aboutKey = (
  what: string,
  { id, tenantId }: PlannedKey,
): Pick<AuditedChange, "tenantId" | "action" | "target"> => ({
  tenantId,
  action: `api_key.${what}`,
  target: { type: "api_key", id },
});

// Principals with budgets, and an audit trail that a test can read.

import type { Budget, Grants } from "../../src/core/access/grants.ts";
import type { Principal } from "../../src/core/access/principal.ts";
import type { AuditTrail } from "../../src/core/directory/audit.ts";
import { principalOfRole } from "./principals.ts";

export interface BudgetsOf {
  readonly tenantId?: string;
  readonly tenant?: Budget;
  readonly key?: Budget;
  readonly user?: Budget;
  readonly timeZone?: string;
}

/** With a tenant's, a key's and a user's grants, whether or not they have budgets. */
export function budgetedPrincipal({
  tenantId = "acme",
  tenant,
  key,
  user,
  timeZone = "UTC",
}: BudgetsOf): Principal {
  const grants: Grants = {
    tenant: { id: tenantId, timeZone, limits: {}, budget: tenant ?? {} },
    key: { id: "key-1", limits: {}, budget: key ?? {} },
    user: { id: "user-1", budget: user ?? {} },
  };
  return { ...principalOfRole("developer", tenantId), apiKeyId: "key-1", userId: "user-1", grants };
}

export type AuditNote = Parameters<AuditTrail["note"]>[0];

export function createReadableAudit(): AuditTrail & { readonly notes: AuditNote[] } {
  const notes: AuditNote[] = [];
  return { notes, note: (entry) => void notes.push(entry) };
}

// What is kept of a call: what its tenant says, else what the gateway does.

import type { TenantLogging } from "./access/grants.ts";
import type { Principal } from "./access/principal.ts";
import type { Snapshot } from "./snapshot.ts";

export type CallLogging = Pick<TenantLogging, "bodies" | "redact">;

export function loggingOf(call: {
  readonly principal: Pick<Principal, "tenantId" | "grants">;
  readonly snapshot: Pick<Snapshot, "loggingPolicy">;
}): CallLogging {
  const { tenantId, grants } = call.principal;
  // Whoever acts for another tenant brings the grants of its own, which say nothing of that one.
  const own = grants?.tenant.id === tenantId ? grants.tenant.logging : undefined;
  return own ?? { bodies: call.snapshot.loggingPolicy, redact: false };
}

// What is kept of a call: what its tenant says, else what the gateway does.

import type { TenantLogging } from "./access/grants.ts";
import type { Principal } from "./access/principal.ts";
import type { Snapshot } from "./snapshot.ts";

export type CallLogging = Pick<TenantLogging, "bodies" | "redact">;

export function loggingOf(call: {
  readonly principal: Pick<Principal, "tenantId" | "grants" | "keyless">;
  readonly snapshot: Pick<Snapshot, "loggingPolicy">;
}): CallLogging {
  const { tenantId, grants, keyless } = call.principal;
  // Whoever acts for another tenant brings the grants of its own, which say nothing of that one.
  const own = grants?.tenant.id === tenantId ? grants.tenant.logging : undefined;
  // As long as nobody is asked for a key, it is somebody's own machine.
  const bodies = call.snapshot.loggingPolicy ?? (keyless ? "full" : "metadata");
  return own ?? { bodies, redact: false };
}

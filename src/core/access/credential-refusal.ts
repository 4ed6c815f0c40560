// Why a credential was not taken: what its sender is told, and what the audit trail tells besides.

import { type ErrorCode, GatewayError } from "../errors.ts";

/** `malformed`: it cannot be one, by its form alone. `denied`: it is good, and whoever has it may not call. */
export type RefusalReason =
  | "malformed"
  | "unknown"
  | "expired"
  | "revoked"
  | "inactive"
  | "denied"
  | "rate_limited";

export interface RefusalOptions {
  readonly reason: RefusalReason;
  /** For the sender's eyes. */
  readonly message: string;
  /** Whose credential it is, where that is known. */
  readonly tenantId?: string | undefined;
  /** What it names, as a key or a session. Never the credential or its hash. */
  readonly target?: { readonly type: string; readonly id: string } | undefined;
  readonly retryAfterMs?: number | undefined;
}

export class CredentialRefusal extends GatewayError {
  readonly reason: RefusalReason;
  readonly tenantId: string | undefined;
  readonly target: RefusalOptions["target"];

  constructor({ reason, message, tenantId, target, retryAfterMs }: RefusalOptions) {
    super({ code: codeOf(reason), message, retryAfterMs });
    this.reason = reason;
    this.tenantId = tenantId;
    this.target = target;
  }
}

function codeOf(reason: RefusalReason): ErrorCode {
  if (reason === "denied") return "permission_denied";
  return reason === "rate_limited" ? "rate_limited" : "unauthenticated";
}

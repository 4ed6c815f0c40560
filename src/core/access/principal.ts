import type { Grants } from "./grants.ts";
import type { PermissionSet, Role } from "./permissions.ts";

/** Where a request comes from, for the audit trail and for limits. */
export interface Origin {
  /** The client's, as far as it is believed. */
  readonly address?: string | undefined;
  /** The caller's `x-request-id`, as sent. */
  readonly correlationId?: string | undefined;
}

/** Who calls. */
export interface Principal {
  /** The tenant's slug: `[a-z0-9-]{1,63}`. */
  readonly tenantId: string;
  /** Of a credential that acts for that tenant: its own. */
  readonly actingFrom?: string | undefined;
  readonly userId?: string | undefined;
  readonly apiKeyId?: string | undefined;
  /** Issuer and subject of a token of another issuer's; the directory may have no user for it. */
  readonly externalId?: string | undefined;
  /** Of a user who has logged in. */
  readonly sessionId?: string | undefined;
  /** Of a user whose token has no session, in whole seconds: it ends with all that were made before. */
  readonly tokenIssuedAtMs?: number | undefined;
  readonly environment: "live" | "test";
  /** Served without a credential, as a gateway without keys does for its own machine. */
  readonly keyless: boolean;
  /** The gateway itself, or its set-up, and no caller. */
  readonly system?: true | undefined;
  /** Of a user. Absent: a key, whose permissions are its own. */
  readonly role?: Role | undefined;
  readonly permissions: PermissionSet;
  /** What it may do on another port of the gateway; absent: no more than here. */
  readonly elsewhere?: PermissionSet | undefined;
  /** What it may use and spend. Absent: what is served, as much as there is. */
  readonly grants?: Grants | undefined;
  readonly origin?: Origin | undefined;
}

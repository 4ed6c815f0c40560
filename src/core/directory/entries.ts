// Tenants, their users, keys and sign-on: what the directory holds of each. Plain values that a worker thread can be
// sent. What is secret stands beside them (`credentials.ts`) and is never part of what is shown.

import type { AllowedLists, Budget, TenantLogging, UseLimits } from "../access/grants.ts";
import type { Permission, Role } from "../access/permissions.ts";

interface Entry {
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Of the directory when it was changed last: who edits it says which one was read. */
  readonly version: number;
}

/** Set by whoever stores it. */
export type Unstored<E extends Entry> = Omit<E, keyof Entry>;

export interface Tenant extends Entry, AllowedLists {
  /** The slug: `[a-z0-9-]{1,63}`, never changed and never given again. */
  readonly id: string;
  readonly name: string;
  readonly contactEmail: string | undefined;
  readonly active: boolean;
  /** IANA's name; a month of the budget begins at its midnight. */
  readonly timeZone: string;
  readonly limits: UseLimits;
  readonly budget: Budget;
  /** Absent: the gateway's own. */
  readonly logging: TenantLogging | undefined;
  /** How long answers may be cached, where neither call, use case nor route says. Absent: as the gateway says. */
  readonly cacheTtlSeconds: number | undefined;
}

export interface User extends Entry {
  /** UUIDv7 */
  readonly id: string;
  readonly tenantId: string;
  /** Lower case, ASCII; one user of a tenant has it. */
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly active: boolean;
  readonly budget: Budget;
  readonly hasPassword: boolean;
  /** Issuer and subject of the sign-on that made it; absent: made here. */
  readonly externalId: string | undefined;
  readonly lastLogInAtMs: number | undefined;
  /** Tokens without a session that were made by then have ended; absent: none has. */
  readonly tokensEndedAtMs: number | undefined;
}

export interface ApiKey extends Entry, AllowedLists {
  /** UUIDv7; stays when the key is rotated. */
  readonly id: string;
  readonly tenantId: string;
  /** Whose it is; absent: the tenant's. It may never do more than its user. */
  readonly userId: string | undefined;
  readonly name: string;
  /** Its beginning, by which people tell keys apart. */
  readonly prefix: string;
  readonly environment: "live" | "test";
  readonly limits: UseLimits;
  readonly budget: Budget;
  readonly permissions: readonly Permission[];
  readonly expiresAtMs: number | undefined;
  readonly active: boolean;
  readonly revokedAtMs: number | undefined;
  /** Within a minute or so. */
  readonly lastUsedAtMs: number | undefined;
  /** When the key before the last rotation ends; absent: there is none. */
  readonly previousExpiresAtMs: number | undefined;
}

export interface SsoConfig extends Entry {
  /** One for each tenant. */
  readonly tenantId: string;
  readonly active: boolean;
  /** `https:` address; its metadata is found below it (OpenID Connect Discovery 1.0). */
  readonly issuer: string;
  readonly clientId: string;
  readonly hasClientSecret: boolean;
  readonly scopes: readonly string[];
  /** The claim that lists groups. */
  readonly groupsClaim: string;
  /** Group to role; of several the highest. */
  readonly rolesOfGroups: Readonly<Record<string, Role>>;
  /** Of a user in no such group; absent: no entry. */
  readonly defaultRole: Role | undefined;
  /** Users are made when they first sign on. */
  readonly createsUsers: boolean;
}

/** A user's log-in: it ends by its time, by `logOut`, or when an old refresh token comes back. */
export interface Session {
  /** UUIDv7 */
  readonly id: string;
  readonly userId: string;
  readonly tenantId: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly endedAtMs: number | undefined;
}

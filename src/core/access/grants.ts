// What a tenant, a key and a user may use and spend. A key and a user can only narrow what their tenant has: each of
// them is asked, and the tenant's total always holds.

import type { LoggingPolicy } from "../snapshot.ts";

/** Absent: the gateway's own default, by its settings. */
export interface UseLimits {
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  /** Streams that are open at a time. Absent: as many as there are. */
  readonly concurrentStreams?: number | undefined;
}

/** Of a calendar month in the tenant's time zone. */
export interface Budget {
  /** Beyond it a call is refused. Absent: no limit. */
  readonly hardNanos?: bigint | undefined;
  /** Beyond it somebody is told. */
  readonly softNanos?: bigint | undefined;
}

/**
 * Patterns in which `*` stands for any text. Absent: everything; empty: nothing. A provider is matched by its name, a
 * model by `provider/model`, and by its own name where the pattern has no slash.
 */
export interface AllowedLists {
  readonly allowedModels?: readonly string[] | undefined;
  readonly allowedProviders?: readonly string[] | undefined;
}

/** What is kept of a tenant's calls. */
export interface TenantLogging {
  readonly bodies: LoggingPolicy;
  /** Credentials are taken out of bodies before they are kept. */
  readonly redact: boolean;
  /** How long bodies, labels and errors' words are kept; the accounting row stays. Absent: without end. */
  readonly retentionDays?: number | undefined;
}

export interface TenantGrant extends AllowedLists {
  /** The slug. */
  readonly id: string;
  readonly timeZone: string;
  readonly limits: UseLimits;
  readonly budget: Budget;
  /** Absent: the gateway's own. */
  readonly logging?: TenantLogging | undefined;
  /** How long its answers may be cached, where neither its call, use case nor route says. */
  readonly cacheTtlSeconds?: number | undefined;
}

export interface KeyGrant extends AllowedLists {
  readonly id: string;
  readonly limits: UseLimits;
  readonly budget: Budget;
}

export interface UserGrant {
  readonly id: string;
  readonly budget: Budget;
}

export interface Grants {
  readonly tenant: TenantGrant;
  /** Of a credential that acts for `tenant`: its own tenant, of whose months its key's and its user's budgets are. */
  readonly home?: TenantGrant | undefined;
  readonly key?: KeyGrant | undefined;
  readonly user?: UserGrant | undefined;
}

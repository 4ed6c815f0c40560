// The ports by which administrators see and change tenants, users, keys, sign-on and the trail. Each function checks
// what its caller may do before it looks at anything, and each change leaves an audit entry.

import type { TenantLogging } from "../access/grants.ts";
import type { Permission, Role } from "../access/permissions.ts";
import type { Principal } from "../access/principal.ts";
import type { Resealed } from "../managed/settings-changes.ts";
import type { AuditEntry, AuditQuery, AuditVerification } from "./audit.ts";
import type { Page, PageQuery } from "./directory-store.ts";
import type { ApiKey, SsoConfig, Tenant, User } from "./entries.ts";

/** Absent: as it was, or the default of a new one; null: its default. */
type Optional<T> = T | null | undefined;

export interface BudgetInput {
  /** null: no limit. */
  readonly hardNanos?: Optional<bigint>;
  readonly softNanos?: Optional<bigint>;
}

export interface UseLimitsInput {
  readonly requestsPerMinute?: Optional<number>;
  readonly tokensPerMinute?: Optional<number>;
  readonly concurrentStreams?: Optional<number>;
}

interface AllowedListsInput {
  readonly allowedModels?: Optional<readonly string[]>;
  readonly allowedProviders?: Optional<readonly string[]>;
}

export interface TenantInput extends AllowedListsInput {
  readonly name?: string | undefined;
  readonly contactEmail?: Optional<string>;
  readonly active?: boolean | undefined;
  readonly timeZone?: Optional<string>;
  readonly limits?: Optional<UseLimitsInput>;
  readonly budget?: Optional<BudgetInput>;
  readonly logging?: Optional<TenantLogging>;
  readonly cacheTtlSeconds?: Optional<number>;
}

export interface UserInput {
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly role?: Role | undefined;
  readonly active?: boolean | undefined;
  readonly budget?: Optional<BudgetInput>;
  /** Goes in and never comes out. null: no local log-in. */
  readonly password?: Optional<string>;
}

export interface ApiKeyInput extends AllowedListsInput {
  readonly name?: string | undefined;
  readonly userId?: Optional<string>;
  readonly active?: boolean | undefined;
  readonly limits?: Optional<UseLimitsInput>;
  readonly budget?: Optional<BudgetInput>;
  readonly permissions?: readonly Permission[] | undefined;
  readonly expiresAtMs?: Optional<number>;
}

export interface ImportedKeyInput extends ApiKeyInput {
  readonly name: string;
  /** The beginning of the key, at least 6 characters: by it the hash is found. */
  readonly prefix: string;
  /** As `$2b$10$…`; cost 4 to 12. */
  readonly bcryptHash: string;
}

export interface SsoConfigInput {
  readonly active?: boolean | undefined;
  readonly issuer?: string | undefined;
  readonly clientId?: string | undefined;
  /** Goes in and never comes out. null: a public client. */
  readonly clientSecret?: Optional<string>;
  readonly scopes?: Optional<readonly string[]>;
  readonly groupsClaim?: Optional<string>;
  readonly rolesOfGroups?: Optional<Readonly<Record<string, Role>>>;
  readonly defaultRole?: Optional<Role>;
  readonly createsUsers?: boolean | undefined;
}

/** The version that was read. Another one by now is a `conflict`. */
export interface Edit {
  readonly version: number;
}

export interface MadeKey {
  readonly apiKey: ApiKey;
  /** Shown this once. */
  readonly secret: string;
}

/** One listing's question: an absent tenant is the caller's own, or every tenant for who acts for all. */
export type ListQuery = Partial<PageQuery> & { readonly first: number };

/**
 * Each throws a GatewayError: `permission_denied`; `not_found`, also for what another tenant has; `invalid_request`
 * with every field at fault in `fields`; `conflict` for what another one has or has changed; `unavailable` when the
 * database does not answer.
 */
export interface Administration {
  tenants(by: Principal, query: Omit<ListQuery, "tenantId" | "userId">): Promise<Page<Tenant>>;
  /** In the order asked; undefined for what is not there or not the caller's to see. */
  tenantsById(by: Principal, ids: readonly string[]): Promise<readonly (Tenant | undefined)[]>;
  createTenant(
    by: Principal,
    input: TenantInput & { readonly id: string; readonly name: string },
  ): Promise<Tenant>;
  updateTenant(by: Principal, id: string, input: TenantInput & Edit): Promise<Tenant>;
  deleteTenant(by: Principal, id: string, edit: Edit): Promise<Tenant>;

  users(by: Principal, query: ListQuery): Promise<Page<User>>;
  usersById(by: Principal, ids: readonly string[]): Promise<readonly (User | undefined)[]>;
  /** Without a tenant: in the caller's own. */
  createUser(
    by: Principal,
    input: UserInput & {
      readonly tenantId?: string | undefined;
      readonly email: string;
      readonly role: Role;
    },
  ): Promise<User>;
  updateUser(by: Principal, id: string, input: UserInput & Edit): Promise<User>;
  deleteUser(by: Principal, id: string, edit: Edit): Promise<User>;
  /** One's own; other sessions end. */
  changePassword(by: Principal, change: { readonly current: string; readonly next: string }): Promise<void>;

  apiKeys(by: Principal, query: ListQuery): Promise<Page<ApiKey>>;
  apiKeysById(by: Principal, ids: readonly string[]): Promise<readonly (ApiKey | undefined)[]>;
  createApiKey(
    by: Principal,
    input: ApiKeyInput & {
      readonly tenantId?: string | undefined;
      readonly name: string;
      readonly environment?: "live" | "test" | undefined;
    },
  ): Promise<MadeKey>;
  updateApiKey(by: Principal, id: string, input: ApiKeyInput & Edit): Promise<ApiKey>;
  /** A new secret; the one before goes on for so long (0 to 30 days). */
  rotateApiKey(
    by: Principal,
    id: string,
    rotation: Edit & { readonly overlapSeconds: number },
  ): Promise<MadeKey>;
  revokeApiKey(by: Principal, id: string, edit: Edit): Promise<ApiKey>;
  deleteApiKey(by: Principal, id: string, edit: Edit): Promise<ApiKey>;
  /** All or none; at most 100. */
  importApiKeys(
    by: Principal,
    input: { readonly tenantId?: string | undefined; readonly keys: readonly ImportedKeyInput[] },
  ): Promise<readonly ApiKey[]>;

  ssoConfig(by: Principal, tenantId?: string): Promise<SsoConfig | undefined>;
  /** Makes it where there is none: then without a version. */
  setSsoConfig(
    by: Principal,
    input: SsoConfigInput & { readonly tenantId?: string | undefined; readonly version?: number | undefined },
  ): Promise<SsoConfig>;
  deleteSsoConfig(by: Principal, edit: Edit & { readonly tenantId?: string | undefined }): Promise<SsoConfig>;

  /**
   * Seals client secrets with the server's current secret, so that an earlier one can be dropped. Keys are hashed with
   * it when they are next used: `keysLeft` have not been.
   */
  resealClientSecrets(by: Principal): Promise<Resealed & { readonly keysLeft: number }>;

  auditLog(by: Principal, query: Partial<AuditQuery> & { readonly first: number }): Promise<Page<AuditEntry>>;
  /** An absent tenant: the caller's own; `platform`: what is no tenant's. */
  verifyAudit(by: Principal, tenantId?: string): Promise<AuditVerification>;
}

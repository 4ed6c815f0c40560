// The port that keeps the directory. A change and its audit entries are written together or not at all, under one
// version that rises with each: other gateways see by it what they have to forget.

import type { Role } from "../access/permissions.ts";
import type { AuditEntry, AuditQuery, AuditVerification, NewAuditEntry } from "./audit.ts";
import type { ApiKeyCredential, KeyedHash, SsoCredential, UserCredential } from "./credentials.ts";
import type { ApiKey, Session, SsoConfig, Tenant, Unstored, User } from "./entries.ts";

/** `seen`: the version that was read; absent: there must be none yet. */
interface Put {
  readonly seen: number | undefined;
}

export type DirectoryChange =
  | (Put & { readonly type: "put_tenant"; readonly tenant: Unstored<Tenant> })
  | (Put & {
      readonly type: "put_user";
      readonly user: Omit<Unstored<User>, "hasPassword" | "lastLogInAtMs" | "tokensEndedAtMs">;
      /** Absent: as it is. */
      readonly credential?: UserCredential | undefined;
    })
  | (Put & {
      readonly type: "put_api_key";
      readonly apiKey: Omit<Unstored<ApiKey>, "lastUsedAtMs">;
      /** Absent: as it is. */
      readonly credential?: ApiKeyCredential | undefined;
    })
  /**
   * With keys of these prefixes, which are written before it: `changed_meanwhile` where the tenant has more imported ones
   * by now than may wait or begin alike.
   */
  | { readonly type: "bound_imports"; readonly tenantId: string; readonly prefixes: readonly string[] }
  | (Put & {
      readonly type: "put_sso_config";
      readonly ssoConfig: Omit<Unstored<SsoConfig>, "hasClientSecret">;
      /** Absent: as it is. */
      readonly credential?: SsoCredential | undefined;
    })
  /** Its users, keys, sessions and sign-on go with it; its records and its trail stay, and so does its name. */
  | { readonly type: "delete_tenant"; readonly id: string; readonly seen: number }
  /** Its keys are revoked, its sessions end. */
  | { readonly type: "delete_user"; readonly id: string; readonly seen: number }
  | { readonly type: "delete_api_key"; readonly id: string; readonly seen: number }
  | { readonly type: "delete_sso_config"; readonly tenantId: string; readonly seen: number }
  | {
      readonly type: "start_session";
      readonly session: Session;
      readonly refreshHash: KeyedHash;
      /** That of the password that was shown; with another one by now it is not started. */
      readonly passwordHash?: string | undefined;
    }
  | { readonly type: "end_session"; readonly id: string; readonly atMs: number }
  /** And the tokens of the user that have no session. */
  | {
      readonly type: "end_sessions_of_user";
      readonly userId: string;
      readonly atMs: number;
      /** The session that goes on; absent: none does. */
      readonly except?: string | undefined;
    }
  /** Entries without a change; raises no version. */
  | { readonly type: "audit_only" };

export type DirectoryWritten =
  | { readonly outcome: "written"; readonly version: number }
  /** Somebody else has changed it since it was read, or it is gone. */
  | { readonly outcome: "changed_meanwhile" }
  /** A name, an email or a hash that another one has. `at`: the place of the change that says so. */
  | { readonly outcome: "exists"; readonly at: number }
  /** What it belongs to is not there. */
  | { readonly outcome: "no_owner" };

export interface DirectoryWrite {
  /** All or none. At least one. */
  readonly changes: readonly DirectoryChange[];
  /** One whose target is a user or a tenant that is deleted is kept with what ends with it: see `EndedWith`. */
  readonly audit: readonly NewAuditEntry[];
}

/** A key as a call is checked by it: with its tenant and its user. */
export interface FoundKey {
  readonly apiKey: ApiKey;
  readonly credential: ApiKeyCredential;
  readonly tenant: Tenant;
  /** Absent: it is no user's. */
  readonly user: User | undefined;
}

export interface FoundUser {
  readonly user: User;
  readonly tenant: Tenant;
  readonly credential: UserCredential;
}

/** A session that has not ended. */
export interface FoundSession {
  readonly session: Session;
  readonly user: User;
  readonly tenant: Tenant;
}

export type RefreshOutcome =
  | { readonly outcome: "refreshed"; readonly found: FoundSession }
  /** An old token came back, or one that never was of the session: it has been ended. */
  | { readonly outcome: "reused"; readonly session: Session }
  /** The token before the last one, at the same moment as the last refresh: nothing has changed. */
  | { readonly outcome: "raced" }
  /** It has ended already, or its time is over. */
  | { readonly outcome: "over"; readonly session: Session }
  | { readonly outcome: "unknown" };

export interface SessionRefresh {
  readonly sessionId: string;
  readonly presented: readonly string[];
  readonly next: KeyedHash;
  readonly atMs: number;
  /** How long after a refresh the token before it is taken for a race, and not for a theft. */
  readonly raceMs: number;
  /** Written in the trail of the session's tenant, with the end of a session whose old token came back. */
  readonly reuse: Omit<NewAuditEntry, "tenantId">;
}

export interface WantedUser {
  readonly tenantId: string;
  /** One of them. At least one. */
  readonly roles: readonly Role[];
  /** The id of one who is not meant. */
  readonly except?: string | undefined;
  /** Whether it has to be one that has a password. */
  readonly hasPassword?: true | undefined;
}

export interface PageQuery {
  /** Absent: of every tenant. */
  readonly tenantId: string | undefined;
  /** 1 to 200. */
  readonly first: number;
  /** The id of the last one of the page before. */
  readonly after: string | undefined;
  /** A part of its name, email or prefix, in any case. */
  readonly search?: string | undefined;
  readonly active?: boolean | undefined;
  /** Of keys: whose. */
  readonly userId?: string | undefined;
}

export interface TenantRetention {
  /** Of the tenant. */
  readonly id: string;
  readonly retentionDays: number;
}

/** In the order of their ids. */
export interface Page<T> {
  readonly entries: readonly T[];
  readonly hasMore: boolean;
}

export interface ImportedKeyLimits {
  /** So many of each tenant, the longest prefixes first, and then in the order in which they were made. */
  readonly ofTenant: number;
  /** In all: one of every tenant comes before a second one of any. */
  readonly limit: number;
}

export interface ImportedPrefix {
  readonly prefix: string;
  readonly keys: number;
}

export interface ChangedEntry {
  readonly kind: "tenant" | "user" | "api_key" | "session";
  readonly id: string;
}

/** Holds what the directory said, and is told of each change of it, of this gateway and of others. */
export interface DirectoryFollower {
  /** `unknown`: whatever is held may be out of date. */
  forget(changed: readonly ChangedEntry[] | "unknown"): void;
}

/** Tells other gateways by which version of the directory something has changed. */
export interface ChangeMarker {
  /** Resolves when they can know it; takes some milliseconds at most, and never rejects. */
  mark(changed: readonly ChangedEntry[] | "unknown", version: number): Promise<void>;
}

export type DirectoryChanges =
  | { readonly version: number; readonly changed: readonly ChangedEntry[] }
  /** More than are remembered: whatever is held may be out of date. */
  | { readonly version: number; readonly changed: "unknown" };

/** Each rejects with an error of the database's when that cannot be asked. */
export interface DirectoryStore {
  /** What was changed after the version, and the version now. */
  changesSince(version: number): Promise<DirectoryChanges>;
  /** Whether there ever was a key: whoever revokes or deletes the last one does not open the gateway to everybody. */
  hasApiKeys(): Promise<boolean>;
  /** The key that has one of the hashes, now or before its rotation. One query. */
  keyByHash(hashes: readonly string[]): Promise<FoundKey | undefined>;
  keyById(id: string): Promise<FoundKey | undefined>;
  /** Those with a bcrypt hash and one of the prefixes. One query. */
  importedKeys(prefixes: readonly string[], limits: ImportedKeyLimits): Promise<readonly FoundKey[]>;
  /** Of the tenant's keys with a bcrypt hash: their prefixes, and how many have each; at most `limit` prefixes. */
  importedPrefixes(tenantId: string, limit: number): Promise<readonly ImportedPrefix[]>;
  /** Replaces the hash, unless it has been changed meanwhile; raises no version. */
  rehashKey(id: string, from: ApiKeyCredential, to: ApiKeyCredential): Promise<boolean>;
  /** Later ones stay; raises no version. */
  touchKeys(used: readonly { readonly id: string; readonly atMs: number }[]): Promise<void>;
  userById(id: string): Promise<FoundUser | undefined>;
  /** In every tenant, or in one; at most 10. */
  usersByEmail(email: string, tenantId: string | undefined): Promise<readonly FoundUser[]>;
  /** Any active user that is wanted. One query, that reads no other active ones of the tenant but of these roles. */
  activeUser(wanted: WantedUser): Promise<User | undefined>;
  userByExternalId(tenantId: string, externalId: string): Promise<FoundUser | undefined>;
  /** Raises no version. */
  touchUser(id: string, atMs: number): Promise<void>;
  rehashPassword(id: string, from: string, to: string): Promise<boolean>;
  session(id: string): Promise<FoundSession | undefined>;
  /** Puts `next` in the place of `presented`. */
  refreshSession(refresh: SessionRefresh): Promise<RefreshOutcome>;
  ssoConfig(
    tenantId: string,
  ): Promise<{ readonly config: SsoConfig; readonly credential: SsoCredential } | undefined>;
  tenants(query: Omit<PageQuery, "tenantId" | "userId">): Promise<Page<Tenant>>;
  users(query: PageQuery): Promise<Page<User>>;
  apiKeys(query: PageQuery): Promise<Page<ApiKey>>;
  /** Those that there are, in any order. */
  tenantsById(ids: readonly string[]): Promise<readonly Tenant[]>;
  /** Those behind the id, in the order of their ids; at most `limit`. Loads nothing that listings need. */
  tenantsAfter(id: string | undefined, limit: number): Promise<readonly Tenant[]>;
  /**
   * Of the tenants behind the id that keep what was said for a time only, those that were deleted among them, in the
   * order of their ids; at most `limit`.
   */
  retentionsAfter(id: string | undefined, limit: number): Promise<readonly TenantRetention[]>;
  usersById(ids: readonly string[]): Promise<readonly User[]>;
  apiKeysById(ids: readonly string[]): Promise<readonly ApiKey[]>;
  write(write: DirectoryWrite): Promise<DirectoryWritten>;
  audit(query: AuditQuery): Promise<Page<AuditEntry>>;
  verifyAudit(tenantId: string): Promise<AuditVerification>;
  /** What is still hashed or sealed under other keys than these, after a change of the server's secret. */
  underOtherKeys(keyIds: readonly string[]): Promise<{
    readonly apiKeys: number;
    /** Tenants whose client secret it is. */
    readonly ssoConfigs: readonly string[];
  }>;
}

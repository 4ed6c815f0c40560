// What a directory in memory holds. Its values are never changed: a write makes new ones, so that it can be given up.

import type {
  ApiKeyCredential,
  KeyedHash,
  SsoCredential,
  UserCredential,
} from "../../../src/core/directory/credentials.ts";
import type { AuditEntry } from "../../../src/core/directory/audit.ts";
import type { ChangedEntry, FoundKey, FoundSession } from "../../../src/core/directory/directory-store.ts";
import type { ApiKey, Session, SsoConfig, Tenant, User } from "../../../src/core/directory/entries.ts";

export interface StoredUser {
  readonly user: User;
  readonly credential: UserCredential;
}

export interface StoredKey {
  readonly apiKey: ApiKey;
  readonly credential: ApiKeyCredential;
}

export interface StoredSession {
  readonly session: Session;
  readonly refreshHash: KeyedHash;
  /** Of the token before the last refresh. */
  readonly previousHash: KeyedHash | undefined;
  readonly refreshedAtMs: number;
}

export interface StoredSso {
  readonly config: SsoConfig;
  readonly credential: SsoCredential;
}

export interface State {
  version: number;
  hadKeys: boolean;
  readonly tenants: Map<string, Tenant>;
  /** Of tenants that were deleted. */
  readonly usedNames: Set<string>;
  readonly users: Map<string, StoredUser>;
  readonly apiKeys: Map<string, StoredKey>;
  readonly ssoConfigs: Map<string, StoredSso>;
  readonly sessions: Map<string, StoredSession>;
  /** The oldest first. */
  readonly changes: (ChangedEntry & { readonly version: number })[];
  readonly audit: AuditEntry[];
}

export const emptyState = (): State => ({
  version: 0,
  hadKeys: false,
  tenants: new Map(),
  usedNames: new Set(),
  users: new Map(),
  apiKeys: new Map(),
  ssoConfigs: new Map(),
  sessions: new Map(),
  changes: [],
  audit: [],
});

export const copyOf = (state: State): State => ({
  version: state.version,
  hadKeys: state.hadKeys,
  tenants: new Map(state.tenants),
  usedNames: new Set(state.usedNames),
  users: new Map(state.users),
  apiKeys: new Map(state.apiKeys),
  ssoConfigs: new Map(state.ssoConfigs),
  sessions: new Map(state.sessions),
  changes: [...state.changes],
  audit: [...state.audit],
});

export function foundKey({ tenants, users }: State, stored: StoredKey | undefined): FoundKey | undefined {
  const tenant = tenants.get(stored?.apiKey.tenantId ?? "");
  if (stored === undefined || tenant === undefined) return undefined;
  const { userId } = stored.apiKey;
  return { ...stored, tenant, user: userId === undefined ? undefined : users.get(userId)?.user };
}

export function foundSession(
  { tenants, users }: State,
  { session }: StoredSession,
): FoundSession | undefined {
  const tenant = tenants.get(session.tenantId);
  const user = users.get(session.userId)?.user;
  if (session.endedAtMs !== undefined || tenant === undefined || user === undefined) return undefined;
  return { session, user, tenant };
}

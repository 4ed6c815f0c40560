// A directory in memory: all or nothing, versions, names that are never given again, a chain of audit entries.

import { createHmac } from "node:crypto";
import type { AuditEntry, AuditQuery, NewAuditEntry } from "../../src/core/directory/audit.ts";
import type {
  ApiKeyCredential,
  SsoCredential,
  UserCredential,
} from "../../src/core/directory/credentials.ts";
import type {
  ChangedEntry,
  DirectoryChange,
  DirectoryStore,
  DirectoryWritten,
  FoundKey,
  FoundUser,
  Page,
  PageQuery,
} from "../../src/core/directory/directory-store.ts";
import type { ApiKey, Session, SsoConfig, Tenant, User } from "../../src/core/directory/entries.ts";

interface State {
  readonly version: number;
  readonly tenants: Map<string, Tenant>;
  readonly formerTenants: Set<string>;
  readonly users: Map<string, { readonly user: User; readonly credential: UserCredential }>;
  readonly keys: Map<string, { readonly apiKey: ApiKey; readonly credential: ApiKeyCredential }>;
  readonly ssoConfigs: Map<string, { readonly config: SsoConfig; readonly credential: SsoCredential }>;
  readonly sessions: Map<string, Session>;
  readonly audit: Map<string, readonly AuditEntry[]>;
  readonly changed: readonly (ChangedEntry & { readonly version: number })[];
}

class Refused extends Error {
  readonly written: DirectoryWritten;

  constructor(outcome: "changed_meanwhile" | "exists" | "no_owner") {
    super(outcome);
    this.written = { outcome };
  }
}

const copyOf = (state: State): State => ({
  version: state.version + 1,
  tenants: new Map(state.tenants),
  formerTenants: new Set(state.formerTenants),
  users: new Map(state.users),
  keys: new Map(state.keys),
  ssoConfigs: new Map(state.ssoConfigs),
  sessions: new Map(state.sessions),
  audit: new Map(state.audit),
  changed: state.changed,
});

function checkSeen(seen: number | undefined, found: { readonly version: number } | undefined): void {
  if (seen === undefined && found !== undefined) throw new Refused("exists");
  if (seen !== undefined && found?.version !== seen) throw new Refused("changed_meanwhile");
}

const datesOf = (found: { readonly createdAtMs: number } | undefined, nowMs: number, version: number) => ({
  createdAtMs: found?.createdAtMs ?? nowMs,
  updatedAtMs: nowMs,
  version,
});

/** Gives what was changed. */
function apply(state: State, change: DirectoryChange, nowMs: number): readonly ChangedEntry[] {
  const { version, tenants, users, keys, ssoConfigs, sessions } = state;
  switch (change.type) {
    case "put_tenant": {
      const { tenant, seen } = change;
      const found = tenants.get(tenant.id);
      checkSeen(seen, found);
      if (state.formerTenants.has(tenant.id)) throw new Refused("exists");
      tenants.set(tenant.id, { ...tenant, ...datesOf(found, nowMs, version) });
      return [{ kind: "tenant", id: tenant.id }];
    }
    case "put_user": {
      const { user, seen } = change;
      const found = users.get(user.id);
      checkSeen(seen, found?.user);
      if (!tenants.has(user.tenantId)) throw new Refused("no_owner");
      for (const other of users.values()) {
        const { id, tenantId, email } = other.user;
        if (id !== user.id && tenantId === user.tenantId && email === user.email) throw new Refused("exists");
      }
      const credential = change.credential ?? found?.credential ?? { passwordHash: undefined };
      const hasPassword = credential.passwordHash !== undefined;
      const lastLogInAtMs = found?.user.lastLogInAtMs;
      const dates = datesOf(found?.user, nowMs, version);
      users.set(user.id, { user: { ...user, ...dates, hasPassword, lastLogInAtMs }, credential });
      return [{ kind: "user", id: user.id }];
    }
    case "put_api_key": {
      const { apiKey, seen } = change;
      const found = keys.get(apiKey.id);
      checkSeen(seen, found?.apiKey);
      if (!tenants.has(apiKey.tenantId)) throw new Refused("no_owner");
      if (apiKey.userId !== undefined && !users.has(apiKey.userId)) throw new Refused("no_owner");
      const credential = change.credential ??
        found?.credential ?? { hash: undefined, previousHash: undefined, bcryptHash: undefined };
      for (const [id, other] of keys) {
        const isSame = credential.bcryptHash ?? credential.hash?.hash;
        if (id !== apiKey.id && hashesOf(other.credential).includes(isSame)) throw new Refused("exists");
      }
      const lastUsedAtMs = found?.apiKey.lastUsedAtMs;
      const dates = datesOf(found?.apiKey, nowMs, version);
      keys.set(apiKey.id, { apiKey: { ...apiKey, ...dates, lastUsedAtMs }, credential });
      return [{ kind: "api_key", id: apiKey.id }];
    }
    case "put_sso_config": {
      const { ssoConfig, seen } = change;
      const found = ssoConfigs.get(ssoConfig.tenantId);
      checkSeen(seen, found?.config);
      if (!tenants.has(ssoConfig.tenantId)) throw new Refused("no_owner");
      const credential = change.credential ?? found?.credential ?? { clientSecret: undefined };
      const hasClientSecret = credential.clientSecret !== undefined;
      const config = { ...ssoConfig, ...datesOf(found?.config, nowMs, version), hasClientSecret };
      ssoConfigs.set(ssoConfig.tenantId, { config, credential });
      return [];
    }
    case "delete_tenant": {
      checkSeen(change.seen, tenants.get(change.id));
      tenants.delete(change.id);
      state.formerTenants.add(change.id);
      ssoConfigs.delete(change.id);
      for (const [id, { user }] of users) if (user.tenantId === change.id) users.delete(id);
      for (const [id, { apiKey }] of keys) if (apiKey.tenantId === change.id) keys.delete(id);
      for (const [id, { tenantId }] of sessions) if (tenantId === change.id) sessions.delete(id);
      return [{ kind: "tenant", id: change.id }];
    }
    case "delete_user": {
      checkSeen(change.seen, users.get(change.id)?.user);
      users.delete(change.id);
      for (const [id, { apiKey, credential }] of keys) {
        if (apiKey.userId !== change.id) continue;
        keys.set(id, { apiKey: { ...apiKey, userId: undefined, revokedAtMs: nowMs, version }, credential });
      }
      endSessions(state, { userId: change.id, atMs: nowMs });
      return [{ kind: "user", id: change.id }];
    }
    case "delete_api_key":
      checkSeen(change.seen, keys.get(change.id)?.apiKey);
      keys.delete(change.id);
      return [{ kind: "api_key", id: change.id }];
    case "delete_sso_config":
      checkSeen(change.seen, ssoConfigs.get(change.tenantId)?.config);
      ssoConfigs.delete(change.tenantId);
      return [];
    case "start_session":
      if (!users.has(change.session.userId)) throw new Refused("no_owner");
      sessions.set(change.session.id, change.session);
      return [];
    case "end_session":
      endSessions(state, { id: change.id, atMs: change.atMs });
      return [{ kind: "session", id: change.id }];
    case "end_sessions_of_user":
      endSessions(state, change);
      return [{ kind: "user", id: change.userId }];
    case "audit_only":
      return [];
  }
}

const hashesOf = ({ hash, previousHash, bcryptHash }: ApiKeyCredential): readonly (string | undefined)[] =>
  [hash?.hash, previousHash?.hash, bcryptHash].filter((each) => each !== undefined);

function endSessions(
  { sessions }: State,
  of: {
    readonly id?: string;
    readonly userId?: string;
    readonly atMs: number;
    readonly except?: string | undefined;
  },
): void {
  for (const [id, session] of sessions) {
    const isMeant = of.id === id || (of.userId === session.userId && of.except !== id);
    if (isMeant) sessions.set(id, { ...session, endedAtMs: session.endedAtMs ?? of.atMs });
  }
}

const hashOf = (entry: NewAuditEntry, before: string | undefined): string =>
  createHmac("sha256", "chain")
    .update(JSON.stringify([entry, before]))
    .digest("hex");

function append(audit: State["audit"], entry: NewAuditEntry): void {
  const trail = audit.get(entry.tenantId) ?? [];
  const hash = hashOf(entry, trail.at(-1)?.hash);
  audit.set(entry.tenantId, [...trail, { ...entry, sequence: trail.length + 1, hash, keyId: "chain" }]);
}

function pageOf<T extends { readonly id: string }>(
  entries: Iterable<T>,
  { first, after, search, active }: Pick<PageQuery, "first" | "after" | "search" | "active">,
  { textsOf, isActive }: { textsOf: (entry: T) => readonly string[]; isActive: (entry: T) => boolean },
): Page<T> {
  const wanted = [...entries]
    .filter((entry) => after === undefined || entry.id > after)
    .filter((entry) => active === undefined || isActive(entry) === active)
    .filter((entry) =>
      textsOf(entry).some((text) => text.toLowerCase().includes((search ?? "").toLowerCase())),
    )
    .sort((one, other) => (one.id < other.id ? -1 : 1));
  return { entries: structuredClone(wanted.slice(0, first)), hasMore: wanted.length > first };
}

export function createAdminDirectory(epochMs: () => number): DirectoryStore {
  let state: State = {
    version: 0,
    tenants: new Map(),
    formerTenants: new Set(),
    users: new Map(),
    keys: new Map(),
    ssoConfigs: new Map(),
    sessions: new Map(),
    audit: new Map(),
    changed: [],
  };

  function foundKey(id: string): FoundKey | undefined {
    const found = state.keys.get(id);
    const tenant = found && state.tenants.get(found.apiKey.tenantId);
    if (found === undefined || tenant === undefined) return undefined;
    const user = state.users.get(found.apiKey.userId ?? "")?.user;
    return structuredClone({ ...found, tenant, user });
  }

  function foundUser(id: string): FoundUser | undefined {
    const found = state.users.get(id);
    const tenant = found && state.tenants.get(found.user.tenantId);
    return found && tenant && structuredClone({ ...found, tenant });
  }

  const usersWhere = (is: (user: User) => boolean): readonly FoundUser[] =>
    [...state.users.values()].filter(({ user }) => is(user)).flatMap(({ user }) => foundUser(user.id) ?? []);

  const keysWhere = (is: (credential: ApiKeyCredential, key: ApiKey) => boolean): readonly FoundKey[] =>
    [...state.keys.values()]
      .filter(({ apiKey, credential }) => is(credential, apiKey))
      .flatMap(({ apiKey }) => foundKey(apiKey.id) ?? []);

  return {
    async changesSince(version) {
      const changed = state.changed.filter((each) => each.version > version);
      return { version: state.version, changed: changed.map(({ kind, id }) => ({ kind, id })) };
    },
    hasApiKeys: async () => state.keys.size > 0,
    keyByHash: async (hashes) =>
      keysWhere(({ hash, previousHash }) =>
        [hash, previousHash].some((each) => each !== undefined && hashes.includes(each.hash)),
      )[0],
    keyById: async (id) => foundKey(id),
    importedKeys: async (prefixes, limit) =>
      keysWhere(({ bcryptHash }, key) => bcryptHash !== undefined && prefixes.includes(key.prefix)).slice(
        0,
        limit,
      ),
    async rehashKey(id, from, to) {
      const found = state.keys.get(id);
      if (JSON.stringify(found?.credential) !== JSON.stringify(from) || found === undefined) return false;
      state.keys.set(id, { ...found, credential: structuredClone(to) });
      return true;
    },
    async touchKeys(used) {
      for (const { id, atMs } of used) {
        const found = state.keys.get(id);
        if (found !== undefined) {
          state.keys.set(id, { ...found, apiKey: { ...found.apiKey, lastUsedAtMs: atMs } });
        }
      }
    },
    userById: async (id) => foundUser(id),
    usersByEmail: async (email, tenantId) =>
      usersWhere((user) => user.email === email && (tenantId ?? user.tenantId) === user.tenantId).slice(
        0,
        10,
      ),
    userByExternalId: async (tenantId, externalId) =>
      usersWhere((user) => user.tenantId === tenantId && user.externalId === externalId)[0],
    async touchUser(id, atMs) {
      const found = state.users.get(id);
      if (found !== undefined) {
        state.users.set(id, { ...found, user: { ...found.user, lastLogInAtMs: atMs } });
      }
    },
    async rehashPassword(id, from, to) {
      const found = state.users.get(id);
      if (found?.credential.passwordHash !== from) return false;
      state.users.set(id, { ...found, credential: { passwordHash: to } });
      return true;
    },
    async session(id) {
      const session = state.sessions.get(id);
      const found = session && foundUser(session.userId);
      if (session === undefined || session.endedAtMs !== undefined || found === undefined) return undefined;
      return structuredClone({ session, user: found.user, tenant: found.tenant });
    },
    refreshSession: async () => ({ outcome: "unknown" }),
    ssoConfig: async (tenantId) => structuredClone(state.ssoConfigs.get(tenantId)),
    tenants: async (query) =>
      pageOf(state.tenants.values(), query, {
        textsOf: ({ id, name, contactEmail }) => [id, name, contactEmail ?? ""],
        isActive: ({ active }) => active,
      }),
    users: async (query) =>
      pageOf(
        [...state.users.values()]
          .map(({ user }) => user)
          .filter(({ tenantId }) => (query.tenantId ?? tenantId) === tenantId),
        query,
        { textsOf: ({ name, email }) => [name, email], isActive: ({ active }) => active },
      ),
    apiKeys: async (query) =>
      pageOf(
        [...state.keys.values()]
          .map(({ apiKey }) => apiKey)
          .filter(({ tenantId }) => (query.tenantId ?? tenantId) === tenantId)
          .filter(({ userId }) => query.userId === undefined || query.userId === userId),
        query,
        { textsOf: ({ name, prefix }) => [name, prefix], isActive: ({ active }) => active },
      ),
    tenantsById: async (ids) =>
      structuredClone([...state.tenants.values()].filter(({ id }) => ids.includes(id))),
    usersById: async (ids) =>
      structuredClone([...state.users.values()].map(({ user }) => user).filter(({ id }) => ids.includes(id))),
    apiKeysById: async (ids) =>
      structuredClone(
        [...state.keys.values()].map(({ apiKey }) => apiKey).filter(({ id }) => ids.includes(id)),
      ),
    async write({ changes, audit }) {
      if (changes.length === 0) throw new Error("A write has at least one change.");
      const raises = changes.some(({ type }) => type !== "audit_only");
      const next = { ...copyOf(state), version: raises ? state.version + 1 : state.version };
      const cloned = structuredClone({ changes, audit });
      try {
        const changed = cloned.changes.flatMap((change) => apply(next, change, epochMs()));
        for (const entry of cloned.audit) append(next.audit, entry);
        const { version } = next;
        state = {
          ...next,
          changed: [...next.changed, ...changed.map(({ kind, id }) => ({ kind, id, version }))],
        };
        return { outcome: "written", version };
      } catch (error) {
        if (error instanceof Refused) return error.written;
        throw error;
      }
    },
    audit: async (query) => auditPage([...state.audit.values()].flat(), query),
    async verifyAudit(tenantId) {
      const trail = state.audit.get(tenantId) ?? [];
      const wrong = trail.findIndex(({ sequence, hash, keyId: _, ...entry }, i) => {
        return sequence !== i + 1 || hash !== hashOf(entry, trail[i - 1]?.hash);
      });
      const problem = wrong === -1 ? undefined : `Entry ${wrong + 1} was changed.`;
      return { tenantId, entries: trail.length, intact: wrong === -1, problem };
    },
    underOtherKeys: async () => ({ apiKeys: 0, ssoConfigs: [] }),
  };
}

function auditPage(entries: readonly AuditEntry[], query: AuditQuery): Page<AuditEntry> {
  const { tenantId, first, after, kind, action, actorId, targetId, fromMs, toMs } = query;
  const wanted = entries
    .filter((entry) => tenantId === undefined || entry.tenantId === tenantId)
    .filter((entry) => after === undefined || entry.id < after)
    .filter((entry) => kind === undefined || entry.kind === kind)
    .filter((entry) => action === undefined || entry.action === action)
    .filter((entry) => actorId === undefined || entry.actor.id === actorId)
    .filter((entry) => targetId === undefined || entry.target?.id === targetId)
    .filter(({ atMs }) => atMs >= (fromMs ?? atMs) && atMs < (toMs ?? Infinity))
    .sort((one, other) => (one.id < other.id ? 1 : -1));
  return { entries: structuredClone(wanted.slice(0, first)), hasMore: wanted.length > first };
}

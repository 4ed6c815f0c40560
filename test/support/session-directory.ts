// A directory in memory, as far as log-in, sessions and sign-on need one.

import type { AuditTrail, NewAuditEntry } from "../../src/core/directory/audit.ts";
import type { KeyedHash, SsoCredential, UserCredential } from "../../src/core/directory/credentials.ts";
import type {
  DirectoryChange,
  DirectoryStore,
  FoundSession,
  FoundUser,
} from "../../src/core/directory/directory-store.ts";
import type { Session, SsoConfig, Tenant, User } from "../../src/core/directory/entries.ts";

type SessionStore = Pick<
  DirectoryStore,
  | "refreshSession"
  | "session"
  | "ssoConfig"
  | "tenantsById"
  | "touchUser"
  | "userByExternalId"
  | "userById"
  | "usersByEmail"
  | "write"
>;

export interface SessionDirectory {
  readonly store: SessionStore;
  readonly trail: AuditTrail;
  /** What came with changes, and what came without. */
  readonly audit: NewAuditEntry[];
  readonly notes: Parameters<AuditTrail["note"]>[0][];
  /** Names of the functions that were called. */
  readonly asked: (keyof SessionStore)[];
  putTenant(tenant: Partial<Tenant> & Pick<Tenant, "id">): Tenant;
  putUser(user: Partial<User> & Pick<User, "id" | "email">, credential?: UserCredential): User;
  putSsoConfig(config: Partial<SsoConfig> & Pick<SsoConfig, "issuer">, credential?: SsoCredential): void;
  user(email: string): User | undefined;
  sessions(): readonly Session[];
  /** From now on every question fails, or none does. */
  setAway(away: boolean): void;
}

interface StoredSession {
  session: Session;
  hash: KeyedHash;
  previousHash: KeyedHash | undefined;
  refreshedAtMs: number;
}

const entry = { createdAtMs: 0, updatedAtMs: 0 };

export function createSessionDirectory(): SessionDirectory {
  const tenants = new Map<string, Tenant>();
  const users = new Map<string, FoundUser["user"]>();
  const credentials = new Map<string, UserCredential>();
  const configs = new Map<string, { readonly config: SsoConfig; readonly credential: SsoCredential }>();
  const sessions = new Map<string, StoredSession>();
  const audit: NewAuditEntry[] = [];
  const notes: SessionDirectory["notes"] = [];
  const asked: SessionDirectory["asked"] = [];
  let version = 0;
  let away = false;

  function ask(name: keyof SessionStore): void {
    asked.push(name);
    if (away) throw new Error("The database is away.");
  }

  function foundUser(user: User): FoundUser[] {
    const tenant = tenants.get(user.tenantId);
    return tenant === undefined ? [] : [{ user, tenant, credential: credentials.get(user.id) ?? noPassword }];
  }

  function foundSession({ session }: StoredSession): FoundSession | undefined {
    const [found] = foundUser(users.get(session.userId) ?? nobody);
    return found === undefined ? undefined : { session, user: found.user, tenant: found.tenant };
  }

  function end(isIt: (session: Session) => boolean, atMs: number): void {
    for (const stored of sessions.values()) {
      const { session } = stored;
      if (session.endedAtMs === undefined && isIt(session)) stored.session = { ...session, endedAtMs: atMs };
    }
  }

  function apply(change: DirectoryChange): "changed_meanwhile" | "exists" | "no_owner" | undefined {
    if (change.type === "put_user") {
      const { user, seen } = change;
      const before = users.get(user.id);
      if (before?.version !== seen) return "changed_meanwhile";
      const hasEmail = [...users.values()].some(
        (other) => other.id !== user.id && other.email === user.email && other.tenantId === user.tenantId,
      );
      if (hasEmail) return "exists";
      const { hasPassword = false, lastLogInAtMs } = before ?? {};
      users.set(user.id, { ...entry, ...user, hasPassword, lastLogInAtMs, version });
    } else if (change.type === "start_session") {
      const { session, refreshHash } = change;
      if (!users.has(session.userId)) return "no_owner";
      sessions.set(session.id, { session, hash: refreshHash, previousHash: undefined, refreshedAtMs: 0 });
    } else if (change.type === "end_session") end(({ id }) => id === change.id, change.atMs);
    else if (change.type === "end_sessions_of_user") {
      end(({ id, userId }) => userId === change.userId && id !== change.except, change.atMs);
    } else throw new Error(`${change.type} is not kept here.`);
    return undefined;
  }

  const store: SessionStore = {
    async refreshSession({ sessionId, presented, next, atMs, raceMs }) {
      ask("refreshSession");
      const stored = sessions.get(sessionId);
      if (
        stored === undefined ||
        stored.session.endedAtMs !== undefined ||
        stored.session.expiresAtMs <= atMs
      ) {
        return { outcome: "unknown" };
      }
      if (presented.includes(stored.hash.hash)) {
        Object.assign(stored, { previousHash: stored.hash, hash: next, refreshedAtMs: atMs });
        const found = foundSession(stored);
        return found === undefined ? { outcome: "unknown" } : { outcome: "refreshed", found };
      }
      const isLast = presented.includes(stored.previousHash?.hash ?? "");
      if (isLast && atMs - stored.refreshedAtMs <= raceMs) return { outcome: "raced" };
      end(({ id }) => id === sessionId, atMs);
      return { outcome: "reused", session: stored.session };
    },
    async session(id) {
      ask("session");
      const stored = sessions.get(id);
      return stored === undefined || stored.session.endedAtMs !== undefined
        ? undefined
        : foundSession(stored);
    },
    async ssoConfig(tenantId) {
      ask("ssoConfig");
      return configs.get(tenantId);
    },
    async tenantsById(ids) {
      ask("tenantsById");
      return [...tenants.values()].filter(({ id }) => ids.includes(id));
    },
    async touchUser(id, atMs) {
      ask("touchUser");
      const user = users.get(id);
      if (user !== undefined) users.set(id, { ...user, lastLogInAtMs: atMs });
    },
    async userByExternalId(tenantId, externalId) {
      ask("userByExternalId");
      const user = [...users.values()].find(
        (each) => each.tenantId === tenantId && each.externalId === externalId,
      );
      return user === undefined ? undefined : foundUser(user)[0];
    },
    async userById(id) {
      ask("userById");
      const user = users.get(id);
      return user === undefined ? undefined : foundUser(user)[0];
    },
    async usersByEmail(email, tenantId) {
      ask("usersByEmail");
      return [...users.values()]
        .filter((user) => user.email === email && (tenantId === undefined || user.tenantId === tenantId))
        .flatMap(foundUser);
    },
    async write({ changes, audit: entries }) {
      ask("write");
      const before = { users: new Map(users), sessions: new Map(sessions) };
      version += 1;
      for (const change of changes) {
        const outcome = apply(change);
        if (outcome === undefined) continue;
        refill(users, before.users);
        refill(sessions, before.sessions);
        return { outcome };
      }
      audit.push(...entries);
      return { outcome: "written", version };
    },
  };

  return {
    store,
    trail: { note: (entry) => void notes.push(entry) },
    audit,
    notes,
    asked,
    putTenant(tenant) {
      version += 1;
      const put = { ...newTenant, ...tenants.get(tenant.id), ...tenant, version };
      tenants.set(put.id, put);
      return put;
    },
    putUser(user, credential) {
      version += 1;
      const put = { ...nobody, ...users.get(user.id), ...user, version };
      users.set(put.id, put);
      if (credential !== undefined) credentials.set(put.id, credential);
      return put;
    },
    putSsoConfig(config, credential = { clientSecret: undefined }) {
      version += 1;
      const put = { ...newSsoConfig, ...config, version };
      configs.set(put.tenantId, { config: put, credential });
    },
    user: (email) => [...users.values()].find((user) => user.email === email),
    sessions: () => [...sessions.values()].map(({ session }) => session),
    setAway(isAway) {
      away = isAway;
    },
  };
}

function refill<T>(map: Map<string, T>, from: ReadonlyMap<string, T>): void {
  map.clear();
  for (const [key, value] of from) map.set(key, value);
}

const noPassword: UserCredential = { passwordHash: undefined };

const newTenant: Tenant = {
  ...entry,
  version: 0,
  id: "",
  name: "A tenant",
  contactEmail: undefined,
  active: true,
  timeZone: "UTC",
  limits: {},
  budget: {},
  logging: undefined,
};

const nobody: User = {
  ...entry,
  version: 0,
  id: "",
  tenantId: "acme",
  email: "",
  name: "Somebody",
  role: "developer",
  active: true,
  budget: {},
  hasPassword: true,
  externalId: undefined,
  lastLogInAtMs: undefined,
};

const newSsoConfig: SsoConfig = {
  ...entry,
  version: 0,
  tenantId: "acme",
  active: true,
  issuer: "",
  clientId: "sluice",
  hasClientSecret: true,
  scopes: ["openid", "email", "profile"],
  groupsClaim: "groups",
  rolesOfGroups: {},
  defaultRole: "viewer",
  createsUsers: true,
};

// A directory in memory whose entries a test changes in few words, that tells what it was asked, and fails when it is
// told to.

import type { Clock } from "../../src/core/clock.ts";
import type { AuditTrail, NewAuditEntry } from "../../src/core/directory/audit.ts";
import type { SsoCredential, UserCredential } from "../../src/core/directory/credentials.ts";
import type { DirectoryChange, DirectoryStore } from "../../src/core/directory/directory-store.ts";
import type { Session, SsoConfig, Tenant, User } from "../../src/core/directory/entries.ts";
import { createMemoryDirectory } from "./memory-directory.ts";

export interface SessionDirectory {
  readonly store: DirectoryStore;
  readonly trail: AuditTrail;
  /** What was written with changes, and what was noted without. */
  readonly audit: NewAuditEntry[];
  readonly notes: Parameters<AuditTrail["note"]>[0][];
  /** Names of the functions that were called. */
  readonly asked: (keyof DirectoryStore)[];
  /** Those that were started, ended or not. */
  readonly started: Session[];
  putTenant(tenant: Partial<Tenant> & Pick<Tenant, "id">): Promise<void>;
  putUser(user: Partial<User> & Pick<User, "id" | "email">, credential?: UserCredential): Promise<void>;
  putSsoConfig(
    config: Partial<SsoConfig> & Pick<SsoConfig, "issuer">,
    credential?: SsoCredential,
  ): Promise<void>;
  user(email: string, tenantId?: string): Promise<User | undefined>;
  /** From now on every question fails, or none does. */
  setAway(away: boolean): void;
}

export function createSessionDirectory(
  clock: Clock,
  database: DirectoryStore = createMemoryDirectory({ clock }),
): SessionDirectory {
  const audit: NewAuditEntry[] = [];
  const notes: SessionDirectory["notes"] = [];
  const asked: SessionDirectory["asked"] = [];
  const started: Session[] = [];
  let away = false;

  async function ask<T>(name: keyof DirectoryStore, answer: () => Promise<T>): Promise<T> {
    asked.push(name);
    if (away) throw new Error("The database is away.");
    return answer();
  }

  const store: DirectoryStore = {
    ...database,
    activeUser: (wanted) => ask("activeUser", () => database.activeUser(wanted)),
    refreshSession: (refresh) =>
      ask("refreshSession", async () => {
        const answer = await database.refreshSession(refresh);
        if (answer.outcome === "reused") audit.push({ ...refresh.reuse, tenantId: answer.session.tenantId });
        return answer;
      }),
    session: (id) => ask("session", () => database.session(id)),
    ssoConfig: (tenantId) => ask("ssoConfig", () => database.ssoConfig(tenantId)),
    tenantsById: (ids) => ask("tenantsById", () => database.tenantsById(ids)),
    touchUser: (id, atMs) => ask("touchUser", () => database.touchUser(id, atMs)),
    userByExternalId: (tenantId, id) =>
      ask("userByExternalId", () => database.userByExternalId(tenantId, id)),
    userById: (id) => ask("userById", () => database.userById(id)),
    usersByEmail: (email, tenantId) => ask("usersByEmail", () => database.usersByEmail(email, tenantId)),
    write: (write) =>
      ask("write", async () => {
        const written = await database.write(write);
        if (written.outcome !== "written") return written;
        audit.push(...write.audit);
        for (const change of write.changes) if (change.type === "start_session") started.push(change.session);
        return written;
      }),
  };

  async function put(change: DirectoryChange): Promise<void> {
    const { outcome } = await database.write({ changes: [change], audit: [] });
    if (outcome !== "written") throw new Error(`The directory says ${outcome}.`);
  }

  return {
    store,
    trail: { note: (entry) => void notes.push(entry) },
    audit,
    notes,
    asked,
    started,
    async putTenant(tenant) {
      const [before] = await database.tenantsById([tenant.id]);
      const { id, name, active, timeZone, limits } = { ...newTenant, ...before, ...tenant };
      const shown = {
        id,
        name,
        active,
        timeZone,
        limits,
        budget: {},
        contactEmail: undefined,
        logging: undefined,
        cacheTtlSeconds: undefined,
      };
      await put({ type: "put_tenant", tenant: shown, seen: before?.version });
    },
    async putUser(user, credential) {
      const before = (await database.userById(user.id))?.user;
      const { id, tenantId, email, name, role, active, budget, externalId } = {
        ...newUser,
        ...before,
        ...user,
      };
      const shown = { id, tenantId, email, name, role, active, budget, externalId };
      await put({ type: "put_user", user: shown, credential, seen: before?.version });
    },
    async putSsoConfig(config, credential = { clientSecret: undefined }) {
      const tenantId = config.tenantId ?? "acme";
      const before = await database.ssoConfig(tenantId);
      const ssoConfig = { ...newSsoConfig, ...config, tenantId };
      await put({ type: "put_sso_config", ssoConfig, credential, seen: before?.config.version });
    },
    async user(email, tenantId = "acme") {
      return (await database.usersByEmail(email, tenantId))[0]?.user;
    },
    setAway(isAway) {
      away = isAway;
    },
  };
}

const newTenant = { name: "A tenant", active: true, timeZone: "UTC", limits: {} };

const newUser = {
  tenantId: "acme",
  name: "Somebody",
  role: "developer",
  active: true,
  budget: {},
  externalId: undefined,
} as const;

const newSsoConfig = {
  active: true,
  clientId: "sluice",
  scopes: ["openid", "email", "profile"],
  groupsClaim: "groups",
  rolesOfGroups: {},
  defaultRole: "viewer",
  createsUsers: true,
} as const;

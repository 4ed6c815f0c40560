// Tenants, users, keys and what belongs to them with every field set, for tests to change what they are about.

import { createHash } from "node:crypto";
import type { NewAuditEntry } from "../../src/core/directory/audit.ts";
import type { ApiKeyCredential, KeyedHash } from "../../src/core/directory/credentials.ts";
import type { DirectoryChange, DirectoryStore } from "../../src/core/directory/directory-store.ts";
import type { Session, Tenant, Unstored, User } from "../../src/core/directory/entries.ts";
import type { AuditKey } from "../../src/core/directory/secrets.ts";
import { newId } from "./sample-records.ts";

/** A name that no other test has. */
export const newSlug = (): string => `t-${newId()}`;

export const newHash = (): KeyedHash => ({
  keyId: "derived-1",
  hash: createHash("sha256").update(newId()).digest("hex"),
});

const auditKeyOf = (id: string): AuditKey => ({ id, key: createHash("sha256").update(id).digest() });
export const currentAuditKey = auditKeyOf("audit-2");
export const previousAuditKey = auditKeyOf("audit-1");
export const nextAuditKey = auditKeyOf("audit-3");

const maxNanos = 2n ** 63n - 1n;

export const sampleTenant = (over: Partial<Unstored<Tenant>> = {}): Unstored<Tenant> => ({
  id: newSlug(),
  name: "Müller & Söhne",
  contactEmail: "it@example.com",
  active: true,
  timeZone: "Europe/Berlin",
  limits: { requestsPerMinute: 60, tokensPerMinute: 5_000_000_000, concurrentStreams: 3 },
  budget: { hardNanos: maxNanos, softNanos: maxNanos - 1n },
  allowedModels: ["groq/*", "gpt-*"],
  allowedProviders: [],
  logging: { bodies: "metadata", redact: true, retentionDays: 30 },
  cacheTtlSeconds: 2_592_000,
  ...over,
});

export const bareTenant = (id = newSlug()): Unstored<Tenant> => ({
  id,
  name: "Bare",
  contactEmail: undefined,
  active: false,
  timeZone: "UTC",
  limits: { requestsPerMinute: undefined, tokensPerMinute: undefined, concurrentStreams: undefined },
  budget: { hardNanos: undefined, softNanos: undefined },
  allowedModels: undefined,
  allowedProviders: undefined,
  logging: undefined,
  cacheTtlSeconds: undefined,
});

type PutUser = Extract<DirectoryChange, { type: "put_user" }>;
type PutKey = Extract<DirectoryChange, { type: "put_api_key" }>;
type PutSso = Extract<DirectoryChange, { type: "put_sso_config" }>;

export const sampleUser = (tenantId: string, over: Partial<PutUser["user"]> = {}): PutUser["user"] => {
  const id = over.id ?? newId();
  return {
    id,
    tenantId,
    email: `u-${id}@example.com`,
    name: "Ada Lovelace",
    role: "developer",
    active: true,
    budget: { hardNanos: 5_000_000_000n, softNanos: undefined },
    externalId: `https://issuer.example.com#${id}`,
    ...over,
  };
};

export const sampleKey = (tenantId: string, over: Partial<PutKey["apiKey"]> = {}): PutKey["apiKey"] => ({
  id: newId(),
  tenantId,
  userId: undefined,
  name: "Backend",
  prefix: "slc_live_abc",
  environment: "live",
  limits: { requestsPerMinute: undefined, tokensPerMinute: 1000, concurrentStreams: undefined },
  budget: { hardNanos: 0n, softNanos: undefined },
  allowedModels: undefined,
  allowedProviders: ["groq"],
  permissions: ["gateway:use", "usage:view"],
  expiresAtMs: 4_000_000_000_000,
  active: true,
  revokedAtMs: undefined,
  previousExpiresAtMs: undefined,
  ...over,
});

export const hashed = (hash: KeyedHash, over: Partial<ApiKeyCredential> = {}): ApiKeyCredential => ({
  hash,
  previousHash: undefined,
  bcryptHash: undefined,
  ...over,
});

/** Of a key of another gateway, which was not used yet. */
export const imported = (bcryptHash: string): ApiKeyCredential => ({
  hash: undefined,
  previousHash: undefined,
  bcryptHash,
});

export const newBcryptHash = (): string => `$2b$10$${newId()}`;

export const sampleSso = (
  tenantId: string,
  over: Partial<PutSso["ssoConfig"]> = {},
): PutSso["ssoConfig"] => ({
  tenantId,
  active: true,
  issuer: "https://login.example.com",
  clientId: "sluice",
  scopes: ["openid", "email"],
  groupsClaim: "groups",
  rolesOfGroups: { admins: "admin", __proto__x: "viewer" },
  defaultRole: undefined,
  createsUsers: true,
  ...over,
});

export const sampleSession = (user: Pick<User, "id" | "tenantId">, over: Partial<Session> = {}): Session => ({
  id: newId(),
  userId: user.id,
  tenantId: user.tenantId,
  createdAtMs: 1_000_000,
  expiresAtMs: 9_000_000,
  endedAtMs: undefined,
  ...over,
});

export const auditOf = (tenantId: string, over: Partial<NewAuditEntry> = {}): NewAuditEntry => ({
  id: newId(),
  atMs: 1_700_000_000_123,
  tenantId,
  kind: "change",
  action: "api_key.create",
  actor: { type: "user", id: newId() },
  target: { type: "api_key", id: newId() },
  before: undefined,
  after: { name: "Backend", limits: { tokensPerMinute: 1000, a: [1, null, "ü"] } },
  origin: { address: "192.0.2.7", correlationId: "corr-1" },
  count: 1,
  ...over,
});

/** @returns the version @throws Error where it was not written */
export async function written(
  store: DirectoryStore,
  ...changes: readonly DirectoryChange[]
): Promise<number> {
  const answer = await store.write({ changes, audit: [] });
  if (answer.outcome !== "written") throw new Error(`It was not written: ${answer.outcome}.`);
  return answer.version;
}

export const putTenant = (tenant: Unstored<Tenant>, seen?: number): DirectoryChange => ({
  type: "put_tenant",
  tenant,
  seen,
});
export const putUser = (user: PutUser["user"], rest: Partial<PutUser> = {}): DirectoryChange => ({
  type: "put_user",
  user,
  seen: undefined,
  ...rest,
});
export const putKey = (apiKey: PutKey["apiKey"], rest: Partial<PutKey> = {}): DirectoryChange => ({
  type: "put_api_key",
  apiKey,
  seen: undefined,
  ...rest,
});
export const putSso = (ssoConfig: PutSso["ssoConfig"], rest: Partial<PutSso> = {}): DirectoryChange => ({
  type: "put_sso_config",
  ssoConfig,
  seen: undefined,
  ...rest,
});

/** A tenant with a user, who has a key. */
export async function family(store: DirectoryStore) {
  const tenant = sampleTenant();
  const user = sampleUser(tenant.id);
  const apiKey = sampleKey(tenant.id, { userId: user.id });
  const hash = newHash();
  const version = await written(
    store,
    putTenant(tenant),
    putUser(user, { credential: { passwordHash: "$argon2id$1" } }),
    putKey(apiKey, { credential: hashed(hash) }),
  );
  return { tenant, user, apiKey, hash, version };
}

/** Entries of one trail, without a change. */
export async function noteEntries(store: DirectoryStore, tenantId: string, count: number): Promise<void> {
  const audit = Array.from({ length: count }, () => auditOf(tenantId));
  const answer = await store.write({ changes: [{ type: "audit_only" }], audit });
  if (answer.outcome !== "written") throw new Error(`It was not written: ${answer.outcome}.`);
}

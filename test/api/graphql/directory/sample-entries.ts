// Entries as the directory's ports give them.

import type { AuditEntry } from "../../../../src/core/directory/audit.ts";
import type { ApiKey, SsoConfig, Tenant, User } from "../../../../src/core/directory/entries.ts";
import type { StartedSession } from "../../../../src/core/directory/sessions.ts";

const entry = { createdAtMs: 1_000, updatedAtMs: 2_000, version: 7 };

export const sampleTenant = (id: string): Tenant => ({
  ...entry,
  id,
  name: `Tenant ${id}`,
  contactEmail: undefined,
  active: true,
  timeZone: "Europe/Berlin",
  limits: { requestsPerMinute: 60 },
  budget: { hardNanos: 5_000_000_000n },
  allowedModels: ["groq/*"],
  logging: { bodies: "metadata", redact: true, retentionDays: 30 },
  cacheTtlSeconds: 0,
});

export const sampleUser = (id: string, tenantId = "acme"): User => ({
  ...entry,
  id,
  tenantId,
  email: `${id}@acme.test`,
  name: id,
  role: "developer",
  active: true,
  budget: {},
  hasPassword: true,
  externalId: undefined,
  lastLogInAtMs: 3_000,
  tokensEndedAtMs: undefined,
});

export const sampleKey = (id: string, of: Partial<Pick<ApiKey, "tenantId" | "userId">> = {}): ApiKey => ({
  ...entry,
  id,
  tenantId: of.tenantId ?? "acme",
  userId: of.userId,
  name: `Key ${id}`,
  prefix: "slc_live_abcd",
  environment: "live",
  limits: {},
  budget: { softNanos: 1n },
  permissions: ["gateway:use", "usage:view"],
  expiresAtMs: 4_000,
  active: true,
  revokedAtMs: undefined,
  lastUsedAtMs: undefined,
  previousExpiresAtMs: undefined,
});

export const sampleSsoConfig: SsoConfig = {
  ...entry,
  tenantId: "acme",
  active: true,
  issuer: "https://issuer.test",
  clientId: "sluice",
  hasClientSecret: true,
  scopes: ["openid"],
  groupsClaim: "groups",
  rolesOfGroups: { staff: "developer", chiefs: "admin" },
  defaultRole: undefined,
  createsUsers: true,
};

export const sampleAuditEntry = (id: string): AuditEntry => ({
  id,
  atMs: 5_000,
  tenantId: "acme",
  sequence: 3,
  kind: "change",
  action: "api_key.create",
  actor: { type: "user", id: "u-1" },
  target: { type: "api_key", id: "k-1" },
  before: undefined,
  after: { name: "Key k-1" },
  origin: { address: "203.0.113.7", correlationId: "c-1" },
  count: 1,
  hash: "ab".repeat(32),
  keyId: "key-of-the-chain",
  sealBefore: undefined,
});

export const sampleSession: StartedSession = {
  user: sampleUser("u-1"),
  accessToken: "an-access-token",
  accessExpiresAtMs: 6_000,
  refreshToken: "a-refresh-token",
  refreshExpiresAtMs: 7_000,
};

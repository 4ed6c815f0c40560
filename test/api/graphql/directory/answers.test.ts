// What is told of tenants, users, keys, sign-on and the trail; and what never is.

import { afterAll, beforeAll, expect, test } from "vitest";
import { permissions, permissionsOfRole, roles } from "../../../../src/core/access/permissions.ts";
import { sampleKey } from "./sample-entries.ts";
import { type ServedDirectory, serveDirectory } from "./serve-directory.ts";

let served: ServedDirectory;
beforeAll(async () => {
  served = await serveDirectory({
    administration: {
      apiKeysById: (_, ids) => Promise.resolve(ids.map((id) => sampleKey(id, { userId: "u-9" }))),
    },
    principals: {
      session: {
        tenantId: "acme",
        userId: "u-1",
        sessionId: "s-1",
        environment: "live",
        keyless: false,
        role: "developer",
        permissions: permissionsOfRole.developer,
      },
    },
  });
});
afterAll(() => served.close());

const entry = { createdAt: "1970-01-01T00:00:01.000Z", updatedAt: "1970-01-01T00:00:02.000Z", version: 7 };
const standing = "budget { hardNanos softNanos } currentSpend budgetRemaining budgetResetsAt";
const ofEntry = "createdAt updatedAt version";

test("a tenant", async () => {
  const query = `{ tenant(id: "acme") { id name contactEmail active timeZone allowedModels allowedProviders
    limits { requestsPerMinute tokensPerMinute concurrentStreams } logging { bodies redact retentionDays }
    cacheTtlSeconds
    ${standing} ${ofEntry} } }`;
  expect(await served.ask(query)).toEqual({
    tenant: {
      id: "acme",
      name: "Tenant acme",
      contactEmail: null,
      active: true,
      timeZone: "Europe/Berlin",
      allowedModels: ["groq/*"],
      allowedProviders: null,
      limits: { requestsPerMinute: 60, tokensPerMinute: null, concurrentStreams: null },
      logging: { bodies: "METADATA", redact: true, retentionDays: 30 },
      cacheTtlSeconds: 0,
      budget: { hardNanos: "5000000000", softNanos: null },
      currentSpend: "12",
      budgetRemaining: "4999999985",
      budgetResetsAt: "1970-01-01T00:00:08.000Z",
      ...entry,
    },
  });
});

test("a user, with its tenant", async () => {
  const query = `{ user(id: "u-1") { id tenantId tenant { name } email name role active hasPassword externalId
    lastLogInAt ${standing} ${ofEntry} } }`;
  expect(await served.ask(query)).toEqual({
    user: {
      id: "u-1",
      tenantId: "acme",
      tenant: { name: "Tenant acme" },
      email: "u-1@acme.test",
      name: "u-1",
      role: "DEVELOPER",
      active: true,
      hasPassword: true,
      externalId: null,
      lastLogInAt: "1970-01-01T00:00:03.000Z",
      budget: { hardNanos: null, softNanos: null },
      currentSpend: "12",
      budgetRemaining: null,
      budgetResetsAt: "1970-01-01T00:00:08.000Z",
      ...entry,
    },
  });
});

test("a key, with its tenant and its user", async () => {
  const query = `{ apiKey(id: "k-1") { id tenantId tenant { name } userId user { email } name prefix environment
    permissions limits { requestsPerMinute } allowedModels allowedProviders active expiresAt revokedAt lastUsedAt
    previousExpiresAt ${standing} ${ofEntry} } }`;
  expect(await served.ask(query)).toEqual({
    apiKey: {
      id: "k-1",
      tenantId: "acme",
      tenant: { name: "Tenant acme" },
      userId: "u-9",
      user: { email: "u-9@acme.test" },
      name: "Key k-1",
      prefix: "slc_live_abcd",
      environment: "LIVE",
      permissions: ["gateway:use", "usage:view"],
      limits: { requestsPerMinute: null },
      allowedModels: null,
      allowedProviders: null,
      active: true,
      expiresAt: "1970-01-01T00:00:04.000Z",
      revokedAt: null,
      lastUsedAt: null,
      previousExpiresAt: null,
      budget: { hardNanos: null, softNanos: "1" },
      currentSpend: "12",
      budgetRemaining: null,
      budgetResetsAt: "1970-01-01T00:00:08.000Z",
      ...entry,
    },
  });
});

test("a secret, once, beside its key", async () => {
  const made = `mutation { createApiKey(input: { name: "CI" }) { ... on MadeApiKey { secret apiKey { id } } }
    rotateApiKey(id: "k-2", version: 1) { ... on MadeApiKey { secret apiKey { id } } } }`;
  expect(await served.ask(made)).toEqual({
    createApiKey: { secret: "slc_live_shown-once", apiKey: { id: "k-1" } },
    rotateApiKey: { secret: "slc_live_shown-again", apiKey: { id: "k-2" } },
  });
});

test("imported keys, in their order", async () => {
  const key = '{ name: "Old", prefix: "sk-abc", bcryptHash: "$2b$10$x" }';
  const made = `mutation { importApiKeys(input: { keys: [${key}, ${key}] }) {
    ... on ImportedApiKeys { apiKeys { id } } } }`;
  expect(await served.ask(made)).toEqual({ importApiKeys: { apiKeys: [{ id: "k-0" }, { id: "k-1" }] } });
});

test("a tenant's sign-on, without its secret", async () => {
  const query = `{ ssoConfig { tenantId tenant { id } active issuer clientId hasClientSecret scopes groupsClaim
    rolesOfGroups { group role } defaultRole createsUsers ${ofEntry} } }`;
  expect(await served.ask(query)).toEqual({
    ssoConfig: {
      tenantId: "acme",
      tenant: { id: "acme" },
      active: true,
      issuer: "https://issuer.test",
      clientId: "sluice",
      hasClientSecret: true,
      scopes: ["openid"],
      groupsClaim: "groups",
      rolesOfGroups: [
        { group: "staff", role: "DEVELOPER" },
        { group: "chiefs", role: "ADMIN" },
      ],
      defaultRole: null,
      createsUsers: true,
      ...entry,
    },
  });
});

test("an entry of the audit trail, and what its check says", async () => {
  const query = `{ auditLog { edges { node { id at tenantId sequence kind action actor { type id }
    target { type id } before after origin { address correlationId } count hash } } }
    verifyAudit { tenantId entries intact problem unchecked } }`;
  expect(await served.ask(query)).toEqual({
    auditLog: {
      edges: [
        {
          node: {
            id: "a-1",
            at: "1970-01-01T00:00:05.000Z",
            tenantId: "acme",
            sequence: 3,
            kind: "CHANGE",
            action: "api_key.create",
            actor: { type: "USER", id: "u-1" },
            target: { type: "api_key", id: "k-1" },
            before: null,
            after: { name: "Key k-1" },
            origin: { address: "203.0.113.7", correlationId: "c-1" },
            count: 1,
            hash: "ab".repeat(32),
          },
        },
      ],
    },
    verifyAudit: {
      tenantId: "acme",
      entries: 3,
      intact: null,
      problem: null,
      unchecked: "Entry 1 cannot be checked.",
    },
  });
});

test("a session's tokens, and whose it is", async () => {
  const query = `mutation { logIn(email: "a@acme.test", password: "pw") { user { id } accessToken accessExpiresAt
    refreshToken refreshExpiresAt } changePassword(current: "a", next: "b") {
      ... on PasswordChange { otherSessionsEnded } } logOut logOutEverywhere }`;
  expect(await served.ask(query)).toEqual({
    logIn: {
      user: { id: "u-1" },
      accessToken: "an-access-token",
      accessExpiresAt: "1970-01-01T00:00:06.000Z",
      refreshToken: "a-refresh-token",
      refreshExpiresAt: "1970-01-01T00:00:07.000Z",
    },
    changePassword: { otherSessionsEnded: true },
    logOut: true,
    logOutEverywhere: true,
  });
});

test("who the caller is", async () => {
  const query = `{ me { tenantId tenant { name } userId user { email } apiKeyId apiKey { id } environment keyless role
    permissions } }`;
  expect(await served.ask(query, {}, "session")).toEqual({
    me: {
      tenantId: "acme",
      tenant: { name: "Tenant acme" },
      userId: "u-1",
      user: { email: "u-1@acme.test" },
      apiKeyId: null,
      apiKey: null,
      environment: "LIVE",
      keyless: false,
      role: "DEVELOPER",
      permissions: permissions.filter((permission) => permissionsOfRole.developer.has(permission)),
    },
  });
});

test("the table of roles and permissions", async () => {
  const data = await served.ask(
    "{ roles { role permissions } permissions { permission roles } }",
    {},
    "viewer",
  );
  expect(data).toEqual({
    roles: roles.map((role) => ({
      role: role.toUpperCase(),
      permissions: permissions.filter((permission) => permissionsOfRole[role].has(permission)),
    })),
    permissions: permissions.map((permission) => ({
      permission,
      roles: roles
        .filter((role) => permissionsOfRole[role].has(permission))
        .map((role) => role.toUpperCase()),
    })),
  });
});

test("what is not there is null", async () => {
  const none = await serveDirectory({
    administration: {
      tenantsById: (_, ids) => Promise.resolve(ids.map(() => undefined)),
      usersById: (_, ids) => Promise.resolve(ids.map(() => undefined)),
      apiKeysById: (_, ids) => Promise.resolve(ids.map(() => undefined)),
      ssoConfig: () => Promise.resolve(undefined),
    },
  });
  const query = '{ tenant(id: "x") { id } user(id: "x") { id } apiKey(id: "x") { id } ssoConfig { issuer } }';
  expect(await none.ask(query)).toEqual({ tenant: null, user: null, apiKey: null, ssoConfig: null });
  await none.close();
});

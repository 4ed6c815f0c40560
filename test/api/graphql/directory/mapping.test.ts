// Every query and mutation of the directory: what its port is asked, and what of the answer is told.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { principalOfRole } from "../../../support/principals.ts";
import { type ServedDirectory, serveDirectory } from "./serve-directory.ts";

let served: ServedDirectory;
beforeAll(async () => {
  served = await serveDirectory();
});
beforeEach(() => void served.noted.splice(0));
afterAll(() => served.close());

const who = expect.objectContaining({
  ...principalOfRole("platform_admin", "acme"),
  origin: { address: "127.0.0.1", correlationId: undefined },
});

/** What the port's one call was given besides its caller, without what is absent. */
async function asked(query: string, variables?: object): Promise<readonly unknown[]> {
  await served.ask(query, variables);
  const [call, ...others] = served.noted;
  expect(others).toEqual([]);
  const [name, by, ...given] = call ?? [];
  expect(by).toEqual(who);
  return [name, ...given.map(withoutAbsent)];
}

function withoutAbsent(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAbsent);
  if (typeof value !== "object" || value === null) return value;
  const known = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(known.map(([name, member]) => [name, withoutAbsent(member)]));
}

const mutation = (name: string, inputType: string, args = "") =>
  `mutation ($input: ${inputType}!) { ${name}(${args}input: $input) { __typename } }`;

describe("a tenant", () => {
  const given = {
    contactEmail: "ops@acme.test",
    active: false,
    timeZone: "Asia/Tokyo",
    limits: { requestsPerMinute: 1, tokensPerMinute: 2, concurrentStreams: 3 },
    allowedModels: ["groq/*"],
    allowedProviders: [],
    budget: { hardNanos: "9007199254740993", softNanos: 5 },
    logging: { bodies: "NONE", redact: false, retentionDays: 7 },
    cacheTtlSeconds: 0,
  };
  const taken = {
    ...given,
    budget: { hardNanos: 9_007_199_254_740_993n, softNanos: 5n },
    logging: { bodies: "none", redact: false, retentionDays: 7 },
  };

  test("is made of what the input says", async () => {
    const input = { id: "acme", name: "Acme", ...given };
    expect(await asked(mutation("createTenant", "CreateTenantInput"), { input })).toEqual([
      "createTenant",
      { id: "acme", name: "Acme", ...taken },
    ]);
  });

  test("is changed in what the input says", async () => {
    const update = mutation("updateTenant", "UpdateTenantInput", 'id: "acme", version: 7, ');
    expect(await asked(update, { input: { name: "A", ...given } })).toEqual([
      "updateTenant",
      "acme",
      { version: 7, name: "A", ...taken },
    ]);
  });

  test("stays as it was where nothing is said, and is as by default where null is", async () => {
    const update = mutation("updateTenant", "UpdateTenantInput", 'id: "acme", version: 7, ');
    expect(await asked(update, { input: {} })).toEqual(["updateTenant", "acme", { version: 7 }]);
    served.noted.splice(0);
    const nulls = {
      contactEmail: null,
      timeZone: null,
      limits: null,
      allowedModels: null,
      allowedProviders: null,
      budget: null,
      logging: null,
      cacheTtlSeconds: null,
    };
    expect(await asked(update, { input: nulls })).toEqual(["updateTenant", "acme", { version: 7, ...nulls }]);
    served.noted.splice(0);
    const within = { limits: { requestsPerMinute: null }, budget: { hardNanos: null } };
    expect(await asked(update, { input: within })).toEqual([
      "updateTenant",
      "acme",
      { version: 7, ...within },
    ]);
  });

  test("keeps bodies without credentials and without end unless something is said", async () => {
    const update = mutation("updateTenant", "UpdateTenantInput", 'id: "acme", version: 7, ');
    const input = { logging: { bodies: "FULL", retentionDays: null } };
    expect(await asked(update, { input })).toEqual([
      "updateTenant",
      "acme",
      { version: 7, logging: { bodies: "full", redact: true } },
    ]);
  });

  test("is removed by its id and version", async () => {
    expect(await asked('mutation { deleteTenant(id: "acme", version: 7) { __typename } }')).toEqual([
      "deleteTenant",
      "acme",
      { version: 7 },
    ]);
  });

  test("is found by its id, and listed by filters", async () => {
    expect(await asked('{ tenant(id: "acme") { id } }')).toEqual(["tenantsById", ["acme"]]);
    served.noted.splice(0);
    const filtered =
      '{ tenants(first: 3, filter: { search: "ac", active: true }) { edges { node { id } } } }';
    expect(await asked(filtered)).toEqual(["tenants", { first: 3, search: "ac", active: true }]);
  });
});

describe("a user", () => {
  const given = { name: "Ann", active: true, budget: { hardNanos: "1" }, password: "correct horse battery" };
  const taken = { ...given, budget: { hardNanos: 1n } };

  test("is made of what the input says", async () => {
    const input = { tenantId: "acme", email: "a@acme.test", role: "ADMIN", ...given };
    expect(await asked(mutation("createUser", "CreateUserInput"), { input })).toEqual([
      "createUser",
      { tenantId: "acme", email: "a@acme.test", role: "admin", ...taken },
    ]);
    served.noted.splice(0);
    const least = { email: "a@acme.test", role: "VIEWER", tenantId: null, password: null };
    expect(await asked(mutation("createUser", "CreateUserInput"), { input: least })).toEqual([
      "createUser",
      { email: "a@acme.test", role: "viewer", password: null },
    ]);
  });

  test("is changed in what the input says", async () => {
    const update = mutation("updateUser", "UpdateUserInput", 'id: "u-1", version: 2, ');
    const input = { email: "b@acme.test", role: "PLATFORM_ADMIN", ...given };
    expect(await asked(update, { input })).toEqual([
      "updateUser",
      "u-1",
      { version: 2, email: "b@acme.test", role: "platform_admin", ...taken },
    ]);
    served.noted.splice(0);
    expect(await asked(update, { input: { budget: null, password: null } })).toEqual([
      "updateUser",
      "u-1",
      { version: 2, budget: null, password: null },
    ]);
  });

  test("is removed, found and listed", async () => {
    expect(await asked('mutation { deleteUser(id: "u-1", version: 2) { __typename } }')).toEqual([
      "deleteUser",
      "u-1",
      { version: 2 },
    ]);
    served.noted.splice(0);
    expect(await asked('{ user(id: "u-1") { id } }')).toEqual(["usersById", ["u-1"]]);
    served.noted.splice(0);
    const filtered =
      '{ users(filter: { tenant: "acme", search: "ann", active: false }) { edges { cursor } } }';
    expect(await asked(filtered)).toEqual([
      "users",
      { first: 20, tenantId: "acme", search: "ann", active: false },
    ]);
  });

  test("changes its own password", async () => {
    const change = 'mutation { changePassword(current: "old one", next: "new one") { __typename } }';
    expect(await asked(change)).toEqual(["changePassword", { current: "old one", next: "new one" }]);
  });
});

describe("a key", () => {
  const given = {
    userId: "u-1",
    active: false,
    limits: { requestsPerMinute: 9 },
    allowedModels: null,
    allowedProviders: ["groq"],
    budget: { softNanos: "2" },
    permissions: ["gateway:use", "usage:view"],
    expiresAt: "2030-01-01T00:00:00Z",
  };
  const { expiresAt: _expiresAt, ...same } = given;
  const taken = { ...same, budget: { softNanos: 2n }, expiresAtMs: Date.UTC(2030, 0, 1) };

  test("is made of what the input says", async () => {
    const input = { tenantId: "acme", name: "CI", environment: "TEST", ...given };
    expect(await asked(mutation("createApiKey", "CreateApiKeyInput"), { input })).toEqual([
      "createApiKey",
      { tenantId: "acme", name: "CI", environment: "test", ...taken },
    ]);
    served.noted.splice(0);
    expect(await asked(mutation("createApiKey", "CreateApiKeyInput"), { input: { name: "CI" } })).toEqual([
      "createApiKey",
      { name: "CI" },
    ]);
  });

  test("is changed in what the input says", async () => {
    const update = mutation("updateApiKey", "UpdateApiKeyInput", 'id: "k-1", version: 4, ');
    expect(await asked(update, { input: { name: "CI", ...given } })).toEqual([
      "updateApiKey",
      "k-1",
      { version: 4, name: "CI", ...taken },
    ]);
    served.noted.splice(0);
    const nulls = { userId: null, limits: null, budget: null, expiresAt: null };
    expect(await asked(update, { input: nulls })).toEqual([
      "updateApiKey",
      "k-1",
      { version: 4, userId: null, limits: null, budget: null, expiresAtMs: null },
    ]);
  });

  test("gets another secret, with a day's overlap unless another is said", async () => {
    expect(await asked('mutation { rotateApiKey(id: "k-1", version: 4) { __typename } }')).toEqual([
      "rotateApiKey",
      "k-1",
      { version: 4, overlapSeconds: 86_400 },
    ]);
    served.noted.splice(0);
    const rotation = 'mutation { rotateApiKey(id: "k-1", version: 4, overlapSeconds: 0) { __typename } }';
    expect(await asked(rotation)).toEqual(["rotateApiKey", "k-1", { version: 4, overlapSeconds: 0 }]);
  });

  test.each(["revokeApiKey", "deleteApiKey"])("is ended by %s", async (name) => {
    expect(await asked(`mutation { ${name}(id: "k-1", version: 4) { __typename } }`)).toEqual([
      name,
      "k-1",
      { version: 4 },
    ]);
  });

  test("comes from another gateway", async () => {
    const keys = [
      { name: "Old", prefix: "sk-abc", bcryptHash: "$2b$10$x", ...given },
      { name: "Older", prefix: "sk-def", bcryptHash: "$2b$10$y" },
    ];
    expect(await asked(mutation("importApiKeys", "ImportApiKeysInput"), { input: { keys } })).toEqual([
      "importApiKeys",
      {
        keys: [
          { name: "Old", prefix: "sk-abc", bcryptHash: "$2b$10$x", ...taken },
          { name: "Older", prefix: "sk-def", bcryptHash: "$2b$10$y" },
        ],
      },
    ]);
  });

  test("is found and listed", async () => {
    expect(await asked('{ apiKey(id: "k-1") { id } }')).toEqual(["apiKeysById", ["k-1"]]);
    served.noted.splice(0);
    const filter = '{ tenant: "acme", user: "u-1", search: "ci", active: true }';
    expect(await asked(`{ apiKeys(first: 200, filter: ${filter}) { edges { cursor } } }`)).toEqual([
      "apiKeys",
      { first: 200, tenantId: "acme", userId: "u-1", search: "ci", active: true },
    ]);
  });
});

describe("a tenant's sign-on", () => {
  test("is said, changed and ended", async () => {
    const input = {
      tenantId: "acme",
      active: true,
      issuer: "https://issuer.test",
      clientId: "sluice",
      clientSecret: "hush",
      scopes: ["openid"],
      groupsClaim: "groups",
      rolesOfGroups: [
        { group: "staff", role: "DEVELOPER" },
        { group: "__proto__", role: "VIEWER" },
      ],
      defaultRole: "VIEWER",
      createsUsers: false,
    };
    const [name, given] = await asked(mutation("setSsoConfig", "SsoConfigInput"), { input });
    expect(name).toBe("setSsoConfig");
    expect(given).toMatchObject({ ...input, rolesOfGroups: {}, defaultRole: "viewer" });
    const { rolesOfGroups } = Object(served.noted[0]?.[2]);
    expect(Object.entries(rolesOfGroups)).toEqual([
      ["staff", "developer"],
      ["__proto__", "viewer"],
    ]);
    served.noted.splice(0);
    const nulls = {
      clientSecret: null,
      scopes: null,
      groupsClaim: null,
      rolesOfGroups: null,
      defaultRole: null,
    };
    expect(await asked(mutation("setSsoConfig", "SsoConfigInput", "version: 3, "), { input: nulls })).toEqual(
      ["setSsoConfig", { version: 3, ...nulls }],
    );
    served.noted.splice(0);
    const end = 'mutation { deleteSsoConfig(tenant: "acme", version: 3) { __typename } }';
    expect(await asked(end)).toEqual(["deleteSsoConfig", { tenantId: "acme", version: 3 }]);
  });

  test("is the caller's own unless another tenant is named", async () => {
    expect(await asked('{ ssoConfig(tenant: "other") { issuer } }')).toEqual(["ssoConfig", "other"]);
    served.noted.splice(0);
    expect(await asked("{ ssoConfig { issuer } }")).toEqual(["ssoConfig", undefined]);
  });
});

describe("the audit trail", () => {
  test("is read by filters", async () => {
    const filter = `{ tenant: "acme", kind: LOG_IN, action: "session.start", actor: "u-1", target: "s-1",
      from: "2030-01-01T00:00:00Z", to: "2030-02-01T00:00:00Z" }`;
    expect(await asked(`{ auditLog(first: 5, filter: ${filter}) { edges { cursor } } }`)).toEqual([
      "auditLog",
      {
        first: 5,
        tenantId: "acme",
        kind: "log_in",
        action: "session.start",
        actorId: "u-1",
        targetId: "s-1",
        fromMs: Date.UTC(2030, 0, 1),
        toMs: Date.UTC(2030, 1, 1),
      },
    ]);
    served.noted.splice(0);
    expect(await asked("{ auditLog { edges { cursor } } }")).toEqual(["auditLog", { first: 20 }]);
  });

  test("is checked, the caller's own unless another is named", async () => {
    expect(await asked('{ verifyAudit(tenant: "platform") { intact } }')).toEqual([
      "verifyAudit",
      "platform",
    ]);
    served.noted.splice(0);
    expect(await asked("{ verifyAudit { intact } }")).toEqual(["verifyAudit", undefined]);
  });
});

describe("a session", () => {
  const origin = { address: "127.0.0.1", correlationId: "mine" };
  const from = { "x-request-id": "mine" };

  test("begins and goes on, with where it comes from", async () => {
    const logIn = `mutation { logIn(email: "a@acme.test", password: "pw", tenant: "acme") { accessToken } }`;
    await served.post({ query: logIn }, from);
    const again = `mutation { logIn(email: "a@acme.test", password: "pw") { accessToken } }`;
    await served.post({ query: again }, { ...from, authorization: "Bearer viewer" });
    await served.post({ query: 'mutation { refreshSession(refreshToken: "rt") { accessToken } }' }, from);
    expect(served.noted).toEqual([
      ["logIn", { email: "a@acme.test", password: "pw", tenantId: "acme" }, origin],
      ["logIn", { email: "a@acme.test", password: "pw", tenantId: undefined }, origin],
      ["refresh", "rt", origin],
    ]);
  });

  test.each(["logOut", "logOutEverywhere"])("ends by %s", async (name) => {
    expect(await asked(`mutation { ${name} }`)).toEqual([name]);
  });
});

test("requests are asked by key, user and environment", async () => {
  const filter = '{ apiKey: "k-1", user: "u-1", environment: TEST, tenant: "acme" }';
  expect(await asked(`{ requests(filter: ${filter}) { hasMore } }`)).toEqual([
    "requests",
    { first: 20, filter: { apiKeyId: "k-1", userId: "u-1", environment: "test", tenant: "acme" } },
  ]);
});

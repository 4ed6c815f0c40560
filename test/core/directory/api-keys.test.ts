import { describe, expect, it } from "vitest";
import { type Permission, permissionsOfRole } from "../../../src/core/access/permissions.ts";
import { principalOfRole } from "../../support/principals.ts";
import {
  administered,
  type Administered,
  fieldsOf,
  lastEntry,
  makeKey,
  makeTenant,
  makeUser,
  nowMs,
  ofKey,
  platform,
  refusal,
  refusedWithoutChange,
} from "./administered.ts";

async function inAcme(): Promise<Administered> {
  const all = await administered();
  await makeTenant(all);
  await makeTenant(all, "beta");
  return all;
}

const owner = principalOfRole("owner", "acme");
const admin = principalOfRole("admin", "acme");
const nobody = "0197a000-0000-7000-8000-0000000000ff";

describe("a new key", () => {
  it("has the defaults, its secret once, and its hash in the directory", async () => {
    const all = await inAcme();
    const { apiKey, secret } = await all.administration.createApiKey(admin, { name: "ci" });
    expect(apiKey).toMatchObject({
      tenantId: "acme",
      userId: undefined,
      name: "ci",
      environment: "live",
      permissions: ["gateway:use"],
      limits: {},
      budget: {},
      active: true,
      expiresAtMs: undefined,
      revokedAtMs: undefined,
      previousExpiresAtMs: undefined,
      allowedModels: undefined,
    });
    expect(secret.startsWith(apiKey.prefix)).toBe(true);
    expect(await all.administration.apiKeysById(admin, [apiKey.id])).toEqual([apiKey]);
    const found = await all.directory.keyById(apiKey.id);
    expect(found?.credential.hash?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(found)).not.toContain(secret);
    const entry = await lastEntry(all);
    expect(entry).toMatchObject({ action: "api_key.create", target: { type: "api_key", id: apiKey.id } });
    expect(entry?.after).toMatchObject({ name: "ci", prefix: apiKey.prefix, permissions: ["gateway:use"] });
    expect(JSON.stringify(entry)).not.toContain(secret);
    expect(JSON.stringify(entry)).not.toContain(found?.credential.hash?.hash);
  });

  it("has what is said of it", async () => {
    const all = await inAcme();
    const user = await makeUser(all);
    const said = {
      userId: user.id,
      active: false,
      limits: { requestsPerMinute: 1e12, tokensPerMinute: 1 },
      budget: { softNanos: 1n, hardNanos: 1n },
      expiresAtMs: nowMs + 1,
      allowedModels: ["groq/*"],
      allowedProviders: [],
    };
    const permissions: readonly Permission[] = ["usage:view", "gateway:use", "usage:view"];
    const made = await all.administration.createApiKey(admin, {
      name: "a",
      environment: "test",
      permissions,
      ...said,
    });
    expect(made.apiKey).toMatchObject({
      ...said,
      environment: "test",
      permissions: ["gateway:use", "usage:view"],
    });
    expect(made.secret).toMatch(/^slc_test_/);
  });

  it("is told all that is wrong with it at once", async () => {
    const all = await inAcme();
    const permissions: readonly Permission[] = JSON.parse('["gateway:use", "root"]');
    const error = await refusedWithoutChange(all, () =>
      all.administration.createApiKey(admin, {
        name: " ",
        userId: nobody,
        permissions,
        limits: { concurrentStreams: 0 },
        budget: { hardNanos: 2n ** 63n },
        expiresAtMs: nowMs,
        allowedModels: Array<string>(201).fill("a"),
      }),
    );
    expect(fieldsOf(error)).toEqual([
      "name",
      "permissions[1]",
      "limits.concurrentStreams",
      "budget.hardNanos",
      "allowedModels",
      "expiresAtMs",
      "userId",
    ]);
  });

  it("is an active user's of its own tenant", async () => {
    const all = await inAcme();
    const others = await makeUser(all, { tenantId: "beta" });
    const inactive = await makeUser(all, { active: false });
    for (const userId of [others.id, inactive.id, nobody, "", "\0", "' OR ''='"]) {
      const made = () => all.administration.createApiKey(platform, { tenantId: "acme", name: "a", userId });
      expect(fieldsOf(await refusedWithoutChange(all, made))).toEqual(["userId"]);
    }
  });

  it("may do no more than its maker", async () => {
    const all = await inAcme();
    const by = ofKey(["api_keys:create", "usage:view"]);
    const made = (permissions?: readonly Permission[]) => () =>
      all.administration.createApiKey(by, { name: "a", permissions });
    for (const permissions of [undefined, ["gateway:use"], ["usage:view", "tenants:act_as"]] as const) {
      const error = await refusedWithoutChange(all, made(permissions));
      expect(error.code).toBe("permission_denied");
      expect(error.message).toContain(permissions?.at(-1) ?? "gateway:use");
    }
    expect((await made(["usage:view"])()).apiKey.permissions).toEqual(["usage:view"]);
    expect((await made([])()).apiKey.permissions).toEqual([]);
  });
});

describe("a change of a key", () => {
  it("leaves what it does not name, and null is the default", async () => {
    const all = await inAcme();
    const key = await makeKey(all, {
      expiresAtMs: nowMs + 1_000,
      allowedModels: ["a"],
      limits: { requestsPerMinute: 5 },
    });
    const changed = await all.administration.updateApiKey(admin, key.id, {
      version: key.version,
      expiresAtMs: null,
      allowedModels: null,
      limits: { tokensPerMinute: 7 },
    });
    expect(changed).toMatchObject({
      name: key.name,
      prefix: key.prefix,
      expiresAtMs: undefined,
      allowedModels: undefined,
      limits: { requestsPerMinute: 5, tokensPerMinute: 7 },
    });
    expect(await lastEntry(all)).toMatchObject({
      action: "api_key.update",
      before: { expiresAtMs: nowMs + 1_000, allowedModels: ["a"] },
      after: { limits: { tokensPerMinute: 7 } },
    });
    expect(await all.administration.apiKeysById(admin, [key.id])).toEqual([changed]);
    const found = await all.directory.keyById(key.id);
    expect(found?.credential.hash).toBeDefined();
  });

  it("of one that has ended by its time asks for no other time", async () => {
    const all = await inAcme();
    const key = await makeKey(all, { expiresAtMs: nowMs + 1_000 });
    all.clock.advance(5_000);
    const { version } = key;
    expect(await all.administration.updateApiKey(admin, key.id, { version, name: "old" })).toMatchObject({
      name: "old",
    });
  });

  it("of one that may do more than its changer is refused", async () => {
    const all = await inAcme();
    const user = await makeUser(all, { role: "admin" });
    const key = await makeKey(all, { userId: user.id, permissions: ["gateway:use", "tenants:update"] });
    const { id, version } = key;
    for (const change of [{ userId: null }, { name: "mine" }, { permissions: ["tenants:update"] }] as const) {
      const error = await refusedWithoutChange(all, () =>
        all.administration.updateApiKey(admin, id, { version, ...change }),
      );
      expect(error).toMatchObject({ code: "permission_denied" });
      expect(error.message).toContain("tenants:update");
    }
    const rotated = () => all.administration.rotateApiKey(admin, id, { version, overlapSeconds: 0 });
    expect((await refusedWithoutChange(all, rotated)).code).toBe("permission_denied");
    expect(await all.administration.revokeApiKey(admin, id, { version })).toMatchObject({
      revokedAtMs: nowMs,
    });
  });

  it("of another tenant's key is not found, as of one that there is not", async () => {
    const all = await inAcme();
    const { id, version } = await makeKey(all, { tenantId: "beta" });
    const messages = new Set<string>();
    const edit = { version };
    for (const each of [id, nobody, "\0", "none"]) {
      for (const asked of [
        () => all.administration.updateApiKey(owner, each, { ...edit, name: "\n" }),
        () => all.administration.rotateApiKey(owner, each, { ...edit, overlapSeconds: -1 }),
        () => all.administration.revokeApiKey(owner, each, edit),
        () => all.administration.deleteApiKey(owner, each, edit),
      ]) {
        const error = await refusedWithoutChange(all, asked);
        expect(error.code).toBe("not_found");
        messages.add(error.message);
      }
    }
    expect(messages.size).toBe(1);
  });
});

describe("a key that changes itself", () => {
  const given = {
    permissions: ["gateway:use", "api_keys:update"],
    budget: { hardNanos: 5n },
    limits: { requestsPerMinute: 1 },
    allowedModels: ["cheap"],
    allowedProviders: ["groq"],
    expiresAtMs: nowMs + 1_000,
  } as const;

  it.each([
    ["no budget", { budget: null }],
    ["a higher budget", { budget: { hardNanos: 6n } }],
    ["no limits", { limits: null }],
    ["a higher limit", { limits: { requestsPerMinute: 2 } }],
    ["one more limit", { limits: { tokensPerMinute: 2 } }],
    ["every model", { allowedModels: null }],
    ["a wider list of models", { allowedModels: ["*"] }],
    ["every provider", { allowedProviders: null }],
    ["no end", { expiresAtMs: null }],
    ["a later end", { expiresAtMs: nowMs + 2_000 }],
    ["other permissions", { permissions: ["api_keys:update"] }],
    ["no user", { userId: null }],
    ["an end of its use", { active: false }],
  ] as const)("is refused: %s", async (_, change) => {
    const all = await inAcme();
    const user = await makeUser(all, { role: "admin", budget: { hardNanos: 1n } });
    const key = await makeKey(all, { ...given, userId: user.id });
    const by = { ...ofKey(given.permissions), apiKeyId: key.id, userId: user.id };
    const changed = () => all.administration.updateApiKey(by, key.id, { version: key.version, ...change });
    expect(await refusedWithoutChange(all, changed)).toMatchObject({
      code: "permission_denied",
      message: expect.stringContaining("api_keys:update"),
    });
    expect(all.noted.at(-1)).toMatchObject({ target: { type: "permission", id: "api_key:own" } });
    const byAnother = { ...by, apiKeyId: nobody };
    expect(
      await all.administration.updateApiKey(byAnother, key.id, { version: key.version, ...change }),
    ).not.toEqual(key);
  });

  it("in its name, or in nothing, is not", async () => {
    const all = await inAcme();
    const key = await makeKey(all, given);
    const by = { ...ofKey(given.permissions), apiKeyId: key.id };
    const same = {
      version: key.version,
      limits: given.limits,
      budget: given.budget,
      permissions: given.permissions,
    };
    expect(await all.administration.updateApiKey(by, key.id, same)).toEqual(key);
    expect(await all.administration.updateApiKey(by, key.id, { ...same, name: "B" })).toMatchObject({
      ...given,
      name: "B",
    });
  });
});

describe("a key that is revoked", () => {
  it("stays so, cannot be changed, and can be deleted", async () => {
    const all = await inAcme();
    const { id, version } = await makeKey(all);
    const { administration } = all;
    const revoked = await administration.revokeApiKey(admin, id, { version });
    expect(revoked.revokedAtMs).toBe(nowMs);
    expect(await lastEntry(all)).toMatchObject({ action: "api_key.revoke", after: { revokedAtMs: nowMs } });
    all.clock.advance(1_000);
    expect(await administration.revokeApiKey(admin, id, { version })).toEqual(revoked);
    expect(await administration.revokeApiKey(admin, id, { version: revoked.version })).toEqual(revoked);
    const edit = { version: revoked.version };
    for (const asked of [
      () => administration.updateApiKey(admin, id, { ...edit, active: true }),
      () => administration.rotateApiKey(admin, id, { ...edit, overlapSeconds: 0 }),
    ]) {
      const error = await refusedWithoutChange(all, asked);
      expect(error.code).toBe("conflict");
      expect(error.message).toMatch(/revoked/);
    }
    expect(
      (await refusedWithoutChange(all, () => administration.deleteApiKey(admin, id, { version }))).code,
    ).toBe("conflict");
    expect(await administration.deleteApiKey(admin, id, edit)).toMatchObject({ id });
    expect(await administration.apiKeysById(admin, [id])).toEqual([undefined]);
    expect(await lastEntry(all)).toMatchObject({ action: "api_key.delete", before: { revokedAtMs: nowMs } });
  });
});

it("keys are listed for their own tenant, and for all by who acts for all", async () => {
  const all = await inAcme();
  const { administration } = all;
  const user = await makeUser(all);
  const [a, b] = [
    await makeKey(all, { userId: user.id }),
    await makeKey(all, { tenantId: "beta", name: "Bee" }),
  ];
  const idsOf = async (...asked: Parameters<typeof administration.apiKeys>) =>
    (await administration.apiKeys(...asked)).entries.map(({ id }) => id);
  expect(await idsOf(owner, { first: 9 })).toEqual([a.id]);
  expect(await idsOf(platform, { first: 9 })).toEqual([a.id, b.id]);
  expect(await idsOf(platform, { first: 9, userId: user.id })).toEqual([a.id]);
  expect(await idsOf(platform, { first: 9, search: "bee" })).toEqual([b.id]);
  expect(await refusal(administration.apiKeys(owner, { first: 9, tenantId: "beta" }))).toMatchObject({
    code: "not_found",
  });
  const named = () => administration.apiKeys(platform, { first: 9, userId: "\0" });
  expect(fieldsOf(await refusal(named()))).toEqual(["userId"]);
});

it("a key of a user acts as a key in the trail", async () => {
  const all = await inAcme();
  const user = await makeUser(all, { role: "admin" });
  const by = { ...ofKey([...permissionsOfRole.admin]), userId: user.id };
  await all.administration.createApiKey(by, { name: "a" });
  expect(await lastEntry(all)).toMatchObject({ actor: { type: "api_key", id: by.apiKeyId } });
});

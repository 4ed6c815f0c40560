// The database does not answer, refuses, or says that somebody was first.

import { describe, expect, it } from "vitest";
import type { Administration } from "../../../src/core/directory/administration.ts";
import type { AdministrationPorts } from "../../../src/core/directory/administration-steps.ts";
import type { DirectoryStore, DirectoryWritten } from "../../../src/core/directory/directory-store.ts";
import { principalOfRole } from "../../support/principals.ts";
import {
  administered,
  makeKey,
  makeTenant,
  makeUser,
  ofUser,
  password,
  platform,
  refusal,
  withAnswers,
} from "./administered.ts";
import { openDirectory } from "./open-directory.ts";

const admin = principalOfRole("admin", "acme");

async function opened() {
  const directory = await openDirectory();
  const all = await administered({}, directory);
  await makeTenant(all);
  await makeUser(all, { role: "owner" });
  const [user, key] = [await makeUser(all, { password }), await makeKey(all)];
  const over = (answers: Partial<DirectoryStore>) => administered({}, withAnswers(directory, answers));
  return { all, user, key, over, directory };
}

/** A change of each kind, as it would succeed. */
const changesOf = ({ user, key }: Awaited<ReturnType<typeof opened>>) =>
  ({
    createTenant: (to) => to.createTenant(platform, { id: "new", name: "New" }),
    updateTenant: async (to) => {
      const [tenant] = await to.tenantsById(platform, ["acme"]);
      return to.updateTenant(platform, "acme", { version: tenant?.version ?? 0, name: "New" });
    },
    createUser: (to) => to.createUser(admin, { email: "new@example.com", role: "viewer" }),
    updateUser: (to) => to.updateUser(admin, user.id, { version: user.version, name: "New" }),
    deleteUser: (to) => to.deleteUser(admin, user.id, { version: user.version }),
    changePassword: (to) => to.changePassword(ofUser(user), { current: password, next: "another long one" }),
    createApiKey: (to) => to.createApiKey(admin, { name: "New" }),
    updateApiKey: (to) => to.updateApiKey(admin, key.id, { version: key.version, name: "New" }),
    rotateApiKey: (to) => to.rotateApiKey(admin, key.id, { version: key.version, overlapSeconds: 0 }),
    revokeApiKey: (to) => to.revokeApiKey(admin, key.id, key),
    deleteApiKey: (to) => to.deleteApiKey(admin, key.id, key),
    importApiKeys: (to) =>
      to.importApiKeys(admin, {
        keys: [{ name: "New", prefix: "sk-old", bcryptHash: `$2b$10$${"a".repeat(53)}` }],
      }),
    setSsoConfig: (to) =>
      to.setSsoConfig(platform, { tenantId: "acme", issuer: "https://login.example.com", clientId: "a" }),
  }) satisfies Partial<Record<keyof Administration, (to: Administration) => Promise<unknown>>>;

describe("a database that does not answer", () => {
  it("is unavailable, with its own words for the log alone", async () => {
    const setting = await opened();
    const down = new Error("connect ECONNREFUSED 10.0.0.5:5432 user=sluice");
    for (const [name, change] of Object.entries(changesOf(setting))) {
      const { administration, faults, forgotten } = await setting.over({ write: () => Promise.reject(down) });
      const error = await refusal(change(administration));
      expect([name, error.code]).toEqual([name, "unavailable"]);
      expect(error.message).not.toContain("10.0.0.5");
      expect(error.cause).toBe(down);
      expect(faults).toEqual([down]);
      expect(forgotten()).toBe(0);
    }
    const none = () => Promise.reject(down);
    const deaf = await setting.over({
      users: none,
      apiKeys: none,
      tenants: none,
      audit: none,
      verifyAudit: none,
    });
    const reads = [
      deaf.administration.users(admin, { first: 1 }),
      deaf.administration.apiKeys(admin, { first: 1 }),
      deaf.administration.tenants(platform, { first: 1 }),
      deaf.administration.auditLog(admin, { first: 1 }),
      deaf.administration.verifyAudit(admin),
    ];
    for (const read of reads) expect(await refusal(read)).toMatchObject({ code: "unavailable", cause: down });
  });

  it("after a change was made does not make it fail: the secret of a key is shown once", async () => {
    const { over } = await opened();
    const { administration, faults } = await over({ apiKeysById: () => Promise.reject(new Error("gone")) });
    const { apiKey, secret } = await administration.createApiKey(admin, { name: "a" });
    expect(secret.startsWith(apiKey.prefix)).toBe(true);
    expect(apiKey).toMatchObject({ tenantId: "acme", name: "a" });
    expect(faults).toHaveLength(1);
  });

  it("does not undo what was made where the gateway cannot forget", async () => {
    const directory = await openDirectory();
    await administered({}, directory);
    const faults: unknown[] = [];
    const ports: Partial<AdministrationPorts> = {
      changed: () => Promise.reject(new Error("cannot")),
      reportFault: (error) => void faults.push(error),
    };
    await makeTenant(await administered(ports, directory));
    expect(faults.map(String)).toEqual(["Error: cannot"]);
    expect(await directory.tenantsById(["acme"])).toHaveLength(1);
  });
});

describe("a database that says no", () => {
  it.each([
    ["changed_meanwhile", "conflict"],
    ["exists", "conflict"],
    ["no_owner", "not_found"],
  ] as const)("%s is %s", async (outcome, code) => {
    const setting = await opened();
    const written: DirectoryWritten = outcome === "exists" ? { outcome, at: 0 } : { outcome };
    for (const [name, change] of Object.entries(changesOf(setting))) {
      const { administration, forgotten } = await setting.over({ write: async () => written });
      const error = await refusal(change(administration));
      expect([name, error.code]).toEqual([name, code]);
      if (code === "conflict") expect(error.field).toBeDefined();
      expect(forgotten()).toBe(0);
    }
  });
});

it("a change is told when the gateway has forgotten what it held", async () => {
  const directory = await openDirectory();
  await administered({}, directory);
  const { promise: forgotten, resolve: forget } = Promise.withResolvers<void>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const changed = () => (ask(), forgotten);
  const all = await administered({ changed }, directory);
  let isTold = false;
  const told = makeTenant(all).then(() => (isTold = true));
  await asked;
  await new Promise(setImmediate);
  expect(isTold).toBe(false);
  forget();
  expect(await told).toBe(true);
});

/** As PostgreSQL answers to a NUL. */
const refusesText = () => Promise.reject(new Error('invalid byte sequence for encoding "UTF8": 0x00'));

it("what cannot be an id is not even asked for", async () => {
  const directory = await openDirectory();
  await administered({}, directory);
  const { administration: to, faults } = await administered(
    {},
    // The first look, for the tenant default, is the test's own.
    withAnswers(directory, {
      tenantsById: (ids) => (ids.includes("default") ? directory.tenantsById(ids) : refusesText()),
      usersById: refusesText,
      apiKeysById: refusesText,
      keyById: refusesText,
      ssoConfig: refusesText,
      users: refusesText,
      apiKeys: refusesText,
      audit: refusesText,
      verifyAudit: refusesText,
      importedKeys: refusesText,
    }),
  );
  const edit = { version: 1 };
  for (const id of ["a\0b", "\ud800", "' OR ''='", "", "x".repeat(100_000)]) {
    expect(await to.tenantsById(platform, [id])).toEqual([undefined]);
    expect(await to.usersById(platform, [id])).toEqual([undefined]);
    expect(await to.apiKeysById(platform, [id])).toEqual([undefined]);
    for (const asked of [
      to.updateTenant(platform, id, edit),
      to.deleteTenant(platform, id, edit),
      to.updateUser(platform, id, edit),
      to.deleteUser(platform, id, edit),
      to.updateApiKey(platform, id, edit),
      to.rotateApiKey(platform, id, { ...edit, overlapSeconds: 0 }),
      to.revokeApiKey(platform, id, edit),
      to.deleteApiKey(platform, id, edit),
      to.ssoConfig(platform, id),
      to.setSsoConfig(platform, { tenantId: id, issuer: "https://login.example.com", clientId: "a" }),
      to.deleteSsoConfig(platform, { ...edit, tenantId: id }),
      to.users(platform, { first: 1, tenantId: id }),
      to.apiKeys(platform, { first: 1, tenantId: id }),
      to.auditLog(platform, { first: 1, tenantId: id }),
      to.verifyAudit(platform, id),
      to.createUser(platform, { tenantId: id, email: "a@example.com", role: "viewer" }),
      to.createApiKey(platform, { tenantId: id, name: "a" }),
    ]) {
      expect(await refusal(asked)).toMatchObject({ code: "not_found" });
    }
    const mistyped = [
      to.users(platform, { first: 1, after: id }),
      to.apiKeys(platform, { first: 1, userId: id }),
      to.createApiKey(platform, { name: "a", userId: id }),
      to.importApiKeys(platform, { keys: [{ name: "a", prefix: id, bcryptHash: "" }] }),
    ];
    for (const asked of mistyped) expect(await refusal(asked)).toMatchObject({ code: "invalid_request" });
  }
  expect(faults).toEqual([]);
});

// A key for tests stays one in whatever is made by it: nothing that is made or changed by it reaches more than it does.

import { describe, expect, it } from "vitest";
import { may, requirePermission } from "../../../src/core/access/authorize.ts";
import { createPermissionCheck } from "../../../src/core/access/permission-check.ts";
import { type Permission, permissions } from "../../../src/core/access/permissions.ts";
import type { Principal } from "../../../src/core/access/principal.ts";
import {
  administered,
  type Administered,
  makeKey,
  makeTenant,
  makeUser,
  ofKey,
  refusedWithoutChange,
} from "./administered.ts";

/** With all that a key can have. */
const testKey: Principal = { ...ofKey(permissions), environment: "test" };
const liveKey: Principal = ofKey(permissions);

async function inAcme(): Promise<Administered> {
  const all = await administered();
  await makeTenant(all);
  return all;
}

const refused = { code: "permission_denied", message: expect.stringContaining("test key") };

describe("a test key", () => {
  it("makes test keys, and no other ones", async () => {
    const all = await inAcme();
    const { apiKey, secret } = await all.administration.createApiKey(testKey, { name: "a" });
    expect(apiKey.environment).toBe("test");
    expect(secret).toMatch(/^slc_test_/);
    const live = { name: "b", environment: "live" } as const;
    expect(
      await refusedWithoutChange(all, () => all.administration.createApiKey(testKey, live)),
    ).toMatchObject(refused);
    expect(all.noted).toMatchObject([{ action: "permission.denied", target: { id: "environment:live" } }]);
    const { apiKey: ofLive } = await all.administration.createApiKey(liveKey, live);
    expect(ofLive.environment).toBe("live");
  });

  it("changes test keys, and no other ones", async () => {
    const all = await inAcme();
    const live = await makeKey(all, { environment: "live" });
    const edit = { version: live.version };
    for (const change of [
      () => all.administration.updateApiKey(testKey, live.id, { ...edit, name: "b" }),
      () => all.administration.rotateApiKey(testKey, live.id, { ...edit, overlapSeconds: 0 }),
      () => all.administration.revokeApiKey(testKey, live.id, edit),
      () => all.administration.deleteApiKey(testKey, live.id, edit),
    ]) {
      expect(await refusedWithoutChange(all, change)).toMatchObject(refused);
    }
    const test = await makeKey(all, { environment: "test" });
    const renamed = await all.administration.updateApiKey(testKey, test.id, {
      version: test.version,
      name: "b",
    });
    const { version, environment } = (
      await all.administration.rotateApiKey(testKey, test.id, { version: renamed.version, overlapSeconds: 0 })
    ).apiKey;
    expect(environment).toBe("test");
    await all.administration.deleteApiKey(testKey, test.id, { version });
  });

  it("imports none: those are live", async () => {
    const all = await inAcme();
    const bcryptHash = `$2b$10$${"a".repeat(53)}`;
    const keys = [{ name: "a", prefix: "sk-old-1", bcryptHash }];
    const imported = (by: Principal) => () => all.administration.importApiKeys(by, { keys });
    expect(await refusedWithoutChange(all, imported(testKey))).toMatchObject(refused);
    expect(await imported(liveKey)()).toHaveLength(1);
  });

  it("makes and changes no users, tenants or sign-on", async () => {
    const all = await inAcme();
    const user = await makeUser(all);
    const edit = { version: user.version };
    const { administration: to } = all;
    for (const change of [
      () => to.createUser(testKey, { email: "a@example.com", role: "developer" }),
      () => to.updateUser(testKey, user.id, { ...edit, password: "a long enough one" }),
      () => to.deleteUser(testKey, user.id, edit),
      () => to.createTenant(testKey, { id: "new", name: "New" }),
      () => to.updateTenant(testKey, "acme", { ...edit, name: "b" }),
      () => to.deleteTenant(testKey, "acme", edit),
      () => to.setSsoConfig(testKey, { issuer: "https://login.example.com", clientId: "a" }),
      () => to.deleteSsoConfig(testKey, edit),
      () => to.resealClientSecrets(testKey),
    ]) {
      expect(await refusedWithoutChange(all, change)).toMatchObject(refused);
    }
  });

  it("sees what it may see", async () => {
    const all = await inAcme();
    const { entries } = await all.administration.apiKeys(testKey, { first: 5 });
    expect(entries).toEqual([]);
    expect((await all.administration.tenants(testKey, { first: 5 })).entries).not.toHaveLength(0);
  });
});

describe("of the permissions", () => {
  it("a test key has none by which others than test keys get more", () => {
    const liveAlone = permissions.filter((permission) => {
      expect(() => requirePermission(liveKey, permission)).not.toThrow();
      return !may(testKey, permission);
    });
    expect(liveAlone).toEqual<Permission[]>([
      "users:create",
      "users:update",
      "users:delete",
      "tenants:create",
      "tenants:update",
      "tenants:delete",
      "providers:update",
      "routes:update",
    ]);
  });

  it("one that a test key has not leaves an entry in the trail, also on a port that serves calls alone", () => {
    const noted: unknown[] = [];
    const require = createPermissionCheck({ note: (entry) => void noted.push(entry) });
    const elsewhere = { ...testKey, permissions: new Set<Permission>(), elsewhere: testKey.permissions };
    for (const by of [testKey, elsewhere]) {
      expect(() => require(by, "providers:update")).toThrow(/A test key/);
    }
    expect(noted).toHaveLength(2);
    expect(() => require(elsewhere, "api_keys:view")).toThrow(/ADMIN_PORT/);
    expect(noted).toHaveLength(2);
  });
});

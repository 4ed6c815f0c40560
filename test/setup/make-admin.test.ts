// The first administrator and the first key over the real administration, with a directory in memory.

import { describe, expect, it } from "vitest";
import { permissionsOfRole } from "../../src/core/access/permissions.ts";
import { findAdmin, makeAdmin } from "../../src/setup/make-admin.ts";
import { keylessPrincipal } from "../support/principals.ts";
import {
  type Administered,
  administered,
  makeUser,
  nowMs,
  password,
} from "../core/directory/administered.ts";

const ada = { email: "Ada@Example.com", name: "Ada", password };
const newPassword = () => "one that was made";

async function setUp(
  { administration }: Administered,
  over: { readonly admin?: Partial<typeof ada> | { password: undefined }; readonly newKey?: boolean } = {},
) {
  const admin = { ...ada, ...over.admin };
  const existing = await findAdmin(administration, admin);
  return makeAdmin(administration, { admin, existing, newKey: over.newKey ?? false, newPassword, nowMs });
}
const usersOf = async ({ administration }: Administered) =>
  (await administration.users(keylessPrincipal, { first: 10 })).entries;
const keysOf = async ({ administration }: Administered) =>
  (await administration.apiKeys(keylessPrincipal, { first: 10 })).entries;

describe("a first run", () => {
  it("makes an administrator of everything, and a key that may only call", async () => {
    const all = await administered();
    const made = await setUp(all);
    expect(made).toEqual({
      email: "ada@example.com",
      madePassword: undefined,
      wasThere: false,
      key: expect.stringMatching(/^slc_live_/),
    });
    const [user] = await usersOf(all);
    expect(user).toMatchObject({ email: "ada@example.com", name: "Ada", hasPassword: true });
    expect(permissionsOfRole[user?.role ?? "viewer"]).toBe(permissionsOfRole.platform_admin);
    expect(await keysOf(all)).toMatchObject([{ permissions: ["gateway:use"], environment: "live" }]);
  });

  it("is in the trail as what the gateway's set-up did", async () => {
    const all = await administered();
    await setUp(all);
    const { entries } = await all.administration.auditLog(keylessPrincipal, { first: 2 });
    const actor = { type: "system", id: undefined };
    expect(entries).toMatchObject([
      { action: "api_key.create", actor },
      { action: "user.create", actor },
    ]);
  });

  it("makes a password where none is given, and tells it", async () => {
    const all = await administered();
    expect(await setUp(all, { admin: { password: undefined } })).toMatchObject({
      madePassword: newPassword(),
    });
    expect(await usersOf(all)).toMatchObject([{ hasPassword: true }]);
  });
});

describe("a later run", () => {
  it("leaves the administrator and the key as they are", async () => {
    const all = await administered();
    await setUp(all);
    const before = [await usersOf(all), await keysOf(all)];
    const again = await setUp(all, { admin: { name: "Another", password: undefined } });
    expect(again).toEqual({
      email: "ada@example.com",
      madePassword: undefined,
      wasThere: true,
      key: undefined,
    });
    expect([await usersOf(all), await keysOf(all)]).toEqual(before);
  });

  it("makes another key when it is asked to", async () => {
    const all = await administered();
    const { key } = await setUp(all);
    const { key: another } = await setUp(all, { newKey: true });
    expect(another).toMatch(/^slc_live_/);
    expect(another).not.toBe(key);
    expect(await keysOf(all)).toHaveLength(2);
  });

  it("makes a key where those that there are let nobody in", async () => {
    const all = await administered();
    await setUp(all);
    const [first] = await keysOf(all);
    await all.administration.revokeApiKey(keylessPrincipal, first?.id ?? "", {
      version: first?.version ?? 0,
    });
    await all.administration.createApiKey(keylessPrincipal, { name: "old", expiresAtMs: nowMs + 1_000 });
    await all.administration.createApiKey(keylessPrincipal, { name: "off", active: false });
    all.clock.advance(1_000);
    const existing = await findAdmin(all.administration, ada);
    const wanted = { admin: ada, existing, newKey: false, newPassword, nowMs: nowMs + 1_000 };
    expect((await makeAdmin(all.administration, wanted)).key).toMatch(/^slc_live_/);
  });

  it("makes another administrator for another email", async () => {
    const all = await administered();
    await setUp(all);
    const grace = { ...ada, email: "grace@example.com" };
    expect(await setUp(all, { admin: grace })).toMatchObject({ wasThere: false, key: undefined });
    expect((await usersOf(all)).map(({ email }) => email)).toEqual(["ada@example.com", "grace@example.com"]);
  });
});

describe("a user of that email", () => {
  it.each([
    [{ role: "owner" as const }, "is of the role owner"],
    [{ role: "platform_admin" as const, active: false }, "is not active"],
  ])("who administers nothing is not taken for an administrator: %j", async (standing, said) => {
    const all = await administered();
    await makeUser(all, { tenantId: "default", email: "ada@example.com", ...standing });
    await expect(setUp(all)).rejects.toThrow(`--admin-email: ada@example.com is there already, ${said}`);
    expect(await keysOf(all)).toEqual([]);
  });

  it("in another tenant, or whose email only holds it, is somebody else", async () => {
    const all = await administered();
    await all.administration.createTenant(keylessPrincipal, { id: "acme", name: "Acme" });
    await makeUser(all, { tenantId: "acme", email: "ada@example.com" });
    await makeUser(all, { tenantId: "default", email: "ada@example.com.example" });
    expect(await setUp(all)).toMatchObject({ wasThere: false });
  });
});

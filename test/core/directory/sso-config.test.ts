import { describe, expect, it } from "vitest";
import type { Administration } from "../../../src/core/directory/administration.ts";
import { newSsoConfig } from "../../../src/core/directory/planned.ts";
import { principalOfRole } from "../../support/principals.ts";
import {
  administered,
  type Administered,
  fieldsOf,
  lastEntry,
  makeTenant,
  ofKey,
  platform,
  refusal,
  refusedWithoutChange,
  secrets,
} from "./administered.ts";

const owner = principalOfRole("owner", "acme");
const issuer = "https://login.example.com/realms/acme";
const clientSecret = "the-client's-secret";

async function inAcme(): Promise<Administered> {
  const all = await administered();
  await makeTenant(all);
  return all;
}

const set = (
  { administration }: Administered,
  input: Parameters<Administration["setSsoConfig"]>[1] = {},
  by = owner,
) => administration.setSsoConfig(by, input);

const made = (all: Administered) => set(all, { issuer, clientId: "sluice", clientSecret });

describe("a tenant's sign-on", () => {
  it("is made with the defaults, and its secret is sealed", async () => {
    const all = await inAcme();
    expect(await all.administration.ssoConfig(owner)).toBeUndefined();
    const config = await made(all);
    expect(config).toMatchObject({
      tenantId: "acme",
      active: true,
      issuer,
      clientId: "sluice",
      hasClientSecret: true,
      scopes: ["openid", "profile", "email"],
      groupsClaim: "groups",
      rolesOfGroups: {},
      defaultRole: undefined,
      createsUsers: true,
    });
    expect(await all.administration.ssoConfig(owner)).toEqual(config);
    const sealed = (await all.directory.ssoConfig("acme"))?.credential.clientSecret;
    expect(sealed && secrets.openClientSecret(sealed, "acme")).toBe(clientSecret);
    const entry = await lastEntry(all);
    expect(entry).toMatchObject({
      action: "sso_config.create",
      target: { type: "sso_config", id: "acme" },
      before: undefined,
      after: { issuer, clientSecretChanged: true },
    });
    expect(JSON.stringify(entry)).not.toContain(clientSecret);
  });

  it("is changed in what is named, by who has read it", async () => {
    const all = await inAcme();
    const { version } = await made(all);
    const changed = await set(all, {
      version,
      rolesOfGroups: { Admins: "admin" },
      defaultRole: "viewer",
      scopes: ["openid"],
      createsUsers: false,
    });
    expect(changed).toMatchObject({ issuer, hasClientSecret: true, rolesOfGroups: { Admins: "admin" } });
    expect(await lastEntry(all)).toMatchObject({
      action: "sso_config.update",
      before: { createsUsers: true, rolesOfGroups: {} },
      after: { createsUsers: false, rolesOfGroups: { Admins: "admin" }, defaultRole: "viewer" },
    });
    const reset = await set(all, {
      version: changed.version,
      scopes: null,
      rolesOfGroups: null,
      defaultRole: null,
    });
    expect(reset).toMatchObject({
      scopes: ["openid", "profile", "email"],
      rolesOfGroups: {},
      defaultRole: undefined,
    });
    const same = await set(all, { version: reset.version, active: true });
    expect(same).toEqual(reset);
    for (const seen of [version, undefined]) {
      const stale = () => set(all, { version: seen, active: false });
      expect(await refusedWithoutChange(all, stale)).toMatchObject({ code: "conflict", field: "version" });
    }
  });

  it("that there is not yet has no version", async () => {
    const all = await inAcme();
    const first = () => set(all, { version: 1, issuer, clientId: "a" });
    expect(await refusedWithoutChange(all, first)).toMatchObject({ code: "conflict" });
  });

  it("is told all that is wrong with it at once", async () => {
    const all = await inAcme();
    const nothing = await refusedWithoutChange(all, () => set(all));
    expect(fieldsOf(nothing)).toEqual(["issuer", "clientId"]);
    const wrong = await refusedWithoutChange(all, () =>
      set(all, {
        issuer: "http://login.example.com",
        clientId: "a\n",
        clientSecret: "",
        scopes: ["email"],
        groupsClaim: "\0",
        rolesOfGroups: { "": "viewer" },
        defaultRole: JSON.parse('"god"'),
      }),
    );
    expect(fieldsOf(wrong)).toEqual([
      "issuer",
      "clientId",
      "clientSecret",
      "scopes",
      "groupsClaim",
      "rolesOfGroups",
      "defaultRole",
    ]);
  });

  it("by plain HTTP is for loopback, where that is allowed", async () => {
    const loopback = { issuer: "http://127.0.0.1:9000", clientId: "a" };
    const all = await inAcme();
    expect(fieldsOf(await refusedWithoutChange(all, () => set(all, loopback)))).toEqual(["issuer"]);
    const allowing = await administered({ allowsLoopbackIssuers: true });
    await makeTenant(allowing);
    expect(await set(allowing, loopback)).toMatchObject(loopback);
  });

  it("gives no role above its maker's, and platform_admin in no tenant", async () => {
    const all = await inAcme();
    const first = { issuer, clientId: "a" };
    for (const roles of [
      { rolesOfGroups: { Everybody: "platform_admin" } },
      { defaultRole: "platform_admin" },
    ] as const) {
      expect(await refusedWithoutChange(all, () => set(all, { ...first, ...roles }))).toMatchObject({
        code: "permission_denied",
      });
      for (const tenantId of ["acme", "default"]) {
        const byPlatform = () => set(all, { ...first, ...roles, tenantId }, platform);
        expect(fieldsOf(await refusedWithoutChange(all, byPlatform))).toEqual(Object.keys(roles));
      }
    }
  });

  it("is set by whoever could be its owner, whatever roles it gives", async () => {
    const all = await inAcme();
    const { tenantId } = owner;
    const updates = ofKey(["tenants:update"], tenantId);
    const mostly = [...owner.permissions].filter((permission) => permission !== "audit:view");
    const ofAdmin = { ...principalOfRole("admin", tenantId), permissions: owner.permissions };
    const first = { issuer, clientId: "a" };
    for (const by of [updates, ofKey(mostly, tenantId), ofAdmin]) {
      expect(await refusedWithoutChange(all, () => set(all, first, by))).toMatchObject({
        code: "permission_denied",
        message: expect.stringContaining("owner"),
      });
      expect(all.noted.at(-1)).toMatchObject({ target: { type: "permission", id: "role:owner" } });
    }
    const { version } = await set(all, first, ofKey([...owner.permissions], tenantId));
    const moved = () => set(all, { version, issuer: "https://evil.example.com" }, updates);
    expect(await refusedWithoutChange(all, moved)).toMatchObject({ code: "permission_denied" });
    await set(all, { version, createsUsers: false }, { ...platform, tenantId });
    const found = await all.administration.ssoConfig(owner);
    expect(found).toMatchObject({ issuer, createsUsers: false });
  });

  it("that gives a role above somebody is changed by others", async () => {
    const all = await inAcme();
    const rolesOfGroups = { Root: "platform_admin" } as const;
    const ssoConfig = { ...newSsoConfig, tenantId: "default", issuer, clientId: "a", rolesOfGroups };
    await all.directory.write({
      changes: [{ type: "put_sso_config", ssoConfig, seen: undefined }],
      audit: [],
    });
    const ownerOfDefault = principalOfRole("owner", "default");
    const version = (await all.administration.ssoConfig(platform))?.version ?? 0;
    for (const asked of [
      () => set(all, { version, issuer: "https://evil.example.com" }, ownerOfDefault),
      () => set(all, { version, rolesOfGroups: {}, defaultRole: "platform_admin" }, ownerOfDefault),
      () => all.administration.deleteSsoConfig(ownerOfDefault, { version }),
    ]) {
      expect(await refusedWithoutChange(all, asked)).toMatchObject({ code: "permission_denied" });
    }
    const mended = await set(all, { version, rolesOfGroups: {} }, platform);
    expect(mended).toMatchObject({ tenantId: "default", rolesOfGroups: {} });
  });

  it("sends its secret to no other issuer", async () => {
    const all = await inAcme();
    const { version } = await made(all);
    const other = "https://other.example.com";
    const moved = () => set(all, { version, issuer: other });
    expect(fieldsOf(await refusedWithoutChange(all, moved))).toEqual(["clientSecret"]);
    const changed = await set(all, { version, issuer: other, clientSecret: null });
    expect(changed).toMatchObject({ issuer: other, hasClientSecret: false });
    expect(await lastEntry(all)).toMatchObject({ after: { clientSecretChanged: true } });
    await set(all, { version: changed.version, issuer });
  });

  it("goes when it is deleted", async () => {
    const all = await inAcme();
    const { administration } = all;
    const config = await made(all);
    const stale = () => administration.deleteSsoConfig(owner, { version: config.version - 1 });
    expect(await refusedWithoutChange(all, stale)).toMatchObject({ code: "conflict" });
    expect(await administration.deleteSsoConfig(owner, { version: config.version })).toEqual(config);
    expect(await administration.ssoConfig(owner)).toBeUndefined();
    expect(await lastEntry(all)).toMatchObject({
      action: "sso_config.delete",
      before: { issuer },
      after: undefined,
    });
    const again = () => administration.deleteSsoConfig(owner, { version: config.version });
    expect(await refusedWithoutChange(all, again)).toMatchObject({ code: "not_found" });
  });

  it("of a tenant that there is not, or is another's, is not found", async () => {
    const all = await inAcme();
    await makeTenant(all, "beta");
    for (const [tenantId, by] of [
      ["beta", owner],
      ["none", owner],
      ["none", platform],
      ["\0", platform],
    ] as const) {
      const setting = () => set(all, { tenantId, issuer, clientId: "a" }, by);
      expect(await refusedWithoutChange(all, setting)).toMatchObject({ code: "not_found" });
    }
    expect(await refusal(all.administration.ssoConfig(owner, "beta"))).toMatchObject({ code: "not_found" });
  });
});

import { describe, expect, it } from "vitest";
import type { Role } from "../../../src/core/access/permissions.ts";
import { keylessPrincipal, principalOfRole } from "../../support/principals.ts";
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
  ofUser,
  password,
  platform,
  refusal,
  refusedWithoutChange,
  secrets,
} from "./administered.ts";

async function inAcme(): Promise<Administered> {
  const all = await administered();
  await makeTenant(all);
  await makeTenant(all, "beta");
  return all;
}

const owner = principalOfRole("owner", "acme");
const admin = principalOfRole("admin", "acme");

describe("a new user", () => {
  it("is of the caller's tenant, with an address in its one form", async () => {
    const all = await inAcme();
    const input = { email: "Ada@Example.COM", role: "developer", password } as const;
    const user = await all.administration.createUser(admin, input);
    expect(user).toMatchObject({
      tenantId: "acme",
      email: "ada@example.com",
      role: "developer",
      active: true,
    });
    expect(user).toMatchObject({ hasPassword: true, externalId: undefined, lastLogInAtMs: undefined });
    expect(await all.administration.usersById(admin, [user.id])).toEqual([user]);
    const found = await all.directory.userById(user.id);
    expect(await secrets.verifyPassword(password, found?.credential.passwordHash ?? "")).toBe(true);
    const entry = await lastEntry(all);
    expect(entry).toMatchObject({ action: "user.create", target: { type: "user", id: user.id } });
    expect(entry?.after).toMatchObject({
      email: "ada@example.com",
      role: "developer",
      passwordChanged: true,
    });
    expect(JSON.stringify(entry)).not.toContain(password);
  });

  it("is told all that is wrong at once", async () => {
    const all = await inAcme();
    const error = await refusedWithoutChange(all, () =>
      all.administration.createUser(admin, {
        email: "\u0430da@example.com",
        name: "a\u202eb",
        role: "viewer",
        budget: { hardNanos: -1n },
        password: "short",
      }),
    );
    expect(error.code).toBe("invalid_request");
    expect(fieldsOf(error)).toEqual(["email", "name", "budget.hardNanos", "password"]);
  });

  it("has an email that no other one of the tenant has, in whatever letters", async () => {
    const all = await inAcme();
    const { administration } = all;
    await administration.createUser(owner, { email: "ada@example.com", role: "viewer" });
    const again = () => administration.createUser(owner, { email: "ADA@example.com", role: "viewer" });
    expect(await refusedWithoutChange(all, again)).toMatchObject({ code: "conflict", field: "email" });
    await administration.createUser(platform, { tenantId: "beta", email: "ada@example.com", role: "viewer" });
  });

  it("in a tenant that there is not, or is another's, is not found", async () => {
    const all = await inAcme();
    const make = (tenantId: string, by = admin) =>
      refusedWithoutChange(all, () =>
        all.administration.createUser(by, { tenantId, email: "a@b.example", role: "viewer" }),
      );
    const others = await make("beta");
    expect(others.code).toBe("not_found");
    expect((await make("none")).message).toBe(others.message);
    expect((await make("none", platform)).message).toBe(others.message);
    for (const none of ["\0", "'; DROP TABLE tenants", "platform"]) {
      expect((await make(none, platform)).code).toBe("not_found");
    }
  });
});

describe("the role that is given", () => {
  const roles: readonly Role[] = ["viewer", "developer", "admin", "owner", "platform_admin"];

  it.each([
    ["admin", principalOfRole("admin", "default"), ["viewer", "developer", "admin"]],
    ["owner", principalOfRole("owner", "default"), ["viewer", "developer", "admin", "owner"]],
    ["platform_admin", platform, roles],
    ["nobody with a credential", keylessPrincipal, roles],
    [
      "a key that creates users, and may do nothing else",
      ofKey(["users:create", "users:update"], "default"),
      [],
    ],
    [
      "a key that may do what developers may",
      ofKey(
        [
          "users:create",
          "users:update",
          "gateway:use",
          "guardrails:test",
          "providers:view",
          "routes:view",
          "prices:view",
          "budgets:view",
          "requests:view",
          "usage:view",
        ],
        "default",
      ),
      ["developer"],
    ],
  ] as const)("is at most the giver's: %s", async (_, by, given) => {
    const all = await administered();
    await makeUser(all, { tenantId: "default", role: "platform_admin" });
    for (const role of roles) {
      const made = () =>
        all.administration.createUser(by, { tenantId: "default", email: `${role}@example.com`, role });
      const other = await makeUser(all, { tenantId: "default", role: given[0] ?? "viewer" });
      const { id, version } = other;
      const raised = () => all.administration.updateUser(by, id, { version, role });
      if (given.some((each) => each === role)) {
        expect(await made()).toMatchObject({ role });
        expect(await raised()).toMatchObject({ role });
      } else {
        expect(await refusedWithoutChange(all, made)).toMatchObject({ code: "permission_denied" });
        expect(await refusedWithoutChange(all, raised)).toMatchObject({ code: "permission_denied" });
      }
    }
  });

  it("for every tenant is given in the tenant default alone", async () => {
    const all = await inAcme();
    const made = () => makeUser(all, { role: "platform_admin" });
    expect(fieldsOf(await refusedWithoutChange(all, made))).toEqual(["role"]);
    const { id, version } = await makeUser(all);
    const raised = () => all.administration.updateUser(platform, id, { version, role: "platform_admin" });
    expect(fieldsOf(await refusedWithoutChange(all, raised))).toEqual(["role"]);
  });

  it("that is none is refused", async () => {
    const all = await inAcme();
    const role: Role = JSON.parse('"god"');
    const made = () => makeUser(all, { role });
    expect(fieldsOf(await refusedWithoutChange(all, made))).toEqual(["role"]);
  });
});

describe("nobody", () => {
  it("changes or deletes a user above oneself, whatever is changed", async () => {
    const all = await inAcme();
    await makeUser(all, { role: "owner" });
    const { id, version } = await makeUser(all, { role: "owner" });
    for (const change of [{ name: "B" }, { active: false }, { role: "viewer" }, { password }] as const) {
      const error = await refusedWithoutChange(all, () =>
        all.administration.updateUser(admin, id, { version, ...change }),
      );
      expect(error).toMatchObject({ code: "permission_denied" });
    }
    const error = await refusedWithoutChange(all, () =>
      all.administration.deleteUser(admin, id, { version }),
    );
    expect(error).toMatchObject({ code: "permission_denied" });
    expect(all.noted.at(-1)).toMatchObject({
      tenantId: "acme",
      kind: "decision",
      action: "administration.denied",
      target: { type: "permission", id: "role:owner" },
    });
  });

  it("changes one's own role, standing or password by administration, or deletes oneself", async () => {
    const all = await inAcme();
    await makeUser(all, { role: "owner" });
    const self = await makeUser(all, { role: "owner" });
    const by = ofUser(self);
    const { id, version } = self;
    for (const change of [{ active: false }, { role: "admin" }, { password }, { password: null }] as const) {
      const error = await refusedWithoutChange(all, () =>
        all.administration.updateUser(by, id, { version, ...change }),
      );
      expect(error).toMatchObject({ code: "permission_denied" });
    }
    expect(await refusal(all.administration.deleteUser(by, id, { version }))).toMatchObject({
      code: "permission_denied",
    });
    const renamed = await all.administration.updateUser(by, id, {
      version,
      name: "Me",
      role: "owner",
      active: true,
    });
    expect(renamed).toMatchObject({ name: "Me", role: "owner" });
  });
});

describe("the last who administers a tenant", () => {
  it.each(["owner", "admin"] as const)("stays: %s", async (role) => {
    const all = await inAcme();
    await makeUser(all, { role: "developer" });
    await makeUser(all, { role: "owner", active: false });
    const { id, version } = await makeUser(all, { role });
    for (const change of [
      { role: "developer" },
      { active: false },
      { role: "viewer", active: false },
    ] as const) {
      const error = await refusedWithoutChange(all, () =>
        all.administration.updateUser(platform, id, { version, ...change }),
      );
      expect(error.code).toBe("conflict");
    }
    const deleted = () => all.administration.deleteUser(platform, id, { version });
    expect((await refusedWithoutChange(all, deleted)).code).toBe("conflict");
    const other = await makeUser(all, { role: "admin" });
    await all.administration.deleteUser(platform, id, { version });
    expect(await all.administration.usersById(platform, [id, other.id])).toMatchObject([
      undefined,
      { role: "admin" },
    ]);
  });

  it("of the gateway itself is a platform_admin", async () => {
    const all = await administered();
    await makeUser(all, { tenantId: "default", role: "owner" });
    const { id, version } = await makeUser(all, { tenantId: "default", role: "platform_admin" });
    const demoted = () => all.administration.updateUser(keylessPrincipal, id, { version, role: "owner" });
    expect(await refusedWithoutChange(all, demoted)).toMatchObject({ code: "conflict", field: "role" });
    await makeUser(all, { tenantId: "default", role: "platform_admin" });
    expect(await demoted()).toMatchObject({ role: "owner" });
  });

  it("is found beyond the first page of users", async () => {
    const all = await inAcme();
    const first = await makeUser(all, { role: "owner" });
    for (let i = 0; i < 205; i += 1) await makeUser(all, { role: "viewer" });
    const { id, version } = first;
    const deleted = () => all.administration.deleteUser(platform, id, { version });
    expect((await refusedWithoutChange(all, deleted)).code).toBe("conflict");
    await makeUser(all, { role: "owner" });
    await deleted();
  });

  it("is one of two who take each other's place away at the same moment", async () => {
    const all = await inAcme();
    const [one, other] = [await makeUser(all, { role: "owner" }), await makeUser(all, { role: "owner" })];
    const { administration } = all;
    const ends = await Promise.allSettled([
      administration.updateUser(ofUser(one), other.id, { version: other.version, active: false }),
      administration.deleteUser(ofUser(other), one.id, { version: one.version }),
    ]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(ends.find((end) => end.status === "rejected")).toMatchObject({ reason: { code: "conflict" } });
    const { entries } = await administration.users(platform, { first: 10, tenantId: "acme", active: true });
    expect(entries).toHaveLength(1);
  });
});

describe("a change of a user", () => {
  it("tells what it changed, and the password only that it was", async () => {
    const all = await inAcme();
    const { id, version } = await makeUser(all, { name: "Ada" });
    const changed = await all.administration.updateUser(owner, id, {
      version,
      name: "Ada L.",
      role: "viewer",
      password,
      budget: { hardNanos: 7n },
    });
    expect(changed).toMatchObject({
      name: "Ada L.",
      role: "viewer",
      hasPassword: true,
      budget: { hardNanos: 7n },
    });
    expect(await all.administration.usersById(owner, [id])).toEqual([changed]);
    expect(await lastEntry(all)).toMatchObject({
      action: "user.update",
      before: { name: "Ada", role: "developer", budget: {} },
      after: { name: "Ada L.", role: "viewer", budget: { hardNanos: "7" }, passwordChanged: true },
    });
    const without = await all.administration.updateUser(owner, id, {
      version: changed.version,
      password: null,
    });
    expect(without.hasPassword).toBe(false);
  });

  it.each([
    ["its password", { password }],
    ["that it has none", { password: null }],
    ["that it is not active", { active: false }],
  ])("ends its sessions: %s", async (_, change) => {
    const all = await inAcme();
    await makeUser(all, { role: "owner" });
    const { id, version } = await makeUser(all);
    const session = { id, userId: id, tenantId: "acme", createdAtMs: nowMs, expiresAtMs: nowMs * 2 };
    await all.directory.write({
      changes: [
        {
          type: "start_session",
          session: { ...session, endedAtMs: undefined },
          refreshHash: { keyId: "k1", hash: id },
        },
      ],
      audit: [],
    });
    expect(await all.directory.session(id)).toBeDefined();
    const named = await all.administration.updateUser(owner, id, { version, name: "B" });
    expect(await all.directory.session(id)).toBeDefined();
    await all.administration.updateUser(owner, id, { version: named.version, ...change });
    expect(await all.directory.session(id)).toBeUndefined();
  });

  it("to an email that another one has is a conflict", async () => {
    const all = await inAcme();
    const [one, other] = [await makeUser(all), await makeUser(all)];
    const moved = () =>
      all.administration.updateUser(owner, one.id, {
        version: one.version,
        email: other.email.toUpperCase(),
      });
    expect(await refusedWithoutChange(all, moved)).toMatchObject({ code: "conflict", field: "email" });
  });

  it("of another tenant's user is not found, as of one that there is not", async () => {
    const all = await inAcme();
    const { id, version } = await makeUser(all, { tenantId: "beta" });
    const ids = [id, "0197a000-0000-7000-8000-0000000000ff", "none", "\0", "' OR 1=1 --"];
    const messages = new Set<string>();
    for (const each of ids) {
      const change = () => all.administration.updateUser(owner, each, { version, name: "\n" });
      const error = await refusedWithoutChange(all, change);
      expect(error.code).toBe("not_found");
      messages.add(error.message);
      const deleted = () => all.administration.deleteUser(owner, each, { version: -1 });
      messages.add((await refusedWithoutChange(all, deleted)).message);
    }
    expect(messages.size).toBe(1);
    expect(await all.administration.usersById(owner, ids)).toEqual(ids.map(() => undefined));
  });

  it("that deletes it revokes its keys", async () => {
    const all = await inAcme();
    const { id, version } = await makeUser(all);
    const key = await makeKey(all, { userId: id });
    expect(await all.administration.deleteUser(admin, id, { version })).toMatchObject({ id });
    const [revoked] = await all.administration.apiKeysById(admin, [key.id]);
    expect(revoked?.revokedAtMs).toBeDefined();
    expect(await lastEntry(all)).toMatchObject({ action: "user.delete", before: { role: "developer" } });
  });
});

it("users are listed for their own tenant, and for all by who acts for all", async () => {
  const all = await inAcme();
  const { administration } = all;
  const [a, b] = [await makeUser(all), await makeUser(all, { tenantId: "beta" })];
  const idsOf = async (...asked: Parameters<typeof administration.users>) =>
    (await administration.users(...asked)).entries.map(({ id }) => id);
  expect(await idsOf(owner, { first: 9 })).toEqual([a.id]);
  expect(await idsOf(owner, { first: 9, tenantId: "acme" })).toEqual([a.id]);
  expect(await idsOf(platform, { first: 9 })).toEqual([a.id, b.id]);
  expect(await idsOf(platform, { first: 9, tenantId: "beta" })).toEqual([b.id]);
  expect(await idsOf(platform, { first: 9, search: b.email.toUpperCase() })).toEqual([b.id]);
  expect(await refusal(administration.users(owner, { first: 9, tenantId: "beta" }))).toMatchObject({
    code: "not_found",
  });
});

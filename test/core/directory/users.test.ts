import { describe, expect, it } from "vitest";
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

it("passwords are hashed for the tenant that asks, whosever they are", async () => {
  const asked: string[] = [];
  const all = await administered({
    secrets: {
      ...secrets,
      hashPassword: (text, askedBy) => (asked.push(askedBy), secrets.hashPassword(text, askedBy)),
      verifyPassword(text, hash, askedBy) {
        asked.push(askedBy);
        return secrets.verifyPassword(text, hash, askedBy);
      },
    },
  });
  await makeTenant(all);
  const user = await makeUser(all, { password });
  await all.administration.updateUser(platform, user.id, {
    version: user.version,
    password: "another long one",
  });
  await all.administration.changePassword(ofUser(user), { current: "another long one", next: password });
  const acting = { ...platform, tenantId: "acme", actingFrom: "default" };
  const second = { email: "second@example.com", role: "viewer", password } as const;
  await all.administration.createUser(acting, second);
  const asking = ["tenant default", "tenant default", "tenant acme", "tenant acme", "tenant default"];
  expect(asked).toEqual(asking);
});

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
    expect(await secrets.verifyPassword(password, found?.credential.passwordHash ?? "", "red")).toBe(true);
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

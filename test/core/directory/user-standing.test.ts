// Who gives which role to whom, and who may change whom.

import { describe, expect, it } from "vitest";
import type { Role } from "../../../src/core/access/permissions.ts";
import type { DirectoryStore } from "../../../src/core/directory/directory-store.ts";
import type { User } from "../../../src/core/directory/entries.ts";
import { keylessPrincipal, principalOfRole } from "../../support/principals.ts";
import {
  administered,
  type Administered,
  fieldsOf,
  makeTenant,
  makeUser,
  ofKey,
  ofUser,
  password,
  platform,
  refusal,
  refusedWithoutChange,
  withAnswers,
} from "./administered.ts";
import { openDirectory } from "./open-directory.ts";

async function inAcme(): Promise<Administered> {
  const all = await administered();
  await makeTenant(all);
  return all;
}

const admin = principalOfRole("admin", "acme");

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

  it("is at most the giver's, whatever else the giver may do", async () => {
    const all = await inAcme();
    const by = { ...principalOfRole("developer", "acme"), permissions: platform.permissions };
    const made = () => all.administration.createUser(by, { email: "a@example.com", role: "admin" });
    expect(await refusedWithoutChange(all, made)).toMatchObject({ code: "permission_denied" });
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
      action: "permission.denied",
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

describe("one's own budget", () => {
  it.each([
    ["a session", (user: User) => ofUser(user)],
    [
      "a key of one's own",
      (user: User) => ({ ...ofKey(["users:update"]), userId: user.id, permissions: admin.permissions }),
    ],
  ])("is nobody's to change who has it, by %s", async (_, principal) => {
    const all = await inAcme();
    const user = await makeUser(all, { role: "admin", budget: { hardNanos: 5n, softNanos: 1n } });
    const { id, version } = user;
    for (const budget of [
      null,
      { hardNanos: 6n },
      { hardNanos: null },
      { softNanos: null },
      { hardNanos: 4n },
    ]) {
      const changed = () => all.administration.updateUser(principal(user), id, { version, budget });
      expect(await refusedWithoutChange(all, changed)).toMatchObject({
        code: "permission_denied",
        message: expect.stringContaining("platform_admin"),
      });
      expect(all.noted.at(-1)).toMatchObject({ target: { type: "permission", id: "user:budget" } });
    }
    const same = { version, name: "Me", budget: { hardNanos: 5n } };
    const renamed = await all.administration.updateUser(principal(user), id, same);
    expect(renamed).toMatchObject({ name: "Me", budget: { hardNanos: 5n, softNanos: 1n } });
  });

  it("is changed by others who administer the tenant, and by a platform_admin", async () => {
    const all = await inAcme();
    const { id, version } = await makeUser(all, { role: "admin", budget: { hardNanos: 5n } });
    expect(await all.administration.updateUser(admin, id, { version, budget: null })).toMatchObject({
      budget: {},
    });
    const root = await makeUser(all, { tenantId: "default", role: "platform_admin" });
    const own = { version: root.version, budget: { hardNanos: 9n } };
    expect(await all.administration.updateUser(ofUser(root), root.id, own)).toMatchObject({
      budget: { hardNanos: 9n },
    });
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

  it("is looked for by one question, however many users there are", async () => {
    const directory = await openDirectory();
    const setUp = await administered({}, directory);
    await makeTenant(setUp);
    const { id, version } = await makeUser(setUp, { role: "owner" });
    let asked = 0;
    const counted = withAnswers(directory, {
      users: () => expect.unreachable("All users are read."),
      activeUser: (wanted) => ((asked += 1), directory.activeUser(wanted)),
    });
    const { administration } = await administered({}, counted);
    const deleted = () => administration.deleteUser(platform, id, { version });
    await expect(deleted()).rejects.toMatchObject({ code: "conflict" });
    expect(asked).toBe(1);
    await makeUser(setUp, { role: "owner" });
    await deleted();
  });

  it.each([
    ["deactivated", "deactivated"],
    ["deactivated", "deleted"],
    ["deleted", "deleted"],
  ])("is one of two who take each other's place away at the same moment: %s, %s", async (...ways) => {
    const directory = await openDirectory();
    const setUp = await administered({}, directory);
    await makeTenant(setUp);
    const [one, other] = [await makeUser(setUp, { role: "owner" }), await makeUser(setUp, { role: "owner" })];
    // Neither is written before both have been planned.
    const { promise: bothPlanned, resolve } = Promise.withResolvers<void>();
    let planned = 0;
    const write: DirectoryStore["write"] = async (change) => {
      planned += 1;
      if (planned === 2) resolve();
      await bothPlanned;
      return directory.write(change);
    };
    const { administration } = await administered({}, withAnswers(directory, { write }));
    const takeAway = (by: User, { id, version }: User, way: string | undefined) =>
      way === "deleted"
        ? administration.deleteUser(ofUser(by), id, { version })
        : administration.updateUser(ofUser(by), id, { version, active: false });
    const ends = await Promise.allSettled([takeAway(one, other, ways[0]), takeAway(other, one, ways[1])]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(ends.find((end) => end.status === "rejected")).toMatchObject({ reason: { code: "conflict" } });
    const { entries } = await administration.users(platform, { first: 10, tenantId: "acme", active: true });
    expect(entries).toHaveLength(1);
  });
});

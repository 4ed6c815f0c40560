// Every function of the administration, for every caller, on what is their own tenant's and on what is another's: from
// one table of what is expected.

import { describe, expect, it } from "vitest";
import type { Principal } from "../../../src/core/access/principal.ts";
import { permissionsOfRole, type Role, roles } from "../../../src/core/access/permissions.ts";
import type { Administration } from "../../../src/core/directory/administration.ts";
import type { ApiKey, Tenant, User } from "../../../src/core/directory/entries.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { keylessPrincipal, principalOfRole } from "../../support/principals.ts";
import {
  administered,
  type Administered,
  makeKey,
  makeTenant,
  makeUser,
  ofKey,
  password,
} from "./administered.ts";

type Caller = Role | "keyless" | "a key that uses models" | "a key with all permissions";

/** What a caller may act on. `hidden`: it looks as if it were not there. */
type Outcome = "done" | "hidden" | "denied";

interface Target {
  readonly tenant: Tenant;
  readonly user: User;
  readonly key: ApiKey;
  /** Of sign-on. */
  readonly ssoVersion: number;
}

interface Row {
  /** Who may, in their own tenant. */
  readonly may: readonly Caller[];
  /** It is about no tenant of another: the same wherever it is asked from. */
  readonly ownOnly?: boolean;
  readonly ask: (to: Administration, by: Principal, target: Target) => Promise<unknown>;
}

const all: readonly Caller[] = ["platform_admin", "keyless", "a key with all permissions"];
const owners: readonly Caller[] = [...all, "owner"];
const admins: readonly Caller[] = [...owners, "admin"];
const viewers: readonly Caller[] = [...admins, "viewer"];

let names = 0;
const newName = () => `new-${(names += 1)}`;

const table: Readonly<Record<keyof Administration, Row>> = {
  tenants: {
    may: viewers,
    ownOnly: true,
    ask: (to, by) => to.tenants(by, { first: 5 }),
  },
  tenantsById: {
    may: viewers,
    ask: async (to, by, { tenant }) => (await to.tenantsById(by, [tenant.id]))[0],
  },
  createTenant: {
    may: all,
    ownOnly: true,
    ask: (to, by) => to.createTenant(by, { id: newName(), name: "New" }),
  },
  updateTenant: {
    may: owners,
    ask: (to, by, { tenant }) => to.updateTenant(by, tenant.id, { version: tenant.version, name: newName() }),
  },
  deleteTenant: {
    may: all,
    ask: (to, by, { tenant }) => to.deleteTenant(by, tenant.id, tenant),
  },
  users: {
    may: viewers,
    ask: (to, by, { tenant }) => to.users(by, { first: 5, tenantId: tenant.id }),
  },
  usersById: {
    may: viewers,
    ask: async (to, by, { user }) => (await to.usersById(by, [user.id]))[0],
  },
  createUser: {
    may: admins,
    ask: (to, by, { tenant }) =>
      to.createUser(by, { tenantId: tenant.id, email: `${newName()}@example.com`, role: "viewer" }),
  },
  updateUser: {
    may: admins,
    ask: (to, by, { user }) => to.updateUser(by, user.id, { version: user.version, name: newName() }),
  },
  deleteUser: {
    may: admins,
    ask: (to, by, { user }) => to.deleteUser(by, user.id, user),
  },
  changePassword: {
    may: roles,
    ownOnly: true,
    ask: (to, by) => to.changePassword(by, { current: password, next: "another long one" }),
  },
  apiKeys: {
    may: viewers,
    ask: (to, by, { tenant }) => to.apiKeys(by, { first: 5, tenantId: tenant.id }),
  },
  apiKeysById: {
    may: viewers,
    ask: async (to, by, { key }) => (await to.apiKeysById(by, [key.id]))[0],
  },
  createApiKey: {
    may: admins,
    ask: (to, by, { tenant }) => to.createApiKey(by, { tenantId: tenant.id, name: "New" }),
  },
  updateApiKey: {
    may: admins,
    ask: (to, by, { key }) => to.updateApiKey(by, key.id, { version: key.version, name: newName() }),
  },
  rotateApiKey: {
    may: admins,
    ask: (to, by, { key }) => to.rotateApiKey(by, key.id, { version: key.version, overlapSeconds: 60 }),
  },
  revokeApiKey: {
    may: admins,
    ask: (to, by, { key }) => to.revokeApiKey(by, key.id, key),
  },
  deleteApiKey: {
    may: admins,
    ask: (to, by, { key }) => to.deleteApiKey(by, key.id, key),
  },
  importApiKeys: {
    may: admins,
    ask: (to, by, { tenant }) => {
      const bcryptHash = `$2b$10$${newName().replace("-", ".").padEnd(53, "a")}`;
      return to.importApiKeys(by, {
        tenantId: tenant.id,
        keys: [{ name: "a", prefix: newName(), bcryptHash }],
      });
    },
  },
  ssoConfig: {
    may: viewers,
    ask: (to, by, { tenant }) => to.ssoConfig(by, tenant.id),
  },
  setSsoConfig: {
    may: owners,
    ask: (to, by, { tenant, ssoVersion: version }) =>
      to.setSsoConfig(by, { tenantId: tenant.id, version, clientId: newName() }),
  },
  deleteSsoConfig: {
    may: owners,
    ask: (to, by, { tenant, ssoVersion: version }) =>
      to.deleteSsoConfig(by, { tenantId: tenant.id, version }),
  },
  resealClientSecrets: {
    may: all,
    ownOnly: true,
    ask: (to, by) => to.resealClientSecrets(by),
  },
  auditLog: {
    may: admins,
    ask: (to, by, { tenant }) => to.auditLog(by, { first: 5, tenantId: tenant.id }),
  },
  verifyAudit: {
    may: admins,
    ask: (to, by, { tenant }) => to.verifyAudit(by, tenant.id),
  },
};

const actForAll: readonly Caller[] = all;

function expected({ may, ownOnly }: Row, caller: Caller, where: "own" | "other"): Outcome {
  if (!may.includes(caller)) return "denied";
  return where === "own" || ownOnly === true || actForAll.includes(caller) ? "done" : "hidden";
}

async function makeTarget(to: Administered): Promise<Target> {
  const id = newName();
  await makeTenant(to, id);
  await makeUser(to, { tenantId: id, role: "owner" });
  const user = await makeUser(to, { tenantId: id, role: "viewer" });
  const key = await makeKey(to, { tenantId: id });
  const input = { tenantId: id, issuer: "https://login.example.com", clientId: "a" };
  const { version: ssoVersion } = await to.administration.setSsoConfig(keylessPrincipal, input);
  const [tenant] = await to.directory.tenantsById([id]);
  if (tenant === undefined) throw new Error("The tenant was not made.");
  return { tenant, user, key, ssoVersion };
}

async function principalOf(to: Administered, caller: Caller, tenantId: string): Promise<Principal> {
  if (caller === "keyless") return { ...keylessPrincipal, tenantId };
  if (caller === "a key that uses models") return ofKey(["gateway:use"], tenantId);
  if (caller === "a key with all permissions") return ofKey([...permissionsOfRole.platform_admin], tenantId);
  const home = caller === "platform_admin" ? "default" : tenantId;
  const { id } = await makeUser(to, { tenantId: home, role: caller, password });
  return { ...principalOfRole(caller, tenantId), userId: id, sessionId: id };
}

async function outcomeOf(asked: Promise<unknown>): Promise<Outcome> {
  try {
    return (await asked) === undefined ? "hidden" : "done";
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    if (error.code === "permission_denied") return "denied";
    if (error.code === "not_found") return "hidden";
    throw error;
  }
}

const callers: readonly Caller[] = [
  ...roles,
  "keyless",
  "a key that uses models",
  "a key with all permissions",
];
const functions = Object.keys(table).filter((name): name is keyof Administration =>
  Object.hasOwn(table, name),
);

it("the table has every function of the administration, and no other", async () => {
  const { administration } = await administered();
  expect(functions.toSorted()).toEqual(Object.keys(administration).toSorted());
});

describe.each(functions)("%s", (name) => {
  const row = table[name];

  it.each(callers)("for %s", async (caller) => {
    const to = await administered();
    const [own, other] = [await makeTarget(to), await makeTarget(to)];
    const by = await principalOf(to, caller, own.tenant.id);
    // The other one first: what is done to one's own may be the end of it.
    for (const [where, target] of [
      ["other", other],
      ["own", own],
    ] as const) {
      if (where === "own" && row.ownOnly === true && name === "changePassword") continue;
      const before = await to.directory.changesSince(0);
      const notedBefore = to.noted.length;
      const asked = row.ask(to.administration, by, target);
      // A password that was changed is told by no value.
      const outcome = await outcomeOf(name === "changePassword" ? asked.then(() => true) : asked);
      expect([where, outcome]).toEqual([where, expected(row, caller, where)]);
      if (outcome === "done") continue;
      expect((await to.directory.changesSince(0)).version).toBe(before.version);
      const noted = to.noted.slice(notedBefore);
      expect(noted.map(({ kind }) => kind)).toEqual(outcome === "denied" ? ["decision"] : []);
    }
  });
});

/** What a caller hears, whatever it is. */
const told = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    (value) => value,
    (error: unknown) => (error instanceof GatewayError ? [error.code, error.message, error.field] : error),
  );

it("whoever may not, and whoever looks at another tenant, learns the same of what is there and of what is not", async () => {
  const to = await administered();
  const [own, other] = [await makeTarget(to), await makeTarget(to)];
  const nothing: Target = {
    tenant: { ...own.tenant, id: "nothing" },
    user: { ...own.user, id: "0197a000-0000-7000-8000-0000000000fe" },
    key: { ...own.key, id: "0197a000-0000-7000-8000-0000000000ff" },
    ssoVersion: 1,
  };
  const by = await principalOf(to, "owner", own.tenant.id);
  for (const name of functions) {
    const { ask, ownOnly, may } = table[name];
    if (ownOnly === true || !may.includes("owner")) continue;
    const [there, notThere] = [ask(to.administration, by, other), ask(to.administration, by, nothing)];
    expect([name, await told(there)]).toEqual([name, await told(notThere)]);
  }
});

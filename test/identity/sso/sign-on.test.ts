// Who gets in by a sign-on, as whom, at a real issuer.

import { beforeEach, describe, expect, it } from "vitest";
import type { DirectoryStore } from "../../../src/core/directory/directory-store.ts";
import { Browser } from "../../support/oidc-provider.ts";
import { adaId, createTestSessions, presented } from "../../support/test-sessions.ts";
import { boss, origin, type RealIssuer, redirectUri, useRealIssuer } from "./real-issuer.ts";

const real = useRealIssuer();
let at: RealIssuer;
beforeEach(() => {
  at = real();
});

const denied = { code: "permission_denied" };
const refused = { code: "unauthenticated" };

describe("a whole sign-on", () => {
  it("makes a user, starts a session, and is in the trail", async () => {
    const started = await at.signOn("grace");
    expect(started.user).toMatchObject({
      tenantId: "acme",
      email: "grace@example.com",
      name: "Grace Hopper",
      role: "developer",
      hasPassword: false,
      externalId: `${at.issuer.url}|grace`,
    });
    expect(await at.user("grace@example.com")).toMatchObject({
      id: started.user.id,
      lastLogInAtMs: at.made.clock.epochMs(),
    });
    await expect(at.made.check.check(started.accessToken, presented)).resolves.toMatchObject({
      tenantId: "acme",
      userId: started.user.id,
      role: "developer",
    });
    await expect(at.made.sessions.refresh(started.refreshToken, origin)).resolves.toBeDefined();
    expect(at.made.directory.audit).toMatchObject([
      {
        tenantId: "acme",
        kind: "change",
        action: "user.create",
        target: { type: "user", id: started.user.id },
        after: { email: "grace@example.com", role: "developer", externalId: `${at.issuer.url}|grace` },
        origin,
      },
      {
        tenantId: "acme",
        kind: "log_in",
        action: "session.sign_on",
        actor: { type: "user", id: started.user.id },
        target: { type: "session", id: at.made.directory.started[0]?.id },
        origin,
      },
    ]);
    expect(at.made.directory.notes).toEqual([]);
  });

  it("asks the issuer for no more than it needs, and with a proof of PKCE", async () => {
    const { location } = await at.begin();
    const { origin: place, searchParams } = new URL(location);
    expect(place).toBe(at.issuer.url);
    expect(Object.fromEntries(searchParams)).toEqual({
      client_id: "sluice",
      response_type: "code",
      redirect_uri: redirectUri,
      scope: "openid email profile groups",
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
    });
  });

  it("works for a client without a secret", async () => {
    await at.configure({ clientId: "public" });
    await expect(at.signOn("grace")).resolves.toBeDefined();
  });

  it("a second time is the same user's, whatever the email is by then", async () => {
    const { user: first } = await at.signOn("grace");
    await at.issuer.setAccounts({ grace: { email: "new-name@example.com", groups: ["engineers"] } });
    const { user: again } = await at.signOn("grace");
    expect(again).toMatchObject({ id: first.id, email: "grace@example.com" });
    expect(at.made.directory.audit.filter(({ action }) => action === "user.create")).toHaveLength(1);
  });

  it("asks an issuer for its description once an hour", async () => {
    let asked = 0;
    const counting = createTestSessions({
      ...at.made,
      fetch: (url, init) => {
        asked += 1;
        return fetch(url, init);
      },
    }).sessions;
    await Promise.all([at.begin(counting), at.begin(counting)]);
    await at.begin(counting);
    expect(asked).toBe(1);
    at.made.clock.advance(3_600_000);
    await at.begin(counting);
    expect(asked).toBe(2);
  });
});

describe("groups", () => {
  it("give the highest of their roles, and a user's role follows them", async () => {
    const { user: first, accessToken } = await at.signOn("grace");
    await at.made.check.check(accessToken, presented);
    await at.issuer.setAccounts({ grace: { groups: ["staff"] } });
    expect(await at.signOn("grace")).toMatchObject({ user: { id: first.id, role: "viewer" } });
    await expect(at.made.check.check(accessToken, presented)).resolves.toMatchObject({ role: "viewer" });
    expect(at.made.directory.audit.filter(({ action }) => action === "user.update")).toMatchObject([
      {
        target: { type: "user", id: first.id },
        before: { role: "developer" },
        after: { role: "viewer" },
        origin,
      },
    ]);
    await at.issuer.setAccounts({ grace: { groups: "heads" } });
    await expect(at.signOn("grace")).resolves.toMatchObject({ user: { role: "owner" } });
  });

  it("that have no role let nobody in, unless there is a default", async () => {
    await expect(at.signOn("stranger")).rejects.toMatchObject(denied);
    expect(await at.user("stranger@example.com")).toBeUndefined();
    await at.configure({ defaultRole: "viewer" });
    await expect(at.signOn("stranger")).resolves.toMatchObject({ user: { role: "viewer" } });
    await at.configure({ defaultRole: undefined });
    await expect(at.signOn("stranger")).rejects.toMatchObject(denied);
  });

  it("never make anybody act for every tenant, and never let in whoever does", async () => {
    await at.configure({ rolesOfGroups: { engineers: "platform_admin" }, defaultRole: "platform_admin" });
    await expect(at.signOn("grace")).rejects.toMatchObject(denied);
    await at.made.directory.putUser({ id: adaId, email: "ada@example.com", role: "platform_admin" });
    await at.configure();
    await expect(at.signOn("ada")).rejects.toMatchObject(denied);
    expect(await at.user("ada@example.com")).toMatchObject({ role: "platform_admin", externalId: undefined });
    await at.made.directory.putUser({
      id: adaId,
      email: "ada@example.com",
      externalId: `${at.issuer.url}|ada`,
    });
    await expect(at.signOn("ada")).rejects.toMatchObject(denied);
  });

  it("that are not mapped leave a user's role as it is", async () => {
    await at.configure({ rolesOfGroups: {}, defaultRole: "viewer" });
    await expect(at.signOn("ada")).resolves.toMatchObject({ user: { id: adaId, role: "admin" } });
    await expect(at.signOn("grace")).resolves.toMatchObject({ user: { role: "viewer" } });
  });
});

describe("the last administrator of the tenant", () => {
  it.each(["owner", "admin"] as const)("keeps their role, and signs on: %s", async (role) => {
    const { directory } = at.made;
    await directory.putUser({ ...boss, active: false });
    await directory.putUser({ id: adaId, email: "ada@example.com", role });
    const externalId = `${at.issuer.url}|ada`;
    const decision = {
      tenantId: "acme",
      kind: "decision",
      action: "user.update",
      actor: { type: "user", id: adaId },
      target: { type: "user", id: adaId },
      after: { reason: expect.stringContaining("the last active owner or admin"), refusedRole: "developer" },
      origin,
    };
    await expect(at.signOn("ada")).resolves.toMatchObject({ user: { id: adaId, role, externalId } });
    expect(await at.user("ada@example.com")).toMatchObject({ role, externalId });
    const started = { action: "session.sign_on", kind: "log_in" };
    const bound = { action: "user.update", kind: "change", before: { role, externalId: null } };
    expect(directory.audit).toMatchObject([bound, decision, started]);
    await expect(at.signOn("ada")).resolves.toMatchObject({ user: { role } });
    expect(directory.audit.slice(3)).toMatchObject([decision, started]);
  });

  it("is that no more when there is another one", async () => {
    await expect(at.signOn("ada")).resolves.toMatchObject({ user: { role: "developer" } });
    expect(await at.user(boss.email)).toMatchObject({ role: "owner" });
    expect(at.made.directory.audit.map(({ kind }) => kind)).toEqual(["change", "log_in"]);
  });

  it("stays where two sign on at the same moment who would take each other's place away", async () => {
    const { directory } = at.made;
    await directory.putUser({ ...boss, email: "grace@example.com" });
    // Neither is written before both have been planned.
    const { promise: bothPlanned, resolve } = Promise.withResolvers<void>();
    let planned = 0;
    const write: DirectoryStore["write"] = async (change) => {
      planned += 1;
      if (planned === 2) resolve();
      await bothPlanned;
      return directory.store.write(change);
    };
    const { sessions } = createTestSessions({ ...at.made, store: { ...directory.store, write } });
    const backs = [await at.back("ada", sessions), await at.back("grace", sessions)];
    await Promise.all(backs.map((back) => at.finish(back, sessions)));
    const roles = [await at.user("ada@example.com"), await at.user("grace@example.com")].map(
      (user) => user?.role,
    );
    expect(roles).toContain("developer");
    expect(roles.some((role) => role === "admin" || role === "owner")).toBe(true);
  });
});

describe("a user who is there already", () => {
  it("is found by an email that the issuer has verified, and known by the issuer's name from then on", async () => {
    await expect(at.signOn("ada")).resolves.toMatchObject({
      user: { id: adaId, role: "developer", externalId: `${at.issuer.url}|ada` },
    });
    expect(at.made.directory.audit[0]).toMatchObject({
      action: "user.update",
      before: { role: "admin", externalId: null },
      after: { role: "developer", externalId: `${at.issuer.url}|ada` },
    });
  });

  it.each(["unverified", "silent"])("is not taken over by an account that is %s", async (login) => {
    await expect(at.signOn(login)).rejects.toMatchObject(denied);
    expect(await at.user("ada@example.com")).toMatchObject({ role: "admin", externalId: undefined });
    expect(at.made.directory.started).toEqual([]);
    expect(at.made.directory.notes).toMatchObject([
      { tenantId: "acme", kind: "decision", action: "session.sign_on", origin },
    ]);
  });

  it.each(["unverified", "silent"])(
    "of another issuer is not taken over by one that is %s",
    async (login) => {
      const externalId = "https://old.example.com|7";
      await at.made.directory.putUser({ id: adaId, email: "ada@example.com", externalId });
      await expect(at.signOn(login)).rejects.toMatchObject(denied);
      expect(await at.user("ada@example.com")).toMatchObject({ role: "admin", externalId });
      expect(at.made.directory.started).toEqual([]);
    },
  );

  it("is not taken over by another account of the same issuer, even with the same verified email", async () => {
    await at.signOn("ada");
    await at.issuer.setAccounts({
      imposter: { email: "ada@example.com", email_verified: true, groups: ["heads"] },
    });
    await expect(at.signOn("imposter")).rejects.toMatchObject(denied);
    expect(await at.user("ada@example.com")).toMatchObject({
      role: "developer",
      externalId: `${at.issuer.url}|ada`,
    });
  });

  it("goes over to the tenant's new issuer by a verified email", async () => {
    await at.made.directory.putUser({
      id: adaId,
      email: "ada@example.com",
      externalId: "https://old.example.com|7",
    });
    await expect(at.signOn("ada")).resolves.toMatchObject({
      user: { id: adaId, externalId: `${at.issuer.url}|ada` },
    });
  });

  it("of another tenant is another user", async () => {
    await at.made.directory.putTenant({ id: "other" });
    await at.made.directory.putUser({ id: at.made.newId(), email: "grace@example.com", tenantId: "other" });
    const { user: signedOn } = await at.signOn("grace");
    expect(signedOn).toMatchObject({ tenantId: "acme", email: "grace@example.com" });
    expect(signedOn.id).not.toBe((await at.user("grace@example.com", "other"))?.id);
  });

  it("is refused when not active", async () => {
    await at.made.directory.putUser({ id: adaId, email: "ada@example.com", active: false });
    await expect(at.signOn("ada")).rejects.toMatchObject(refused);
  });
});

describe("a new user", () => {
  it("is made of an email of which the issuer says nothing", async () => {
    await expect(at.signOn("newcomer")).resolves.toMatchObject({
      user: { email: "new@example.com", name: "new@example.com" },
    });
  });

  it.each([
    ["an email that is known not to be verified", "refused"],
    ["no email", "nameless"],
    ["an email that only looks like ASCII", "kelvin"],
  ])("is not made with %s", async (_, login) => {
    await expect(at.signOn(login)).rejects.toMatchObject(denied);
    expect(at.made.directory.started).toEqual([]);
  });

  it("is not made where the tenant does not want that", async () => {
    await at.configure({ createsUsers: false });
    await expect(at.signOn("grace")).rejects.toMatchObject(denied);
    await expect(at.signOn("ada")).resolves.toMatchObject({ user: { id: adaId } });
  });

  it("is one, when two sign on with its account at the same moment", async () => {
    const both = await Promise.all([at.signOn("grace"), at.signOn("grace")]);
    expect(new Set(both.map(({ user }) => user.id)).size).toBe(1);
    expect(at.made.directory.started).toHaveLength(2);
  });

  it.each([
    [1, undefined],
    [9, { code: "conflict" }],
  ])(
    "whom somebody else changes %d times meanwhile is looked at again, a few times",
    async (times, failure) => {
      let left = times;
      const { store } = at.made.directory;
      const { sessions } = createTestSessions({
        ...at.made,
        store: {
          ...store,
          async write(write) {
            left -= 1;
            return left < 0 ? store.write(write) : { outcome: "exists", at: 0 };
          },
        },
      });
      const { location, state } = await at.begin(sessions);
      const url = await new Browser().signOn(location, "grace", redirectUri);
      const finished = sessions.finishSignOn({ url, state }, origin);
      if (failure === undefined)
        await expect(finished).resolves.toMatchObject({ user: { role: "developer" } });
      else await expect(finished).rejects.toMatchObject(failure);
    },
  );
});

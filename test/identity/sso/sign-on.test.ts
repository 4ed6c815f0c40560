// Sign-on at a real issuer in a process of its own.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { StartedSession } from "../../../src/core/directory/sessions.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { Browser, startTestIssuer, type TestIssuer } from "../../support/oidc-provider.ts";
import {
  addAda,
  adaId,
  createTestSessions,
  presented,
  type TestSessions,
} from "../../support/test-sessions.ts";

const redirectUri = "http://127.0.0.1:9/auth/callback";
const origin = { address: "192.0.2.7", correlationId: "corr-1" };
const clientSecret = "a secret of the client's, at the issuer";
const client = { redirect_uris: [redirectUri] };

let issuer: TestIssuer;
let made: TestSessions;

beforeAll(async () => {
  issuer = await startTestIssuer([
    { ...client, client_id: "sluice", client_secret: clientSecret },
    { ...client, client_id: "public", token_endpoint_auth_method: "none" },
  ]);
});
afterAll(() => issuer.close());

beforeEach(async () => {
  made = createTestSessions({ clock: createManualClock(Date.now()) });
  await addAda(made);
  await configure();
  await issuer.setClock(0);
  await issuer.setAccounts({
    grace: {
      email: "Grace@Example.com",
      email_verified: true,
      name: "Grace Hopper",
      groups: ["staff", "engineers"],
    },
    ada: { email: "ada@example.com", email_verified: true, groups: ["engineers"] },
    unverified: { email: "ada@example.com", email_verified: false, groups: ["engineers"] },
    silent: { email: "ada@example.com", groups: ["engineers"] },
    newcomer: { email: "new@example.com", groups: ["engineers"] },
    refused: { email: "refused@example.com", email_verified: false, groups: ["engineers"] },
    nameless: { groups: ["engineers"] },
    kelvin: { email: "\u212aelvin@example.com", email_verified: true, groups: ["engineers"] },
    stranger: { email: "stranger@example.com", email_verified: true, groups: ["visitors"] },
  });
});

const configure = (change: Partial<Parameters<TestSessions["directory"]["putSsoConfig"]>[0]> = {}) =>
  made.directory.putSsoConfig(
    {
      issuer: issuer.url,
      scopes: ["email", "profile", "groups"],
      rolesOfGroups: { engineers: "developer", staff: "viewer", heads: "owner" },
      defaultRole: undefined,
      ...change,
    },
    change.clientId === "public"
      ? { clientSecret: undefined }
      : { clientSecret: made.secrets.sealClientSecret(clientSecret, "acme") },
  );

const begin = (sessions = made.sessions) => sessions.beginSignOn({ tenantId: "acme", redirectUri });

async function signOn(login: string, browser = new Browser()): Promise<StartedSession> {
  const { location, state } = await begin();
  const url = await browser.signOn(location, login, redirectUri);
  return made.sessions.finishSignOn({ url, state }, origin);
}

const user = (email: string, tenantId?: string) => made.directory.user(email, tenantId);
const denied = { code: "permission_denied" };
const refused = { code: "unauthenticated" };

describe("a whole sign-on", () => {
  it("makes a user, starts a session, and is in the trail", async () => {
    const started = await signOn("grace");
    expect(started.user).toMatchObject({
      tenantId: "acme",
      email: "grace@example.com",
      name: "Grace Hopper",
      role: "developer",
      hasPassword: false,
      externalId: `${issuer.url}|grace`,
    });
    expect(await user("grace@example.com")).toMatchObject({
      id: started.user.id,
      lastLogInAtMs: made.clock.epochMs(),
    });
    await expect(made.check.check(started.accessToken, presented)).resolves.toMatchObject({
      tenantId: "acme",
      userId: started.user.id,
      role: "developer",
    });
    await expect(made.sessions.refresh(started.refreshToken, origin)).resolves.toBeDefined();
    expect(made.directory.audit).toMatchObject([
      {
        tenantId: "acme",
        kind: "change",
        action: "user.create",
        target: { type: "user", id: started.user.id },
        after: { email: "grace@example.com", role: "developer", externalId: `${issuer.url}|grace` },
        origin,
      },
      {
        tenantId: "acme",
        kind: "log_in",
        action: "session.sign_on",
        actor: { type: "user", id: started.user.id },
        target: { type: "session", id: made.directory.started[0]?.id },
        origin,
      },
    ]);
    expect(made.directory.notes).toEqual([]);
  });

  it("asks the issuer for no more than it needs, and with a proof of PKCE", async () => {
    const { location } = await begin();
    const { origin: at, searchParams } = new URL(location);
    expect(at).toBe(issuer.url);
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
    await configure({ clientId: "public" });
    await expect(signOn("grace")).resolves.toBeDefined();
  });

  it("a second time is the same user's, whatever the email is by then", async () => {
    const { user: first } = await signOn("grace");
    await issuer.setAccounts({ grace: { email: "new-name@example.com", groups: ["engineers"] } });
    const { user: again } = await signOn("grace");
    expect(again).toMatchObject({ id: first.id, email: "grace@example.com" });
    expect(made.directory.audit.filter(({ action }) => action === "user.create")).toHaveLength(1);
  });

  it("asks an issuer for its description once an hour", async () => {
    let asked = 0;
    const counting = createTestSessions({
      ...made,
      fetch: (url, init) => {
        asked += 1;
        return fetch(url, init);
      },
    }).sessions;
    await Promise.all([begin(counting), begin(counting)]);
    await begin(counting);
    expect(asked).toBe(1);
    made.clock.advance(3_600_000);
    await begin(counting);
    expect(asked).toBe(2);
  });
});

describe("groups", () => {
  it("give the highest of their roles, and a user's role follows them", async () => {
    const { user: first, accessToken } = await signOn("grace");
    await made.check.check(accessToken, presented);
    await issuer.setAccounts({ grace: { groups: ["staff"] } });
    expect(await signOn("grace")).toMatchObject({ user: { id: first.id, role: "viewer" } });
    await expect(made.check.check(accessToken, presented)).resolves.toMatchObject({ role: "viewer" });
    expect(made.directory.audit.filter(({ action }) => action === "user.update")).toMatchObject([
      {
        target: { type: "user", id: first.id },
        before: { role: "developer" },
        after: { role: "viewer" },
        origin,
      },
    ]);
    await issuer.setAccounts({ grace: { groups: "heads" } });
    await expect(signOn("grace")).resolves.toMatchObject({ user: { role: "owner" } });
  });

  it("that have no role let nobody in, unless there is a default", async () => {
    await expect(signOn("stranger")).rejects.toMatchObject(denied);
    expect(await user("stranger@example.com")).toBeUndefined();
    await configure({ defaultRole: "viewer" });
    await expect(signOn("stranger")).resolves.toMatchObject({ user: { role: "viewer" } });
    await configure({ defaultRole: undefined });
    await expect(signOn("stranger")).rejects.toMatchObject(denied);
  });

  it("never make anybody act for every tenant, and never let in whoever does", async () => {
    await configure({ rolesOfGroups: { engineers: "platform_admin" }, defaultRole: "platform_admin" });
    await expect(signOn("grace")).rejects.toMatchObject(denied);
    await made.directory.putUser({ id: adaId, email: "ada@example.com", role: "platform_admin" });
    await configure();
    await expect(signOn("ada")).rejects.toMatchObject(denied);
    expect(await user("ada@example.com")).toMatchObject({ role: "platform_admin", externalId: undefined });
    await made.directory.putUser({ id: adaId, email: "ada@example.com", externalId: `${issuer.url}|ada` });
    await expect(signOn("ada")).rejects.toMatchObject(denied);
  });

  it("that are not mapped leave a user's role as it is", async () => {
    await configure({ rolesOfGroups: {}, defaultRole: "viewer" });
    await expect(signOn("ada")).resolves.toMatchObject({ user: { id: adaId, role: "admin" } });
    await expect(signOn("grace")).resolves.toMatchObject({ user: { role: "viewer" } });
  });
});

describe("a user who is there already", () => {
  it("is found by an email that the issuer has verified, and known by the issuer's name from then on", async () => {
    await expect(signOn("ada")).resolves.toMatchObject({
      user: { id: adaId, role: "developer", externalId: `${issuer.url}|ada` },
    });
    expect(made.directory.audit[0]).toMatchObject({
      action: "user.update",
      before: { role: "admin", externalId: null },
      after: { role: "developer", externalId: `${issuer.url}|ada` },
    });
  });

  it.each(["unverified", "silent"])("is not taken over by an account that is %s", async (login) => {
    await expect(signOn(login)).rejects.toMatchObject(denied);
    expect(await user("ada@example.com")).toMatchObject({ role: "admin", externalId: undefined });
    expect(made.directory.started).toEqual([]);
    expect(made.directory.notes).toMatchObject([
      { tenantId: "acme", kind: "decision", action: "session.sign_on", origin },
    ]);
  });

  it("is not taken over by another account of the same issuer, even with the same verified email", async () => {
    await signOn("ada");
    await issuer.setAccounts({
      imposter: { email: "ada@example.com", email_verified: true, groups: ["heads"] },
    });
    await expect(signOn("imposter")).rejects.toMatchObject(denied);
    expect(await user("ada@example.com")).toMatchObject({
      role: "developer",
      externalId: `${issuer.url}|ada`,
    });
  });

  it("goes over to the tenant's new issuer by a verified email", async () => {
    await made.directory.putUser({
      id: adaId,
      email: "ada@example.com",
      externalId: "https://old.example.com|7",
    });
    await expect(signOn("ada")).resolves.toMatchObject({
      user: { id: adaId, externalId: `${issuer.url}|ada` },
    });
  });

  it("of another tenant is another user", async () => {
    await made.directory.putTenant({ id: "other" });
    await made.directory.putUser({ id: made.newId(), email: "grace@example.com", tenantId: "other" });
    const { user: signedOn } = await signOn("grace");
    expect(signedOn).toMatchObject({ tenantId: "acme", email: "grace@example.com" });
    expect(signedOn.id).not.toBe((await user("grace@example.com", "other"))?.id);
  });

  it("is refused when not active", async () => {
    await made.directory.putUser({ id: adaId, email: "ada@example.com", active: false });
    await expect(signOn("ada")).rejects.toMatchObject(refused);
  });
});

describe("a new user", () => {
  it("is made of an email of which the issuer says nothing", async () => {
    await expect(signOn("newcomer")).resolves.toMatchObject({
      user: { email: "new@example.com", name: "new@example.com" },
    });
  });

  it.each([
    ["an email that is known not to be verified", "refused"],
    ["no email", "nameless"],
    ["an email that only looks like ASCII", "kelvin"],
  ])("is not made with %s", async (_, login) => {
    await expect(signOn(login)).rejects.toMatchObject(denied);
    expect(made.directory.started).toEqual([]);
  });

  it("is not made where the tenant does not want that", async () => {
    await configure({ createsUsers: false });
    await expect(signOn("grace")).rejects.toMatchObject(denied);
    await expect(signOn("ada")).resolves.toMatchObject({ user: { id: adaId } });
  });

  it("is one, when two sign on with its account at the same moment", async () => {
    const both = await Promise.all([signOn("grace"), signOn("grace")]);
    expect(new Set(both.map(({ user }) => user.id)).size).toBe(1);
    expect(made.directory.started).toHaveLength(2);
  });

  it.each([
    [1, undefined],
    [9, { code: "conflict" }],
  ])(
    "whom somebody else changes %d times meanwhile is looked at again, a few times",
    async (times, failure) => {
      let left = times;
      const { store } = made.directory;
      const { sessions } = createTestSessions({
        ...made,
        store: {
          ...store,
          async write(write) {
            left -= 1;
            return left < 0 ? store.write(write) : { outcome: "exists" };
          },
        },
      });
      const { location, state } = await begin(sessions);
      const url = await new Browser().signOn(location, "grace", redirectUri);
      const finished = sessions.finishSignOn({ url, state }, origin);
      if (failure === undefined)
        await expect(finished).resolves.toMatchObject({ user: { role: "developer" } });
      else await expect(finished).rejects.toMatchObject(failure);
    },
  );
});

async function back(login = "grace"): Promise<{ readonly url: string; readonly state: string }> {
  const { location, state } = await begin();
  return { url: await new Browser().signOn(location, login, redirectUri), state };
}
const finish = (what: { readonly url: string; readonly state: string }) =>
  made.sessions.finishSignOn(what, origin);
const nobody = async (what: { readonly url: string; readonly state: string }) => {
  await expect(finish(what)).rejects.toMatchObject(refused);
  expect(made.directory.started).toEqual([]);
  expect(made.directory.notes.at(-1)).toMatchObject({
    kind: "refused_credential",
    action: "session.sign_on",
    origin,
  });
};

describe("what comes back", () => {
  it("is good once", async () => {
    const what = await back();
    await finish(what);
    await expect(finish(what)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining("before"),
    });
    const both = await back();
    const twice = await Promise.allSettled([finish(both), finish(both)]);
    expect(twice.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("is refused with the state of another sign-on", async () => {
    const { url } = await back();
    const { state } = await begin();
    await nobody({ url, state });
  });

  it("is refused with another state in its address, or with none", async () => {
    for (const change of [
      (url: URL) => url.searchParams.set("state", "x"),
      (url: URL) => url.searchParams.delete("state"),
    ]) {
      const { url, state } = await back();
      const changed = new URL(url);
      change(changed);
      await nobody({ url: changed.href, state });
    }
  });

  it("is refused with a state that was changed, or is none", async () => {
    const { url, state } = await back();
    const [keyId = "", nonce = "", text = ""] = state.split(".");
    const flipped = text.startsWith("A") ? `B${text.slice(1)}` : `A${text.slice(1)}`;
    for (const wrong of [
      "",
      "..",
      "a.b.c",
      `${keyId}.${nonce}.${flipped}`,
      `${state}.x`,
      "x".repeat(9_000),
    ]) {
      await nobody({ url, state: wrong });
    }
    await expect(finish({ url, state })).resolves.toBeDefined();
  });

  it("is refused after ten minutes", async () => {
    const what = await back();
    made.clock.advance(10 * 60_000);
    await nobody(what);
  });

  it("is refused when the code has expired at the issuer", async () => {
    const what = await back();
    await issuer.setClock(61_000);
    await nobody(what);
  });

  it("is refused with a code of another sign-on: the proof of PKCE is another one", async () => {
    const { url } = await back();
    const other = await back();
    const mixed = new URL(other.url);
    mixed.searchParams.set("code", new URL(url).searchParams.get("code") ?? "");
    await nobody({ url: mixed.href, state: other.state });
  });

  it("is refused from another issuer than the one that was asked", async () => {
    const { url, state } = await back();
    const mixedUp = new URL(url);
    mixedUp.searchParams.set("iss", "https://evil.example");
    await nobody({ url: mixedUp.href, state });
    const again = await back();
    const nameless = new URL(again.url);
    // The issuer says that it always names itself.
    nameless.searchParams.delete("iss");
    await nobody({ url: nameless.href, state: again.state });
  });

  it("is refused when the tenant's issuer was changed meanwhile", async () => {
    const what = await back();
    await configure({ issuer: "https://another.example" });
    await nobody(what);
  });

  it("is refused when the person has said no", async () => {
    const { location, state } = await begin();
    const asked = new URL(location).searchParams.get("state") ?? "";
    const iss = encodeURIComponent(issuer.url);
    await nobody({ url: `${redirectUri}?error=access_denied&state=${asked}&iss=${iss}`, state });
  });

  it("does not say more than is known of an error that anybody may have written", async () => {
    const { location, state } = await begin();
    const asked = new URL(location).searchParams.get("state") ?? "";
    const iss = encodeURIComponent(issuer.url);
    const url = `${redirectUri}?error=${encodeURIComponent("<script>")}&state=${asked}&iss=${iss}`;
    await expect(finish({ url, state })).rejects.not.toMatchObject({
      message: expect.stringContaining("script"),
    });
  });

  it("may be wrong twenty times a minute from an address", async () => {
    for (let i = 0; i < 20; i += 1) await nobody({ url: redirectUri, state: "wrong" });
    await expect(finish(await back())).rejects.toMatchObject({ code: "rate_limited" });
    made.clock.advance(60_000);
    await expect(finish(await back())).resolves.toBeDefined();
  });
});

describe("a sign-on cannot begin", () => {
  it.each([
    ["for what is no tenant's name", () => made.directory.putTenant({ id: "acme" }), "acme\u0000"],
    ["where there is none", () => made.directory.putTenant({ id: "acme" }), "other"],
    ["where it is not active", () => configure({ active: false }), "acme"],
    [
      "for a tenant that is not active",
      () => made.directory.putTenant({ id: "acme", active: false }),
      "acme",
    ],
  ])("%s", async (_, change, tenantId) => {
    await change();
    await expect(made.sessions.beginSignOn({ tenantId, redirectUri })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("without a database", async () => {
    made.directory.setAway(true);
    await expect(begin()).rejects.toMatchObject({ code: "unavailable" });
  });

  it("when the gateway's own client is none of the issuer's any more", async () => {
    const { location, state } = await begin();
    const url = await new Browser().signOn(location, "grace", redirectUri);
    await made.directory.putSsoConfig(
      { issuer: issuer.url },
      { clientSecret: made.secrets.sealClientSecret("another secret", "acme") },
    );
    await expect(made.sessions.finishSignOn({ url, state }, origin)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("client id"),
    });
  });
});

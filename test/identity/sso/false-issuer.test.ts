// Sign-on at issuers that are false, broken, slow or where they may not be.

import { SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SessionsOptions } from "../../../src/identity/sessions/create-sessions.ts";
import { type MadeUpIssuer, startMadeUpIssuer } from "../../support/made-up-issuer.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createIssuerKey } from "../../support/jwks-server.ts";
import { createTestSessions, type TestSessions } from "../../support/test-sessions.ts";

const redirectUri = "https://llm.example.com/auth/callback";
const clientSecret = "a secret of the client's, at the issuer";
const other = await createIssuerKey("first");

type IssuerOptions = Pick<SessionsOptions, "fetch" | "allowsAddress" | "allowsLoopback">;

let issuer: MadeUpIssuer;
let made: TestSessions;

beforeEach(async () => {
  issuer = await startMadeUpIssuer();
  made = await create();
});
afterEach(() => issuer.close());

async function create(options: Partial<IssuerOptions> = {}, issuerUrl = issuer.url): Promise<TestSessions> {
  const created = createTestSessions({ ...options, clock: createManualClock(Date.now()) });
  await created.directory.putTenant({ id: "acme" });
  await created.directory.putSsoConfig(
    { issuer: issuerUrl, rolesOfGroups: { engineers: "developer" } },
    { clientSecret: created.secrets.sealClientSecret(clientSecret, "acme") },
  );
  return created;
}

async function signOn({ sessions }: Pick<TestSessions, "sessions"> = made) {
  const { location, state } = await sessions.beginSignOn({ tenantId: "acme", redirectUri });
  const asked = new URL(location).searchParams;
  issuer.claims = { nonce: asked.get("nonce"), ...issuer.claims };
  const url = `${redirectUri}?code=code&state=${asked.get("state") ?? ""}`;
  return sessions.finishSignOn({ url, state }, { address: "192.0.2.7" });
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const nowSeconds = Math.floor(Date.now() / 1_000);
const refused = { code: "unauthenticated" };
const unavailable = { code: "unavailable" };
const description = "/.well-known/openid-configuration";

it("an issuer that puts all into the ID token is asked for nothing else", async () => {
  await expect(signOn()).resolves.toMatchObject({ user: { role: "developer" } });
  expect(issuer.asked).toEqual([description, "/token", "/keys"]);
});

it("an issuer is not given what another tenant's has answered, to which it has sent the browser", async () => {
  const { location, state } = await made.sessions.beginSignOn({ tenantId: "acme", redirectUri });
  const asked = new URL(location).searchParams;
  const url = `${redirectUri}/victim?code=code&state=${asked.get("state") ?? ""}`;
  await expect(made.sessions.finishSignOn({ url, state }, {})).rejects.toMatchObject(refused);
  expect(issuer.asked).toEqual([description]);
});

const begin = (tenantId: string, address: string) =>
  made.sessions.beginSignOn({ tenantId, redirectUri, origin: { address } });

it("whoever asks for the sign-on of tenants that have none is not answered without end", async () => {
  for (let i = 0; i < 20; i += 1) {
    await expect(begin(`guess-${i}`, "192.0.2.7")).rejects.toMatchObject({ code: "not_found" });
  }
  await expect(begin("acme", "192.0.2.7")).rejects.toMatchObject({ code: "rate_limited" });
  for (let i = 0; i < 30; i += 1) await expect(begin("acme", "192.0.2.8")).resolves.toBeDefined();
});

it("whoever begins sign-ons without end is not answered, and asks nothing of the database", async () => {
  for (let i = 0; i < 60; i += 1) await begin("acme", `2001:db8::${i}`);
  const asked = made.directory.asked.length;
  for (let i = 0; i < 10; i += 1) {
    await expect(begin("acme", "2001:db8::1")).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterMs: 60_000,
    });
  }
  expect(made.directory.asked).toHaveLength(asked);
  expect(made.directory.notes.at(-1)).toMatchObject({ action: "session.sign_on", kind: "decision" });
  await expect(begin("acme", "192.0.2.8")).resolves.toBeDefined();
  // Nobody is kept from logging in by it.
  const logIn = made.sessions.logIn({ email: "a@example.com", password: "x" }, { address: "2001:db8::1" });
  await expect(logIn).rejects.toMatchObject(refused);
  made.clock.advance(60_000);
  await expect(begin("acme", "2001:db8::1")).resolves.toBeDefined();
});

describe("an ID token is refused", () => {
  it.each([
    ["of another sign-on", { nonce: "another" }],
    ["of no sign-on", { nonce: undefined }],
    ["of another issuer", { iss: "https://another.example" }],
    ["for another client", { aud: "another" }],
    ["for several clients, of whom another one is meant", { aud: ["sluice", "another"], azp: "another" }],
    ["that has expired", { exp: nowSeconds - 60, iat: nowSeconds - 120 }],
    ["that does not end", { exp: undefined }],
    ["without a subject", { sub: undefined }],
  ])("%s", async (_, claims) => {
    issuer.claims = claims;
    await expect(signOn()).rejects.toMatchObject(refused);
    expect(made.directory.started).toEqual([]);
  });

  it.each<readonly [string, MadeUpIssuer["sign"]]>([
    ["with another's signature", (claims) => other.sign(claims)],
    ["without a signature", (claims) => `${encode({ alg: "none" })}.${encode(claims)}.`],
    [
      "with the client's secret as its key",
      (claims) => new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(Buffer.from(clientSecret)),
    ],
    [
      "with the public key as a secret",
      (claims) =>
        new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(Buffer.from(issuer.key.publicPem)),
    ],
  ])("%s", async (_, sign) => {
    issuer.sign = sign;
    await expect(signOn()).rejects.toMatchObject(refused);
    issuer.description = { id_token_signing_alg_values_supported: ["RS256", "HS256", "none"] };
    made = await create();
    await expect(signOn()).rejects.toMatchObject({
      code: expect.stringMatching(/unauthenticated|unavailable/),
    });
    expect(made.directory.started).toEqual([]);
  });

  it.each(["x".repeat(256), "gr\u00e4ce", "grace\u0000"])("with a subject that is none: %j", async (sub) => {
    issuer.claims = { sub };
    await expect(signOn()).rejects.toMatchObject({ code: "permission_denied" });
  });
});

describe("an issuer cannot be used", () => {
  it.each([
    ["describes another", "unavailable", { issuer: "https://another.example" }],
    [
      "sends browsers over plain HTTP",
      "permission_denied",
      { authorization_endpoint: "http://issuer.example/" },
    ],
    ["sends browsers to a script", "permission_denied", { authorization_endpoint: "javascript:alert(1)" }],
    ["has nowhere to send browsers", "permission_denied", { authorization_endpoint: undefined }],
    ["has its tokens at plain HTTP", "permission_denied", { token_endpoint: "http://issuer.example/token" }],
    ["has its keys at plain HTTP", "permission_denied", { jwks_uri: "http://issuer.example/keys" }],
    ["has its keys in a file", "unavailable", { jwks_uri: "file:///etc/passwd" }],
    ["has no keys", "unavailable", { jwks_uri: undefined }],
  ])("that %s: %s", async (_, code, change) => {
    issuer.description = change;
    await expect(signOn()).rejects.toMatchObject({ code });
    expect(made.directory.started).toEqual([]);
  });

  it.each<readonly [string, MadeUpIssuer["answers"][string]]>([
    ["describes itself at length", (_, response) => response.end(`{"a":"${"x".repeat(300_000)}"}`)],
    ["describes itself in HTML", (_, response) => response.end("<html>")],
    ["fails", (_, response) => response.writeHead(500).end()],
    ["hangs up", (_, response) => response.destroy()],
    [
      "sends us elsewhere",
      (_, response) => response.writeHead(302, { location: "http://127.0.0.1:9/" }).end(),
    ],
  ])("that %s", async (_, answer) => {
    issuer.answers = { [description]: answer };
    await expect(signOn()).rejects.toMatchObject(unavailable);
    // It is left alone for a moment, and asked again then.
    await expect(signOn()).rejects.toMatchObject(unavailable);
    expect(issuer.asked).toEqual([description]);
    issuer.answers = {};
    made.clock.advance(5_000);
    await expect(signOn()).resolves.toBeDefined();
  });

  it("that does not answer within five seconds", async () => {
    issuer.answers = { [description]: () => {} };
    const waiting = signOn();
    await expect.poll(() => issuer.asked.length).toBe(1);
    made.clock.advance(5_000);
    await expect(waiting).rejects.toMatchObject(unavailable);
    expect(made.clock.pendingTimers).toBe(0);
  });

  it("that fails when it is asked for tokens; that is no failure of the person", async () => {
    issuer.answers = { "/token": (_, response) => response.writeHead(503).end() };
    for (let i = 0; i < 25; i += 1) await expect(signOn()).rejects.toMatchObject(unavailable);
    expect(made.directory.notes).toEqual([]);
  });
});

describe("an address", () => {
  it("of plain HTTP is not asked, but on loopback of a gateway that serves nobody else", async () => {
    let asked = 0;
    const counting: typeof fetch = () => {
      asked += 1;
      return Promise.reject(new Error("not asked"));
    };
    for (const [url, allowsLoopback] of [
      [issuer.url, false],
      ["http://issuer.example.com", true],
      ["http://127.0.0.1.example.com", true],
      ["http://localhost.example.com", true],
      ["ftp://127.0.0.1", true],
    ] as const) {
      await expect(signOn(await create({ fetch: counting, allowsLoopback }, url))).rejects.toMatchObject({
        code: url.startsWith("ftp:") ? "unavailable" : "permission_denied",
      });
    }
    expect(asked).toBe(0);
  });

  it("is checked each time that it is asked", async () => {
    const checked: string[] = [];
    const served: typeof fetch = (url, init) => {
      const { pathname, search } = new URL(url instanceof Request ? url.url : url);
      return fetch(`${issuer.url}${pathname}${search}`, init);
    };
    const secure = "https://issuer.example.com";
    issuer.description = {
      issuer: secure,
      authorization_endpoint: `${secure}/auth`,
      token_endpoint: `${secure}/token`,
      jwks_uri: `${secure}/keys`,
    };
    issuer.claims = { iss: secure };
    let refuses = "";
    const options: Partial<IssuerOptions> = {
      fetch: served,
      async allowsAddress(url) {
        checked.push(new URL(url).pathname);
        if (new URL(url).pathname === refuses) throw new Error("not allowed");
      },
    };
    await expect(signOn(await create(options, secure))).resolves.toBeDefined();
    expect(checked).toEqual([description, "/token", "/keys"]);
    for (const path of checked.slice(0, 3)) {
      refuses = path;
      issuer.claims = { iss: secure };
      await expect(signOn(await create(options, secure))).rejects.toThrow();
      expect(issuer.asked.at(-1)).not.toBe(path);
    }
  });
});

// Log-in, sign-on and sessions as browsers and programs see them, at a real issuer.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAuthFrontEnd } from "../../../src/api/auth/auth-front-end.ts";
import { type ListeningServer, startHttpServer } from "../../../src/api/http-server.ts";
import type { Access } from "../../../src/core/access/access.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { Browser, startTestIssuer, type TestIssuer } from "../../support/oidc-provider.ts";
import {
  addAda,
  adaId,
  createTestSessions,
  password,
  presented,
  type TestSessions,
} from "../../support/test-sessions.ts";

const clientSecret = "a secret of the client's, at the issuer";
const jsonType = { "content-type": "application/json" };

let issuer: TestIssuer;
let made: TestSessions;
let server: ListeningServer;
let url = "";
const faults: { readonly error: unknown; readonly requestId: unknown }[] = [];
let opened: ListeningServer[] = [];

beforeAll(async () => {
  issuer = await startTestIssuer([
    {
      client_id: "sluice",
      client_secret: clientSecret,
      // Whatever the port is, as RFC 8252, 7.3, has it for clients on a person's own machine.
      application_type: "native",
      redirect_uris: ["http://127.0.0.1/auth/callback", "https://llm.example.com/auth/callback"],
    },
  ]);
  await issuer.setAccounts({
    grace: { email: "grace@example.com", email_verified: true, groups: ["engineers"] },
    stranger: { email: "stranger@example.com", email_verified: true },
  });
});
afterAll(() => issuer.close());

beforeEach(async () => {
  made = createTestSessions({ clock: createManualClock(Date.now()) });
  await addAda(made);
  await made.directory.putSsoConfig(
    {
      issuer: issuer.url,
      scopes: ["email", "groups"],
      rolesOfGroups: { engineers: "developer" },
      defaultRole: undefined,
    },
    { clientSecret: made.secrets.sealClientSecret(clientSecret, "acme") },
  );
  faults.length = 0;
  server = await serve();
  url = `http://127.0.0.1:${server.port}`;
});
afterEach(async () => {
  await Promise.all(opened.map((each) => each.close()));
  opened = [];
});

async function serve(
  options: Partial<Parameters<typeof createAuthFrontEnd>[0]> = {},
): Promise<ListeningServer> {
  const { clock, newId, sessions, check } = made;
  const access: Access = {
    keyless: false,
    async authenticate({ credential }) {
      if (credential !== undefined && check.handles(credential)) return check.check(credential, presented);
      throw new GatewayError({ code: "unauthenticated", message: "A key is needed." });
    },
  };
  const listening = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    clock,
    frontEnds: [
      createAuthFrontEnd({
        gateway: { access, sessions },
        clock,
        newId,
        trustsProxy: () => false,
        reportFault: (error, { requestId }) => void faults.push({ error, requestId }),
        ...options,
      }),
    ],
  });
  opened.push(listening);
  return listening;
}

const post = (path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}, at = url) =>
  fetch(`${at}${path}`, {
    method: "POST",
    headers: body === undefined ? headers : { ...jsonType, ...headers },
    body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
  });
const ada = { email: "ada@example.com", password };
const textAt = (body: unknown, name: string): string =>
  typeof body === "object" && body !== null && name in body
    ? String(Object.entries(body).find(([key]) => key === name)?.[1])
    : "";
const refreshCookieOf = (response: Response): string =>
  /^sluice_refresh=([^;]+)/.exec(response.headers.getSetCookie().join("\n"))?.[1] ?? "";
const errorOf = async (response: Response): Promise<unknown> => ({
  status: response.status,
  body: await response.json(),
});
const failed = (status: number, code: string, message: unknown = expect.any(String)) => ({
  status,
  body: { error: { code, message, request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) } },
});

const signOn = async (browser: Browser, login = "grace"): Promise<Response> => {
  const begun = await browser.open(`${url}/auth/sign-on?tenant=acme`);
  const back = await browser.signOn(begun.headers.get("location") ?? "", login, `${url}/auth/callback`);
  return browser.open(back);
};

describe("a sign-on by a browser", () => {
  it("goes to the issuer and back, and leaves an access token and a refresh cookie", async () => {
    const browser = new Browser();
    const begun = await browser.open(`${url}/auth/sign-on?tenant=acme`);
    expect(begun.status).toBe(302);
    expect(begun.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^sluice_sign_on=[\w.-]+; Path=\/auth; Max-Age=600; HttpOnly; SameSite=Lax$/),
    ]);
    const back = await browser.signOn(begun.headers.get("location") ?? "", "grace", `${url}/auth/callback`);
    const done = await browser.open(back);
    expect(done.status).toBe(200);
    expect(done.headers.get("cache-control")).toBe("no-store");
    expect(done.headers.getSetCookie()).toEqual([
      "sluice_sign_on=; Path=/auth; Max-Age=0; HttpOnly; SameSite=Strict",
      expect.stringMatching(
        /^sluice_refresh=slr_\w+[\w-]+; Path=\/auth; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
      ),
    ]);
    const body: unknown = await done.json();
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      // Tokens count in whole seconds.
      expires_in: expect.toSatisfy((seconds: number) => seconds === 900 || seconds === 899),
      user: {
        id: (await made.directory.user("grace@example.com"))?.id,
        tenant: "acme",
        email: "grace@example.com",
        name: "grace@example.com",
        role: "developer",
      },
    });
    await expect(made.check.check(textAt(body, "access_token"), presented)).resolves.toMatchObject({
      userId: (await made.directory.user("grace@example.com"))?.id,
    });
    expect(made.directory.audit.at(-1)).toMatchObject({ origin: { address: "127.0.0.1" } });

    const refreshed = await fetch(`${url}/auth/refresh`, {
      method: "POST",
      headers: { cookie: `sluice_refresh=${browser.cookies(url).get("sluice_refresh")}`, origin: url },
    });
    expect(refreshed.status).toBe(200);
    expect(refreshCookieOf(refreshed)).not.toBe(browser.cookies(url).get("sluice_refresh"));
  });

  it("is nobody's in a browser that has not begun it", async () => {
    const begun = await new Browser().open(`${url}/auth/sign-on?tenant=acme`);
    const back = await new Browser().signOn(
      begun.headers.get("location") ?? "",
      "grace",
      `${url}/auth/callback`,
    );
    expect(await errorOf(await new Browser().open(back))).toEqual(failed(401, "unauthenticated"));
    // Another browser's own sign-on does not fit either.
    const victim = new Browser();
    await victim.open(`${url}/auth/sign-on?tenant=acme`);
    expect(await errorOf(await victim.open(back))).toEqual(failed(401, "unauthenticated"));
    expect(made.directory.started).toEqual([]);
  });

  it("whom the tenant does not let in is told so, and may not come back with the same", async () => {
    const browser = new Browser();
    expect(await errorOf(await signOn(browser, "stranger"))).toEqual(failed(403, "permission_denied"));
    expect(browser.cookies(url).size).toBe(0);
  });

  it.each([
    ["", 400, "invalid_request"],
    ["?tenant=", 400, "invalid_request"],
    [`?tenant=${"a".repeat(64)}`, 400, "invalid_request"],
    ["?tenant=nowhere", 404, "not_found"],
  ])("with %j is refused", async (query, status, code) => {
    const response = await fetch(`${url}/auth/sign-on${query}`, { redirect: "manual" });
    expect(await errorOf(response)).toEqual(failed(status, code));
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it("does not send an issuer an address that the browser has made up", async () => {
    const { status } = await fetch(`${url}/auth/sign-on?tenant=acme`, { redirect: "manual" });
    expect(status).toBe(302);
    const named = await serve({ trustsProxy: () => true });
    const response = await fetch(`http://127.0.0.1:${named.port}/auth/sign-on?tenant=acme`, {
      redirect: "manual",
      headers: { "x-forwarded-for": "192.0.2.1", "x-forwarded-host": "evil.example" },
    });
    expect(await errorOf(response)).toEqual(
      failed(400, "invalid_request", expect.stringContaining("PUBLIC_URL")),
    );
  });

  it("behind a name of its own comes back there, and with cookies for TLS alone", async () => {
    const named = await serve({ publicUrl: "https://llm.example.com" });
    const at = `http://127.0.0.1:${named.port}`;
    const browser = new Browser();
    const begun = await browser.open(`${at}/auth/sign-on?tenant=acme`);
    const location = new URL(begun.headers.get("location") ?? "");
    expect(location.searchParams.get("redirect_uri")).toBe("https://llm.example.com/auth/callback");
    expect(begun.headers.getSetCookie()[0]).toMatch(/; Secure$/);
    const back = await browser.signOn(location.href, "grace", "https://llm.example.com/auth/callback");
    const done = await browser.open(back.replace("https://llm.example.com", at));
    expect(done.status).toBe(200);
    expect(done.headers.getSetCookie()[1]).toMatch(/^sluice_refresh=.*; Secure$/);
  });
});

describe("a log-in", () => {
  it("by a program has both tokens in its answer, and no cookie", async () => {
    const response = await post("/auth/log-in", ada);
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await response.json()).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: expect.any(Number),
      refresh_token: expect.stringMatching(/^slr_/),
      refresh_expires_in: 2_592_000,
      user: { id: adaId, tenant: "acme", email: "ada@example.com", name: "Somebody", role: "admin" },
    });
  });

  it("by a page has its refresh token in a cookie, and not in its answer", async () => {
    const response = await post("/auth/log-in", { ...ada, tenant: "acme", cookie: true });
    expect(refreshCookieOf(response)).toMatch(/^slr_/);
    expect(response.headers.getSetCookie()[0]).not.toContain("Secure");
    expect(await response.json()).not.toHaveProperty("refresh_token");
  });

  it("through a proxy that ends TLS and is trusted is the client's", async () => {
    const proxied = await serve({ trustsProxy: (address) => address === "127.0.0.1" });
    const response = await post(
      "/auth/log-in",
      { ...ada, cookie: true },
      { "x-forwarded-for": "198.51.100.7", "x-forwarded-proto": "https" },
      `http://127.0.0.1:${proxied.port}`,
    );
    expect(response.headers.getSetCookie()[0]).toMatch(/; Secure$/);
    expect(made.directory.audit.at(-1)).toMatchObject({ origin: { address: "198.51.100.7" } });
  });

  it.each<readonly [string, unknown, number, string]>([
    ["a wrong password", { ...ada, password: "wr0ng-guess" }, 401, "unauthenticated"],
    ["no password", { email: ada.email }, 400, "invalid_request"],
    ["a password that is no text", { ...ada, password: ["wr0ng-guess"] }, 400, "invalid_request"],
    ["a member that nobody knows", { ...ada, tenantId: "acme" }, 400, "invalid_request"],
    ["a list", [ada], 400, "invalid_request"],
    ["no JSON", `{"password":"wr0ng-guess"`, 400, "invalid_request"],
    ["no body", undefined, 400, "invalid_request"],
    ["a body that is too long", { ...ada, password: "x".repeat(17_000) }, 413, "payload_too_large"],
  ])("with %s is refused", async (_, body, status, code) => {
    const response = await post("/auth/log-in", body);
    const answer = await errorOf(response);
    expect(answer).toEqual(failed(status, code));
    expect(JSON.stringify(answer)).not.toContain("wr0ng-guess");
    expect(faults).toEqual([]);
  });

  it("is not taken from a form, which any page could send", async () => {
    const response = await fetch(`${url}/auth/log-in`, {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: JSON.stringify(ada),
    });
    expect(await errorOf(response)).toEqual(failed(400, "invalid_request"));
  });

  it("too many times says when to come back", async () => {
    for (let i = 0; i < 5; i += 1) await post("/auth/log-in", { ...ada, password: "wrong" });
    const response = await post("/auth/log-in", ada, { "x-request-id": "corr-7" });
    expect(response.headers.get("retry-after")).toBe("60");
    expect(response.headers.get("x-request-id")).toBe("corr-7");
    expect(await errorOf(response)).toEqual(failed(429, "rate_limited"));
  });

  it("without a database is a matter of the gateway's", async () => {
    made.directory.setAway(true);
    expect(await errorOf(await post("/auth/log-in", ada))).toEqual(failed(503, "unavailable"));
  });
});

const cookieOf = async () => refreshCookieOf(await post("/auth/log-in", { ...ada, cookie: true }));
const byCookie = (token: string, headers: Readonly<Record<string, string>>) =>
  post("/auth/refresh", undefined, { cookie: `other=1; sluice_refresh=${token}; more=2`, ...headers });

describe("a refresh", () => {
  it("by a program takes its token from the body, and gives the next one there", async () => {
    const token = textAt(await (await post("/auth/log-in", ada)).json(), "refresh_token");
    const response = await post("/auth/refresh", { refresh_token: token });
    expect(response.headers.getSetCookie()).toEqual([]);
    const next = textAt(await response.json(), "refresh_token");
    expect(next).toMatch(/^slr_/);
    expect(next).not.toBe(token);
    expect(await errorOf(await post("/auth/refresh", { refresh_token: token }))).toEqual(
      failed(409, "conflict"),
    );
  });

  it("by a cookie is for pages of our own alone", async () => {
    const token = await cookieOf();
    for (const origin of [
      "https://evil.example",
      "null",
      url.replace("http:", "https:") + "1",
      `${url}.evil.example`,
    ]) {
      expect(await errorOf(await byCookie(token, { origin }))).toEqual(failed(403, "permission_denied"));
    }
    expect(await errorOf(await byCookie(token, {}))).toEqual(failed(403, "permission_denied"));
    const response = await byCookie(token, { origin: url });
    expect(response.status).toBe(200);
    expect(refreshCookieOf(response)).toMatch(/^slr_/);
    expect(await response.json()).not.toHaveProperty("refresh_token");
  });

  it("knows its own pages by PUBLIC_URL", async () => {
    const named = await serve({ publicUrl: "https://llm.example.com" });
    const response = await post(
      "/auth/refresh",
      undefined,
      { cookie: `sluice_refresh=${await cookieOf()}`, origin: "https://llm.example.com" },
      `http://127.0.0.1:${named.port}`,
    );
    expect(response.status).toBe(200);
  });

  it("of a session that has ended takes the cookie away, and without a session says so", async () => {
    const token = await cookieOf();
    made.clock.advance(31 * 86_400_000);
    const response = await byCookie(token, { origin: url });
    expect(response.headers.getSetCookie()).toEqual([
      "sluice_refresh=; Path=/auth; Max-Age=0; HttpOnly; SameSite=Strict",
    ]);
    expect(await errorOf(response)).toEqual(failed(401, "unauthenticated"));
    expect(await errorOf(await post("/auth/refresh"))).toEqual(failed(401, "unauthenticated"));
    expect(await errorOf(await post("/auth/refresh", { refresh_token: 7 }))).toEqual(
      failed(400, "invalid_request"),
    );
  });
});

const logIn = async () => {
  const body: unknown = await (await post("/auth/log-in", ada)).json();
  return { authorization: `Bearer ${textAt(body, "access_token")}` };
};

describe("a log-out", () => {
  it("ends the session of its access token, and takes the cookie away", async () => {
    const [first, second] = [await logIn(), await logIn()];
    const response = await post("/auth/log-out", undefined, first);
    expect(response.status).toBe(204);
    expect(response.headers.getSetCookie()[0]).toMatch(/^sluice_refresh=; .*Max-Age=0/);
    expect(await errorOf(await post("/auth/log-out", undefined, first))).toEqual(
      failed(401, "unauthenticated"),
    );
    expect((await post("/auth/log-out", { everywhere: false }, second)).status).toBe(204);
  });

  it("everywhere ends them all", async () => {
    const [first, second] = [await logIn(), await logIn()];
    expect((await post("/auth/log-out", { everywhere: true }, first)).status).toBe(204);
    expect(await errorOf(await post("/auth/log-out", undefined, second))).toEqual(
      failed(401, "unauthenticated"),
    );
  });

  it("needs an access token", async () => {
    expect(await errorOf(await post("/auth/log-out"))).toEqual(failed(401, "unauthenticated"));
  });
});

it.each([
  ["GET", "/auth/log-in", 405, "invalid_request", "POST"],
  ["GET", "/auth/refresh", 405, "invalid_request", "POST"],
  ["POST", "/auth/sign-on", 405, "invalid_request", "GET"],
  ["GET", "/auth", 404, "not_found", null],
  ["GET", "/auth/constructor", 404, "not_found", null],
])("%s %s is answered with %d", async (method, path, status, code, allow) => {
  const response = await fetch(`${url}${path}`, { method, redirect: "manual" });
  expect(response.headers.get("allow")).toBe(allow);
  expect(await errorOf(response)).toEqual(failed(status, code));
});

it("what nobody foresaw is told to the log, by the id that its sender sees", async () => {
  const broken = await serve({
    gateway: {
      access: { keyless: false, authenticate: () => Promise.reject(new Error("a secret detail")) },
      sessions: made.sessions,
    },
  });
  const response = await post("/auth/log-out", undefined, {}, `http://127.0.0.1:${broken.port}`);
  const answer: unknown = await response.json();
  expect(answer).toMatchObject({
    error: { code: "internal", message: expect.not.stringContaining("secret") },
  });
  expect(faults).toEqual([{ error: expect.any(Error), requestId: expect.any(String) }]);
  expect(JSON.stringify(answer)).toContain(String(faults[0]?.requestId));
});

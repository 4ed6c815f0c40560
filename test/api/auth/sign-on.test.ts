// Sign-on as a browser sees it, at a real issuer in a process of its own.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Browser, startTestIssuer, type TestIssuer } from "../../support/oidc-provider.ts";
import { presented } from "../../support/test-sessions.ts";
import { type AuthEdge, errorOf, failed, refreshCookieOf, textAt, useAuthEdge } from "./auth-edge.ts";

const clientSecret = "a secret of the client's, at the issuer";

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await startTestIssuer([
    {
      client_id: "sluice",
      client_secret: clientSecret,
      // Whatever the port is, as RFC 8252, 7.3, has it for clients on a person's own machine.
      application_type: "native",
      redirect_uris: ["http://127.0.0.1/auth/callback/acme", "https://llm.example.com/auth/callback/acme"],
    },
  ]);
  await issuer.setAccounts({
    grace: { email: "grace@example.com", email_verified: true, groups: ["engineers"] },
    stranger: { email: "stranger@example.com", email_verified: true },
  });
});
afterAll(() => issuer.close());

const started = useAuthEdge();
let at: AuthEdge;
beforeEach(async () => {
  at = started();
  const { directory, secrets } = at.made;
  await directory.putSsoConfig(
    {
      issuer: issuer.url,
      scopes: ["email", "groups"],
      rolesOfGroups: { engineers: "developer" },
      defaultRole: undefined,
    },
    { clientSecret: secrets.sealClientSecret(clientSecret, "acme") },
  );
});

const signOn = async (browser: Browser, login = "grace"): Promise<Response> => {
  const begun = await browser.open(`${at.url}/auth/sign-on?tenant=acme`);
  const back = await browser.signOn(
    begun.headers.get("location") ?? "",
    login,
    `${at.url}/auth/callback/acme`,
  );
  return browser.open(back);
};

describe("a sign-on by a browser", () => {
  it("goes to the issuer and back, and leaves an access token and a refresh cookie", async () => {
    const browser = new Browser();
    const begun = await browser.open(`${at.url}/auth/sign-on?tenant=acme`);
    expect(begun.status).toBe(302);
    expect(begun.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^sluice_sign_on=[\w.-]+; Path=\/auth; Max-Age=600; HttpOnly; SameSite=Lax$/),
    ]);
    const back = await browser.signOn(
      begun.headers.get("location") ?? "",
      "grace",
      `${at.url}/auth/callback/acme`,
    );
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
        id: (await at.made.directory.user("grace@example.com"))?.id,
        tenant: "acme",
        email: "grace@example.com",
        name: "grace@example.com",
        role: "developer",
      },
    });
    await expect(at.made.check.check(textAt(body, "access_token"), presented)).resolves.toMatchObject({
      userId: (await at.made.directory.user("grace@example.com"))?.id,
    });
    expect(at.made.directory.audit.at(-1)).toMatchObject({ origin: { address: "127.0.0.1" } });

    const refreshed = await fetch(`${at.url}/auth/refresh`, {
      method: "POST",
      headers: { cookie: `sluice_refresh=${browser.cookies(at.url).get("sluice_refresh")}`, origin: at.url },
    });
    expect(refreshed.status).toBe(200);
    expect(refreshCookieOf(refreshed)).not.toBe(browser.cookies(at.url).get("sluice_refresh"));
  });

  it("is nobody's in a browser that has not begun it", async () => {
    const begun = await new Browser().open(`${at.url}/auth/sign-on?tenant=acme`);
    const back = await new Browser().signOn(
      begun.headers.get("location") ?? "",
      "grace",
      `${at.url}/auth/callback/acme`,
    );
    expect(await errorOf(await new Browser().open(back))).toEqual(failed(401, "unauthenticated"));
    // Another browser's own sign-on does not fit either.
    const victim = new Browser();
    await victim.open(`${at.url}/auth/sign-on?tenant=acme`);
    expect(await errorOf(await victim.open(back))).toEqual(failed(401, "unauthenticated"));
    expect(at.made.directory.started).toEqual([]);
  });

  it("whom the tenant does not let in is told so, and may not come back with the same", async () => {
    const browser = new Browser();
    expect(await errorOf(await signOn(browser, "stranger"))).toEqual(failed(403, "permission_denied"));
    expect(browser.cookies(at.url).size).toBe(0);
  });

  it.each([
    ["", 400, "invalid_request"],
    ["?tenant=", 400, "invalid_request"],
    [`?tenant=${"a".repeat(64)}`, 400, "invalid_request"],
    ["?tenant=nowhere", 404, "not_found"],
  ])("with %j is refused", async (query, status, code) => {
    const response = await fetch(`${at.url}/auth/sign-on${query}`, { redirect: "manual" });
    expect(await errorOf(response)).toEqual(failed(status, code));
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it("does not send an issuer an address that the browser has made up", async () => {
    const { status } = await fetch(`${at.url}/auth/sign-on?tenant=acme`, { redirect: "manual" });
    expect(status).toBe(302);
    const named = await at.serve({ trustsProxy: () => true });
    const response = await fetch(`${named}/auth/sign-on?tenant=acme`, {
      redirect: "manual",
      headers: { "x-forwarded-for": "192.0.2.1", "x-forwarded-host": "evil.example" },
    });
    expect(await errorOf(response)).toEqual(
      failed(400, "invalid_request", expect.stringContaining("PUBLIC_URL")),
    );
  });

  it("behind a name of its own comes back there, and with cookies for TLS alone", async () => {
    const named = await at.serve({ publicUrl: "https://llm.example.com" });
    const browser = new Browser();
    const begun = await browser.open(`${named}/auth/sign-on?tenant=acme`);
    const location = new URL(begun.headers.get("location") ?? "");
    expect(location.searchParams.get("redirect_uri")).toBe("https://llm.example.com/auth/callback/acme");
    expect(begun.headers.getSetCookie()[0]).toMatch(/; Secure$/);
    const back = await browser.signOn(location.href, "grace", "https://llm.example.com/auth/callback/acme");
    const done = await browser.open(back.replace("https://llm.example.com", named));
    expect(done.status).toBe(200);
    expect(done.headers.getSetCookie()[1]).toMatch(/^sluice_refresh=.*; Secure$/);
  });
});

import { beforeEach, describe, expect, it } from "vitest";
import { adaId } from "../../support/test-sessions.ts";
import { ada, type AuthEdge, errorOf, failed, refreshCookieOf, textAt, useAuthEdge } from "./auth-edge.ts";

const started = useAuthEdge();
let at: AuthEdge;
beforeEach(() => {
  at = started();
});

describe("a log-in", () => {
  it("by a program has both tokens in its answer, and no cookie", async () => {
    const response = await at.post("/auth/log-in", ada);
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
    const response = await at.post("/auth/log-in", { ...ada, tenant: "acme", cookie: true });
    expect(refreshCookieOf(response)).toMatch(/^slr_/);
    expect(response.headers.getSetCookie()[0]).not.toContain("Secure");
    expect(await response.json()).not.toHaveProperty("refresh_token");
  });

  it("through a proxy that ends TLS and is trusted is the client's", async () => {
    const proxied = await at.serve({ trustsProxy: (address) => address === "127.0.0.1" });
    const response = await at.post(
      "/auth/log-in",
      { ...ada, cookie: true },
      { "x-forwarded-for": "198.51.100.7", "x-forwarded-proto": "https" },
      proxied,
    );
    expect(response.headers.getSetCookie()[0]).toMatch(/; Secure$/);
    expect(at.made.directory.audit.at(-1)).toMatchObject({ origin: { address: "198.51.100.7" } });
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
    const response = await at.post("/auth/log-in", body);
    const answer = await errorOf(response);
    expect(answer).toEqual(failed(status, code));
    expect(JSON.stringify(answer)).not.toContain("wr0ng-guess");
    expect(at.faults).toEqual([]);
  });

  it("is not taken from a form, which any page could send", async () => {
    const response = await fetch(`${at.url}/auth/log-in`, {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: JSON.stringify(ada),
    });
    expect(await errorOf(response)).toEqual(failed(400, "invalid_request"));
  });

  it("too many times says when to come back", async () => {
    for (let i = 0; i < 5; i += 1) await at.post("/auth/log-in", { ...ada, password: "wrong" });
    const response = await at.post("/auth/log-in", ada, { "x-request-id": "corr-7" });
    expect(response.headers.get("retry-after")).toBe("60");
    expect(response.headers.get("x-request-id")).toBe("corr-7");
    expect(await errorOf(response)).toEqual(failed(429, "rate_limited"));
  });

  it("without a database is a matter of the gateway's", async () => {
    at.made.directory.setAway(true);
    expect(await errorOf(await at.post("/auth/log-in", ada))).toEqual(failed(503, "unavailable"));
  });
});

const cookieOf = async () => refreshCookieOf(await at.post("/auth/log-in", { ...ada, cookie: true }));
const byCookie = (token: string, headers: Readonly<Record<string, string>>) =>
  at.post("/auth/refresh", undefined, { cookie: `other=1; sluice_refresh=${token}; more=2`, ...headers });

describe("a refresh", () => {
  it("by a program takes its token from the body, and gives the next one there", async () => {
    const token = textAt(await (await at.post("/auth/log-in", ada)).json(), "refresh_token");
    const response = await at.post("/auth/refresh", { refresh_token: token });
    expect(response.headers.getSetCookie()).toEqual([]);
    const next = textAt(await response.json(), "refresh_token");
    expect(next).toMatch(/^slr_/);
    expect(next).not.toBe(token);
    expect(await errorOf(await at.post("/auth/refresh", { refresh_token: token }))).toEqual(
      failed(409, "conflict"),
    );
  });

  it("by a cookie is for pages of our own alone", async () => {
    const token = await cookieOf();
    for (const origin of [
      "https://evil.example",
      "null",
      at.url.replace("http:", "https:") + "1",
      `${at.url}.evil.example`,
    ]) {
      expect(await errorOf(await byCookie(token, { origin }))).toEqual(failed(403, "permission_denied"));
    }
    expect(await errorOf(await byCookie(token, {}))).toEqual(failed(403, "permission_denied"));
    const response = await byCookie(token, { origin: at.url });
    expect(response.status).toBe(200);
    expect(refreshCookieOf(response)).toMatch(/^slr_/);
    expect(await response.json()).not.toHaveProperty("refresh_token");
  });

  it("knows its own pages by PUBLIC_URL", async () => {
    const named = await at.serve({ publicUrl: "https://llm.example.com" });
    const response = await at.post(
      "/auth/refresh",
      undefined,
      { cookie: `sluice_refresh=${await cookieOf()}`, origin: "https://llm.example.com" },
      named,
    );
    expect(response.status).toBe(200);
  });

  it("of a session that has ended takes the cookie away, and without a session says so", async () => {
    const token = await cookieOf();
    at.made.clock.advance(31 * 86_400_000);
    const response = await byCookie(token, { origin: at.url });
    expect(response.headers.getSetCookie()).toEqual([
      "sluice_refresh=; Path=/auth; Max-Age=0; HttpOnly; SameSite=Strict",
    ]);
    expect(await errorOf(response)).toEqual(failed(401, "unauthenticated"));
    expect(await errorOf(await at.post("/auth/refresh"))).toEqual(failed(401, "unauthenticated"));
    expect(await errorOf(await at.post("/auth/refresh", { refresh_token: 7 }))).toEqual(
      failed(400, "invalid_request"),
    );
  });
});

const logIn = async () => {
  const body: unknown = await (await at.post("/auth/log-in", ada)).json();
  return { authorization: `Bearer ${textAt(body, "access_token")}` };
};

describe("a log-out", () => {
  it("ends the session of its access token, and takes the cookie away", async () => {
    const [first, second] = [await logIn(), await logIn()];
    const response = await at.post("/auth/log-out", undefined, first);
    expect(response.status).toBe(204);
    expect(response.headers.getSetCookie()[0]).toMatch(/^sluice_refresh=; .*Max-Age=0/);
    expect(await errorOf(await at.post("/auth/log-out", undefined, first))).toEqual(
      failed(401, "unauthenticated"),
    );
    expect((await at.post("/auth/log-out", { everywhere: false }, second)).status).toBe(204);
  });

  it("everywhere ends them all", async () => {
    const [first, second] = [await logIn(), await logIn()];
    expect((await at.post("/auth/log-out", { everywhere: true }, first)).status).toBe(204);
    expect(await errorOf(await at.post("/auth/log-out", undefined, second))).toEqual(
      failed(401, "unauthenticated"),
    );
  });

  it("needs an access token", async () => {
    expect(await errorOf(await at.post("/auth/log-out"))).toEqual(failed(401, "unauthenticated"));
  });
});

it.each([
  ["GET", "/auth/log-in", 405, "invalid_request", "POST"],
  ["GET", "/auth/refresh", 405, "invalid_request", "POST"],
  ["POST", "/auth/sign-on", 405, "invalid_request", "GET"],
  ["GET", "/auth", 404, "not_found", null],
  ["GET", "/auth/constructor", 404, "not_found", null],
])("%s %s is answered with %d", async (method, path, status, code, allow) => {
  const response = await fetch(`${at.url}${path}`, { method, redirect: "manual" });
  expect(response.headers.get("allow")).toBe(allow);
  expect(await errorOf(response)).toEqual(failed(status, code));
});

it("what nobody foresaw is told to the log, by the id that its sender sees", async () => {
  const broken = await at.serve({
    gateway: {
      access: { keyless: false, authenticate: () => Promise.reject(new Error("a secret detail")) },
      sessions: at.made.sessions,
    },
  });
  const response = await at.post("/auth/log-out", undefined, {}, broken);
  const answer: unknown = await response.json();
  expect(answer).toMatchObject({
    error: { code: "internal", message: expect.not.stringContaining("secret") },
  });
  expect(at.faults).toEqual([{ error: expect.any(Error), requestId: expect.any(String) }]);
  expect(JSON.stringify(answer)).toContain(String(at.faults[0]?.requestId));
});

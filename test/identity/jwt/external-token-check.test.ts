import { createSecretKey } from "node:crypto";
import { SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { permissionsOfRole } from "../../../src/core/access/permissions.ts";
import {
  createExternalTokenCheck,
  type ExternalTokenPorts,
} from "../../../src/identity/jwt/external-token-check.ts";
import { createIssuerKey, type JwksServer, startJwksServer } from "../../support/jwks-server.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { createSessionDirectory, type SessionDirectory } from "../../support/session-directory.ts";
import { presented } from "../../support/test-sessions.ts";

const issuer = "https://issuer.example.com";
const [first, second, third, curve] = await Promise.all([
  createIssuerKey("first"),
  createIssuerKey("second"),
  createIssuerKey("third"),
  createIssuerKey("curve", "ES256"),
]);
const refused = { code: "unauthenticated" };

let server: JwksServer;
let clock: ManualClock;
let directory: SessionDirectory;
let external: ReturnType<typeof createExternalTokenCheck>;

beforeEach(async () => {
  server = await startJwksServer();
  server.show([first]);
  clock = createManualClock();
  directory = createSessionDirectory(clock);
  await directory.putTenant({ id: "acme", limits: { requestsPerMinute: 7 } });
  external = create();
});
afterEach(() => server.close());

const create = (options: Partial<ExternalTokenPorts> = {}) =>
  createExternalTokenCheck({
    issuer,
    audience: "sluice",
    jwksUrl: server.url,
    algorithms: ["RS256", "ES256"],
    clockSkewSeconds: 30,
    tenantClaim: "tenant",
    roleClaim: "role",
    store: directory.store,
    clock,
    fetch,
    ...options,
  });

const nowSeconds = () => Math.floor(clock.epochMs() / 1_000);
const claims = (change: Readonly<Record<string, unknown>> = {}) => ({
  iss: issuer,
  aud: "sluice",
  sub: "subject-1",
  exp: nowSeconds() + 3_600,
  tenant: "acme",
  role: "developer",
  ...change,
});
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const check = (token: string) => external.check(token, presented);

describe("a token of the issuer's", () => {
  it("stands for its tenant and its role", async () => {
    await expect(check(await first.sign(claims()))).resolves.toMatchObject({
      tenantId: "acme",
      userId: undefined,
      keyless: false,
      environment: "live",
      role: "developer",
      permissions: permissionsOfRole.developer,
      grants: { tenant: { id: "acme", limits: { requestsPerMinute: 7 } }, user: undefined },
    });
  });

  it("stands for the user who has signed on by the same issuer", async () => {
    const user = {
      id: "u1",
      email: "ada@example.com",
      externalId: `${issuer}|subject-1`,
      budget: { hardNanos: 5n },
    };
    const token = await first.sign(claims());
    await expect(check(token)).resolves.toMatchObject({ userId: undefined });
    await directory.putUser(user);
    external.forget([{ kind: "user", id: "u1" }]);
    await expect(check(token)).resolves.toMatchObject({
      userId: "u1",
      grants: { user: { id: "u1", budget: { hardNanos: 5n } } },
    });
    await directory.putUser({ ...user, active: false });
    await expect(check(token)).resolves.toBeDefined();
    external.forget([{ kind: "user", id: "u1" }]);
    await expect(check(token)).rejects.toMatchObject({ ...refused, reason: "inactive" });
  });

  it.each([
    ["owner", "owner"],
    [["viewer", "admin", "staff"], "admin"],
    ["platform_admin", undefined],
    [["platform_admin", "viewer"], "viewer"],
    ["Owner", undefined],
    ["constructor", undefined],
    [7, undefined],
    [undefined, undefined],
  ])("with the role %j may do what %s may", async (role, expected) => {
    const principal = await check(await first.sign(claims({ role })));
    expect(principal.role).toBe(expected);
    if (expected === undefined) expect([...principal.permissions]).toEqual(["gateway:use"]);
  });

  it.each([
    ["no tenant", undefined],
    ["a tenant that is not there", "nowhere"],
    ["a tenant that is no text", ["acme"]],
    ["a tenant that is no name", "acme\u0000"],
    ["a tenant that is not active", "closed"],
  ])("with %s is denied", async (_, tenant) => {
    await directory.putTenant({ id: "closed", active: false });
    await expect(check(await first.sign(claims({ tenant })))).rejects.toMatchObject({
      code: "permission_denied",
    });
  });

  it("is verified once, and its tenant looked up once", async () => {
    const token = await first.sign(claims());
    for (let i = 0; i < 20; i += 1) await check(token);
    expect(directory.asked).toEqual(["tenantsById", "userByExternalId"]);
    expect(clock.pendingTimers).toBe(0);
    expect(server.requests()).toBe(1);
  });

  it("without a database is neither refused nor let in", async () => {
    directory.setAway(true);
    await expect(check(await first.sign(claims()))).rejects.toMatchObject({ code: "unavailable" });
  });

  it("is good up to its end and thirty seconds more, seen before or not", async () => {
    const token = await first.sign(claims({ exp: nowSeconds() + 60 }));
    await check(token);
    clock.advance(89_999);
    await expect(check(token)).resolves.toBeDefined();
    await expect(create().check(token, presented)).resolves.toBeDefined();
    clock.advance(1);
    await expect(check(token)).rejects.toMatchObject({ ...refused, reason: "expired" });
    await expect(create().check(token, presented)).rejects.toMatchObject({ ...refused, reason: "expired" });
  });

  it("is not good before its time, but for thirty seconds", async () => {
    await expect(check(await first.sign(claims({ nbf: nowSeconds() + 31 })))).rejects.toMatchObject(refused);
    await expect(check(await first.sign(claims({ nbf: nowSeconds() + 30 })))).resolves.toBeDefined();
  });
});

describe("what is refused", () => {
  it.each([
    ["another issuer", { iss: "https://issuer.example.com.evil.example" }],
    ["no issuer", { iss: undefined }],
    ["another audience", { aud: "another" }],
    ["other audiences", { aud: ["another", "sluice2"] }],
    ["no audience", { aud: undefined }],
    ["no end", { exp: undefined }],
    ["an end that is no number", { exp: "soon" }],
  ])("is %s", async (_, change) => {
    await expect(check(await first.sign(claims(change)))).rejects.toMatchObject(refused);
  });

  it("is a public key that is used as a shared secret", async () => {
    const { publicPem, publicJwk } = first;
    for (const text of [publicPem, publicPem.trim(), JSON.stringify(publicJwk)]) {
      for (const alg of ["HS256", "HS384", "HS512"]) {
        const confused = await new SignJWT(claims())
          .setProtectedHeader({ alg, kid: "first" })
          .sign(createSecretKey(Buffer.from(text)));
        // Even where the operator would allow it.
        const lax = create({ algorithms: ["RS256", alg, "none"] });
        await expect(lax.check(confused, presented)).rejects.toMatchObject(refused);
        await expect(check(confused)).rejects.toMatchObject(refused);
        expect(external.handles(confused)).toBe(false);
      }
    }
  });

  it("is a token without a signature", async () => {
    const [, , signature = ""] = (await first.sign(claims())).split(".");
    for (const alg of ["none", "None", "NONE", ""]) {
      const head = encode({ alg, kid: "first" });
      for (const each of [`${head}.${encode(claims())}.`, `${head}.${encode(claims())}.${signature}`]) {
        expect(external.handles(each)).toBe(true);
        await expect(create({ algorithms: ["RS256", alg] }).check(each, presented)).rejects.toMatchObject(
          refused,
        );
        await expect(check(each)).rejects.toMatchObject(refused);
      }
    }
  });

  it("is an algorithm that is not on the list, though the issuer has its key", async () => {
    server.show([first, curve]);
    await expect(check(await curve.sign(claims()))).resolves.toBeDefined();
    const strict = create({ algorithms: ["RS256"] });
    await expect(strict.check(await curve.sign(claims()), presented)).rejects.toMatchObject(refused);
  });

  it("is a signature of another key under a name that is known", async () => {
    await expect(check(await second.sign(claims(), { kid: "first" }))).rejects.toMatchObject(refused);
  });

  it("is claims that were changed", async () => {
    const [header, , signature] = (await first.sign(claims())).split(".");
    const payload = Buffer.from(JSON.stringify(claims({ role: "owner" }))).toString("base64url");
    await expect(check([header, payload, signature].join("."))).rejects.toMatchObject(refused);
  });

  it("is a key in the token's own header", async () => {
    const token = await second.sign(claims(), {
      kid: undefined,
      jwk: second.publicJwk,
      jku: "https://evil.example/keys",
    });
    await expect(check(token)).rejects.toMatchObject(refused);
  });

  it("is a key set that holds a shared secret", async () => {
    const k = Buffer.alloc(32, 7);
    server.show([{ publicJwk: { kty: "oct", k: k.toString("base64url"), kid: "shared", alg: "HS256" } }]);
    const token = await new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid: "shared" }).sign(k);
    await expect(check(token)).rejects.toMatchObject(refused);
  });
});

describe("the issuer's keys", () => {
  it("are fetched for a new one at once, and an old one is dropped with the list that has it no more", async () => {
    const old = await first.sign(claims());
    await check(old);
    server.show([first, second]);
    clock.advance(30_000);
    await expect(check(await second.sign(claims()))).resolves.toBeDefined();
    expect(server.requests()).toBe(2);
    server.show([second]);
    await expect(check(old)).resolves.toBeDefined();
    clock.advance(10 * 60_000);
    await expect(check(old)).rejects.toMatchObject(refused);
    expect(server.requests()).toBe(3);
  });

  it("that are replaced make nothing of what was checked with them", async () => {
    const old = await first.sign(claims());
    await check(old);
    server.show([second]);
    clock.advance(30_000);
    await expect(check(old)).resolves.toBeDefined();
    await check(await second.sign(claims()));
    await expect(check(old)).rejects.toMatchObject(refused);
  });

  it("are not fetched more than once in thirty seconds, whatever keys are named", async () => {
    await check(await first.sign(claims()));
    const unknown = await Promise.all(
      Array.from({ length: 50 }, (_, i) => third.sign(claims(), { kid: `made-up-${i}` })),
    );
    const flood = async () => {
      for (const refusal of await Promise.allSettled(unknown.map(check))) {
        expect(refusal).toMatchObject({ status: "rejected", reason: refused });
      }
    };
    await flood();
    expect(server.requests()).toBe(1);
    clock.advance(30_000);
    await flood();
    await flood();
    expect(server.requests()).toBe(2);
    await expect(check(await first.sign(claims()))).resolves.toBeDefined();
  });

  it("that are known go on while the issuer is away; one that is unknown cannot be checked", async () => {
    const known = await first.sign(claims());
    await check(known);
    server.answer((response) => response.writeHead(500).end());
    clock.advance(10 * 60_000);
    await expect(check(known)).resolves.toBeDefined();
    await expect(check(await first.sign(claims({ sub: "another" })))).resolves.toBeDefined();
    await expect(check(await second.sign(claims()))).rejects.toMatchObject({
      code: "unavailable",
      retryAfterMs: 30_000,
    });
    server.answer(undefined);
    server.show([first, second]);
    clock.advance(30_000);
    await expect(check(await second.sign(claims()))).resolves.toBeDefined();
  });

  it("that were never there cannot be checked by", async () => {
    server.answer((response) => response.destroy());
    await expect(check(await first.sign(claims()))).rejects.toMatchObject({ code: "unavailable" });
    await expect(check(await first.sign(claims()))).rejects.toMatchObject({ code: "unavailable" });
    expect(server.requests()).toBe(1);
  });

  it.each([
    ["longer than 256 KiB", (bytes: number) => `{"keys":[],"padding":"${"x".repeat(bytes)}"}`, 262_144],
    ["no JSON", () => "<html>", 0],
    ["no key set", () => '{"keys":7}', 0],
    ["a key set of no keys", () => '{"keys":[null]}', 0],
  ])("are not taken from an answer that is %s", async (_, text, bytes) => {
    server.answer((response) => response.end(text(bytes)));
    await expect(check(await first.sign(claims()))).rejects.toMatchObject({ code: "unavailable" });
  });

  it("are not waited for beyond five seconds, nor read without end", async () => {
    server.answer((response) => response.write('{"keys":['));
    const waiting = check(await first.sign(claims()));
    await expect.poll(() => server.requests()).toBe(1);
    clock.advance(5_000);
    await expect(waiting).rejects.toMatchObject({ code: "unavailable" });
    expect(clock.pendingTimers).toBe(0);
  });

  it("that are old hold up nobody for long: where the issuer has failed, calls go on at once", async () => {
    const known = await first.sign(claims());
    await check(known);
    server.answer((response) => response.writeHead(500).end());
    clock.advance(10 * 60_000);
    await check(known);
    // It hangs from now on, and is asked again in the background.
    server.answer(() => {});
    clock.advance(30_000);
    await expect(check(known)).resolves.toBeDefined();
    await expect.poll(() => server.requests()).toBe(3);
  });

  it("are not followed to another address", async () => {
    const elsewhere = await startJwksServer();
    elsewhere.show([second]);
    server.answer((response) => response.writeHead(302, { location: elsewhere.url }).end());
    await expect(check(await second.sign(claims()))).rejects.toMatchObject({ code: "unavailable" });
    expect(elsewhere.requests()).toBe(0);
    await elsewhere.close();
  });

  it("without names are tried by their kind", async () => {
    const { publicJwk } = first;
    server.show([{ publicJwk: { ...publicJwk, kid: undefined } }, curve]);
    await expect(check(await first.sign(claims(), { kid: undefined }))).resolves.toBeDefined();
  });
});

import { createSecretKey } from "node:crypto";
import { SignJWT } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { permissionsOfRole } from "../../../src/core/access/permissions.ts";
import { actorOf } from "../../../src/core/directory/audit-entry.ts";
import { presented } from "../../support/test-sessions.ts";
import { curve, type ExternalIssuer, first, issuer, second, useExternalIssuer } from "./external-issuer.ts";

const started = useExternalIssuer();
let at: ExternalIssuer;
beforeEach(() => {
  at = started();
});

const refused = { code: "unauthenticated" };
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("a token of the issuer's", () => {
  it("stands for its tenant and its role", async () => {
    await expect(at.check(await first.sign(at.claims()))).resolves.toMatchObject({
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
    const token = await first.sign(at.claims());
    await expect(at.check(token)).resolves.toMatchObject({ userId: undefined });
    await at.directory.putUser(user);
    at.external.forget([{ kind: "user", id: "u1" }]);
    await expect(at.check(token)).resolves.toMatchObject({
      userId: "u1",
      grants: { user: { id: "u1", budget: { hardNanos: 5n } } },
    });
    await at.directory.putUser({ ...user, active: false });
    await expect(at.check(token)).resolves.toBeDefined();
    at.external.forget([{ kind: "user", id: "u1" }]);
    await expect(at.check(token)).rejects.toMatchObject({ ...refused, reason: "inactive" });
  });

  it("is told in the trail by its issuer and subject, where the directory has no user for it", async () => {
    const principal = await at.check(await first.sign(at.claims({ role: "owner" })));
    expect(actorOf(principal)).toEqual({ type: "user", id: `${issuer}|subject-1` });
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
    const principal = await at.check(await first.sign(at.claims({ role })));
    expect(principal.role).toBe(expected);
    if (expected === undefined) expect([...principal.permissions]).toEqual(["gateway:use"]);
  });

  const person = { type: "user", id: `${issuer}|subject-1` };
  it.each([
    ["no tenant", undefined, { tenantId: undefined, target: person }],
    [
      "a tenant that is not there",
      "nowhere",
      { tenantId: undefined, target: { type: "tenant", id: "nowhere" } },
    ],
    ["a tenant that is no text", ["acme"], { tenantId: undefined, target: person }],
    ["a tenant that is no name", "acme\u0000", { tenantId: undefined, target: person }],
    ["a tenant that is not active", "closed", { tenantId: "closed", target: person }],
  ])("with %s is denied, and the trail is told what is known of it", async (_, tenant, known) => {
    await at.directory.putTenant({ id: "closed", active: false });
    await expect(at.check(await first.sign(at.claims({ tenant })))).rejects.toMatchObject({
      code: "permission_denied",
      reason: "denied",
      ...known,
    });
  });

  it("with a tenant that is not active is told in the trail by its user, where the directory has one", async () => {
    await at.directory.putTenant({ id: "acme", active: false });
    await at.directory.putUser({ id: "u1", email: "ada@example.com", externalId: `${issuer}|subject-1` });
    await expect(at.check(await first.sign(at.claims()))).rejects.toMatchObject({
      tenantId: "acme",
      target: { type: "user", id: "u1" },
    });
  });

  it("without a subject is denied as nobody's", async () => {
    const { sub: _, ...claims } = at.claims({ tenant: undefined });
    await expect(at.check(await first.sign(claims))).rejects.toMatchObject({
      reason: "denied",
      target: undefined,
    });
  });

  it("is verified once, and its tenant looked up once", async () => {
    const token = await first.sign(at.claims());
    for (let i = 0; i < 20; i += 1) await at.check(token);
    expect(at.directory.asked).toEqual(["tenantsById", "userByExternalId"]);
    expect(at.clock.pendingTimers).toBe(0);
    expect(at.server.requests()).toBe(1);
  });

  it("without a database is neither refused nor let in", async () => {
    at.directory.setAway(true);
    await expect(at.check(await first.sign(at.claims()))).rejects.toMatchObject({ code: "unavailable" });
  });

  it("is good up to its end and thirty seconds more, seen before or not", async () => {
    const token = await first.sign(at.claims({ exp: at.nowSeconds() + 60 }));
    await at.check(token);
    at.clock.advance(89_999);
    await expect(at.check(token)).resolves.toBeDefined();
    await expect(at.create().check(token, presented)).resolves.toBeDefined();
    at.clock.advance(1);
    await expect(at.check(token)).rejects.toMatchObject({ ...refused, reason: "expired" });
    await expect(at.create().check(token, presented)).rejects.toMatchObject({
      ...refused,
      reason: "expired",
    });
  });

  it("is not good before its time, but for thirty seconds", async () => {
    await expect(at.check(await first.sign(at.claims({ nbf: at.nowSeconds() + 31 })))).rejects.toMatchObject(
      refused,
    );
    await expect(at.check(await first.sign(at.claims({ nbf: at.nowSeconds() + 30 })))).resolves.toBeDefined();
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
    await expect(at.check(await first.sign(at.claims(change)))).rejects.toMatchObject(refused);
  });

  it("is a public key that is used as a shared secret", async () => {
    const { publicPem, publicJwk } = first;
    for (const text of [publicPem, publicPem.trim(), JSON.stringify(publicJwk)]) {
      for (const alg of ["HS256", "HS384", "HS512"]) {
        const confused = await new SignJWT(at.claims())
          .setProtectedHeader({ alg, kid: "first" })
          .sign(createSecretKey(Buffer.from(text)));
        // Even where the operator would allow it.
        const lax = at.create({ algorithms: ["RS256", alg, "none"] });
        await expect(lax.check(confused, presented)).rejects.toMatchObject(refused);
        await expect(at.check(confused)).rejects.toMatchObject(refused);
        expect(at.external.handles(confused)).toBe(false);
      }
    }
  });

  it("is a token without a signature", async () => {
    const [, , signature = ""] = (await first.sign(at.claims())).split(".");
    for (const alg of ["none", "None", "NONE", ""]) {
      const head = encode({ alg, kid: "first" });
      for (const each of [`${head}.${encode(at.claims())}.`, `${head}.${encode(at.claims())}.${signature}`]) {
        expect(at.external.handles(each)).toBe(true);
        await expect(at.create({ algorithms: ["RS256", alg] }).check(each, presented)).rejects.toMatchObject(
          refused,
        );
        await expect(at.check(each)).rejects.toMatchObject(refused);
      }
    }
  });

  it("is an algorithm that is not on the list, though the issuer has its key", async () => {
    at.server.show([first, curve]);
    await expect(at.check(await curve.sign(at.claims()))).resolves.toBeDefined();
    const strict = at.create({ algorithms: ["RS256"] });
    await expect(strict.check(await curve.sign(at.claims()), presented)).rejects.toMatchObject(refused);
  });

  it("is a signature of another key under a name that is known", async () => {
    await expect(at.check(await second.sign(at.claims(), { kid: "first" }))).rejects.toMatchObject(refused);
  });

  it("is claims that were changed", async () => {
    const [header, , signature] = (await first.sign(at.claims())).split(".");
    const payload = Buffer.from(JSON.stringify(at.claims({ role: "owner" }))).toString("base64url");
    await expect(at.check([header, payload, signature].join("."))).rejects.toMatchObject(refused);
  });

  it("is a key in the token's own header", async () => {
    const token = await second.sign(at.claims(), {
      kid: undefined,
      jwk: second.publicJwk,
      jku: "https://evil.example/keys",
    });
    await expect(at.check(token)).rejects.toMatchObject(refused);
  });

  it("is a key set that holds a shared secret", async () => {
    const k = Buffer.alloc(32, 7);
    at.server.show([{ publicJwk: { kty: "oct", k: k.toString("base64url"), kid: "shared", alg: "HS256" } }]);
    const token = await new SignJWT(at.claims()).setProtectedHeader({ alg: "HS256", kid: "shared" }).sign(k);
    await expect(at.check(token)).rejects.toMatchObject(refused);
  });
});

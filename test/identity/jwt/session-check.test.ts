import { createHmac } from "node:crypto";
import fc from "fast-check";
import { SignJWT } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { createKeyRing } from "../../../src/config/secret/key-ring.ts";
import { createAdminToken } from "../../../src/identity/jwt/admin-token.ts";
import { createSessionCheck } from "../../../src/identity/jwt/session-check.ts";
import {
  addAda,
  adaId,
  createTestSessions,
  password,
  presented,
  secretOf,
  type TestSessions,
} from "../../support/test-sessions.ts";

let made: TestSessions;
let token = "";
const secret = secretOf("a secret of the tests");
const user = (change: object) => made.directory.putUser({ id: adaId, email: "ada@example.com", ...change });
const check = (credential = token) => made.check.check(credential, presented);
const refused = { code: "unauthenticated" };

beforeEach(async () => {
  made = createTestSessions({ secret });
  await addAda(made);
  ({ accessToken: token } = await made.sessions.logIn(
    { email: "ada@example.com", password },
    { address: "192.0.2.1" },
  ));
});

/** A token as we would make it, but for what is given. */
async function forged({
  header = {},
  claims = {},
  key = createKeyRing(secret, "session-jwt").current().key,
}: {
  readonly header?: object;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly key?: Parameters<SignJWT["sign"]>[0];
} = {}): Promise<string> {
  const nowSeconds = Math.floor(made.clock.epochMs() / 1_000);
  const { id } = createKeyRing(secret, "session-jwt").current();
  const whole = {
    iss: "sluice",
    aud: "sluice",
    sub: adaId,
    tid: "acme",
    sid: made.directory.started[0]?.id,
    iat: nowSeconds,
    exp: nowSeconds + 60,
    ...claims,
  };
  return new SignJWT(whole).setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid: id, ...header }).sign(key);
}

const admin = (ttlSeconds: number) =>
  createAdminToken({ userId: adaId, tenantId: "acme", ttlSeconds }, { secret, clock: made.clock });

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const headed = (header: unknown) => `${encode(header)}.e30.AA`;
const sign = (text: string) => createHmac("sha256", "").update(text).digest("base64url");

describe("an access token", () => {
  it("is good for its fifteen minutes and not for a moment longer", async () => {
    made.clock.advance(15 * 60_000 - 1);
    await expect(check()).resolves.toMatchObject({ userId: adaId });
    made.clock.advance(1);
    await expect(check()).rejects.toMatchObject({ ...refused, reason: "expired" });
  });

  it("is good without having been seen before, until the same moment", async () => {
    made.clock.advance(15 * 60_000 - 1);
    const other = createSessionCheck({ secret, clock: made.clock, store: made.directory.store });
    await expect(other.check(token, presented)).resolves.toBeDefined();
    made.clock.advance(1);
    const third = createSessionCheck({ secret, clock: made.clock, store: made.directory.store });
    await expect(third.check(token, presented)).rejects.toMatchObject({ ...refused, reason: "expired" });
  });

  it("costs one query, however often and however many at a time it is used", async () => {
    await Promise.all(Array.from({ length: 20 }, () => check()));
    for (let i = 0; i < 20; i += 1) await check();
    expect(made.directory.asked.filter((name) => name === "session")).toHaveLength(1);
  });

  it("outlives a change of the server's secret while the one before is given", async () => {
    const { clock, directory } = made;
    const after = (current: string, previous?: string) =>
      createSessionCheck({ secret: secretOf(current, previous), clock, store: directory.store });
    await expect(after("new", "a secret of the tests").check(token, presented)).resolves.toBeDefined();
    await expect(after("new", "another").check(token, presented)).rejects.toMatchObject({
      ...refused,
      reason: "unknown",
    });
    await expect(after("new").check(token, presented)).rejects.toMatchObject(refused);
  });
});

describe("what its session has become", () => {
  it.each([
    ["the user", () => user({ active: false }), () => ({ kind: "user", id: adaId }) as const],
    [
      "the tenant",
      () => made.directory.putTenant({ id: "acme", active: false }),
      () => ({ kind: "tenant", id: "acme" }) as const,
    ],
  ])("shows as soon as it is heard that %s is not active any more", async (_, change, entry) => {
    await check();
    await change();
    await expect(check()).resolves.toBeDefined();
    made.check.forget([
      { kind: "user", id: "another" },
      { kind: "api_key", id: adaId },
    ]);
    await expect(check()).resolves.toBeDefined();
    made.check.forget([entry()]);
    await expect(check()).rejects.toMatchObject({ ...refused, reason: "inactive", tenantId: "acme" });
  });

  it("shows when it is not known what was changed", async () => {
    await check();
    await user({ role: "viewer" });
    made.check.forget("unknown");
    await expect(check()).resolves.toMatchObject({ role: "viewer" });
  });

  it.each([true, false])("is not kept where it was asked for before a change, joined: %s", async (joined) => {
    const { store } = made.directory;
    const { promise: before, resolve: answer } = Promise.withResolvers<void>();
    const slow = createSessionCheck({
      secret,
      clock: made.clock,
      store: {
        ...store,
        async session(id) {
          const found = await store.session(id);
          await before;
          return found;
        },
      },
    });
    const early = slow.check(token, presented);
    await expect.poll(() => made.directory.asked.at(-1)).toBe("session");
    await user({ active: false });
    slow.forget([{ kind: "user", id: adaId }]);
    const late = joined ? slow.check(token, presented) : undefined;
    answer();
    await early;
    await expect(late ?? slow.check(token, presented)).rejects.toMatchObject(refused);
  });

  it("is asked for each time while changes are not heard of", async () => {
    let hears = true;
    const { clock, directory } = made;
    const deaf = createSessionCheck({ secret, clock, store: directory.store, hearsChanges: () => hears });
    await deaf.check(token, presented);
    await user({ active: false });
    await expect(deaf.check(token, presented)).resolves.toBeDefined();
    hears = false;
    await expect(deaf.check(token, presented)).rejects.toMatchObject(refused);
    directory.setAway(true);
    await expect(deaf.check(token, presented)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("when it has ended costs no query for each call", async () => {
    await made.sessions.logOutEverywhere(await check());
    for (let i = 0; i < 5; i += 1)
      await expect(check()).rejects.toMatchObject({ ...refused, reason: "expired" });
    expect(made.directory.asked.filter((name) => name === "session")).toHaveLength(2);
  });

  it("cannot be said without a database, which is no reason to refuse it, nor to let it in", async () => {
    made.directory.setAway(true);
    await expect(check()).rejects.toMatchObject({ code: "unavailable" });
    made.directory.setAway(false);
    await expect(check()).resolves.toBeDefined();
  });
});

describe("a token of an administrator's", () => {
  it("is good as long as its user is, up to its end", async () => {
    const adminToken = await admin(3_600);
    await expect(check(adminToken)).resolves.toMatchObject({
      userId: adaId,
      sessionId: undefined,
      role: "admin",
    });
    made.clock.advance(3_600_000 - 1);
    await expect(check(adminToken)).resolves.toBeDefined();
    made.clock.advance(1);
    await expect(check(adminToken)).rejects.toMatchObject({ ...refused, reason: "expired" });
    const another = await admin(3_600);
    await user({ active: false });
    made.check.forget([{ kind: "user", id: adaId }]);
    await expect(check(another)).rejects.toMatchObject({ ...refused, reason: "inactive" });
  });

  it("ends when its user logs out everywhere, with those that were made in the same second", async () => {
    const before = await admin(3_600);
    await check(before);
    made.clock.advance(900);
    await made.sessions.logOutEverywhere(await check());
    const inTheSameSecond = await admin(3_600);
    made.clock.advance(1_000 - (made.clock.epochMs() % 1_000));
    const after = await admin(3_600);
    const asked = made.directory.asked.length;
    for (let i = 0; i < 5; i += 1) {
      await expect(check(before)).rejects.toMatchObject({ ...refused, reason: "expired" });
      await expect(check(after)).resolves.toMatchObject({ userId: adaId });
    }
    await expect(check(inTheSameSecond)).rejects.toMatchObject({ ...refused, reason: "expired" });
    // Once for those of each second.
    expect(made.directory.asked.slice(asked)).toEqual(["userById", "userById"]);
  });

  it("ends everything when it is what its user logs out everywhere with", async () => {
    const adminToken = await admin(3_600);
    await made.sessions.logOutEverywhere(await check(adminToken));
    await expect(check(adminToken)).rejects.toMatchObject(refused);
    await expect(check()).rejects.toMatchObject(refused);
  });

  it("is nobody's in another tenant, or for a user that is not there", async () => {
    const ports = { secret, clock: made.clock };
    for (const [userId, tenantId] of [
      [adaId, "other"],
      ["01900000-0000-7000-8000-00000000000f", "acme"],
    ] as const) {
      const wrong = await createAdminToken({ userId, tenantId, ttlSeconds: 60 }, ports);
      await expect(check(wrong)).rejects.toMatchObject(refused);
    }
  });

  it.each([59, 30 * 86_400 + 1, 60.5, Number.NaN, -1])("is not made for %d seconds", async (ttlSeconds) => {
    await expect(admin(ttlSeconds)).rejects.toMatchObject({ code: "invalid_request", field: "ttlSeconds" });
  });
});

describe("what is no token of ours", () => {
  it("is one that we would have made but for one thing", async () => {
    await expect(check(await forged())).resolves.toBeDefined();
    const nowSeconds = Math.floor(made.clock.epochMs() / 1_000);
    const wrong: readonly Parameters<typeof forged>[0][] = [
      { header: { typ: "JWT" } },
      { header: { typ: undefined } },
      { header: { kid: "0123456789abcdef" } },
      { header: { kid: undefined } },
      { header: { alg: "HS512" }, key: Buffer.alloc(64, 1) },
      { header: { alg: "HS384" }, key: Buffer.alloc(64, 1) },
      { key: Buffer.alloc(32, 1) },
      { claims: { iss: "another" } },
      { claims: { aud: "another" } },
      { claims: { iss: undefined } },
      { claims: { aud: undefined } },
      { claims: { exp: undefined } },
      { claims: { exp: nowSeconds } },
      { claims: { exp: "9999999999" } },
      { claims: { iat: undefined } },
      { claims: { nbf: nowSeconds + 60 } },
      { claims: { sub: undefined } },
      { claims: { sub: 7 } },
      { claims: { sid: 7 } },
      { claims: { tid: undefined } },
      { claims: { tid: "other" } },
      { claims: { sub: "01900000-0000-7000-8000-00000000000b" } },
      { claims: { sid: "01900000-0000-7000-8000-00000000000c" } },
    ];
    for (const each of wrong) {
      await expect(check(await forged(each)), JSON.stringify(each)).rejects.toMatchObject(refused);
    }
  });

  it("is one whose key was derived for something else", async () => {
    const { id, key } = createKeyRing(secret, "session-refresh/tag").current();
    await expect(check(await forged({ header: { kid: id }, key }))).rejects.toMatchObject(refused);
  });

  it("is one without a signature, or with another's", async () => {
    const [header = "", payload = "", signature = ""] = token.split(".");
    const none = encode({ alg: "none", typ: "at+jwt" });
    for (const each of [
      `${header}.${payload}.`,
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      `${header}.${payload}.${sign(`${header}.${payload}`)}`,
      `${header}.${encode({ sub: adaId })}.${signature}`,
      `${header}.${payload}.${signature}.${signature}`,
      `${token}${"a".repeat(9_000)}`,
    ]) {
      await expect(check(each)).rejects.toMatchObject(refused);
    }
  });

  it("is any other text, and never a fault of the gateway's", async () => {
    const part = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.json().map((json) => btoa(encodeURI(json))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
        const text = parts.join(".");
        made.check.handles(text);
        made.check.handles(`ey${text}`);
        await expect(check(text)).rejects.toMatchObject(refused);
      }),
      { numRuns: 200 },
    );
  });
});

it("handles what is signed with a shared secret, and nothing else", async () => {
  expect(made.check.handles(token)).toBe(true);
  expect(made.check.handles(headed({ alg: "HS256" }))).toBe(true);
  expect(made.check.handles(token)).toBe(true);
  for (const other of [
    headed({ alg: "RS256" }),
    headed({ alg: "none" }),
    headed({}),
    headed([]),
    "slc_live_abc",
    "eyJ.a.b",
    `${token}.a`,
    token.slice(0, token.lastIndexOf(".")),
    "",
  ]) {
    expect(made.check.handles(other), other).toBe(false);
  }
});

// Who is let in by a key, and who is not.

import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { formatApiKey } from "../../../src/identity/api-key-format.ts";
import { createDirectoryFixture, secretOf, startedFixture } from "../directory-fixture.ts";

const unknownKey = () => formatApiKey("live", randomBytes(32));
const day = 86_400_000;

describe("a key", () => {
  it("lets in whose it is, with what the tenant, the key and the user are granted", async () => {
    const { makeKey, authenticate, clock } = await startedFixture();
    const { id, secret } = await makeKey({
      userId: "ann",
      environment: "test",
      limits: { tokensPerMinute: 9 },
      allowedModels: ["m*"],
      expiresAtMs: clock.epochMs() + day,
    });
    expect(await authenticate(secret, { remoteAddress: "203.0.113.7", correlationId: "c" })).toEqual({
      tenantId: "red",
      userId: "ann",
      apiKeyId: id,
      environment: "test",
      keyless: false,
      // The key's, without what a developer may not.
      permissions: new Set(["gateway:use", "usage:view"]),
      grants: {
        tenant: { id: "red", timeZone: "UTC", limits: { requestsPerMinute: 7 }, budget: {} },
        key: { id, limits: { tokensPerMinute: 9 }, budget: {}, allowedModels: ["m*"] },
        user: { id: "ann", budget: { hardNanos: 5n } },
      },
      origin: { address: "203.0.113.7", correlationId: "c" },
    });
  });

  it("that is no user's has its own permissions", async () => {
    const { makeKey, authenticate } = await startedFixture();
    const { permissions, userId } = await authenticate((await makeKey()).secret);
    expect([...permissions]).toEqual(["gateway:use", "usage:view", "api_keys:create"]);
    expect(userId).toBeUndefined();
  });

  it("costs one query the first time, and then none", async () => {
    const { makeKey, authenticate, asked } = await startedFixture();
    const { secret } = await makeKey();
    const first = await authenticate(secret);
    for (let i = 0; i < 10; i += 1) expect(await authenticate(secret)).toEqual(first);
    expect(asked).toMatchObject({ keyByHash: 1 });
    expect(asked.importedKeys).toBeUndefined();
  });

  it("that is sent by many at the same moment costs one query too", async () => {
    const { makeKey, authenticate, asked } = await startedFixture();
    const { secret } = await makeKey();
    const wrong = unknownKey();
    const both = await Promise.allSettled(
      Array.from({ length: 200 }, (_, i) => authenticate(i % 2 === 0 ? secret : wrong)),
    );
    expect(both.map(({ status }) => status)).toEqual(
      both.map((_, i) => (i % 2 === 0 ? "fulfilled" : "rejected")),
    );
    expect(asked).toMatchObject({ keyByHash: 2 });
  });

  it("is compared with what the database gave back", async () => {
    const { makeKey, keys, database, store, clock } = await startedFixture();
    const { secret } = await makeKey();
    // A database that answers with another key than was asked for lets nobody in.
    const other = unknownKey();
    const found = await database.keyById((await makeKey()).id);
    Object.assign(store, { keyByHash: async () => found });
    const presented = { credential: other, remoteAddress: "127.0.0.1", host: undefined, origin: undefined };
    await expect(keys.check(other, presented)).rejects.toMatchObject({ reason: "unknown" });
    await expect(keys.check(secret, presented)).rejects.toMatchObject({ reason: "unknown" });
    expect(clock.pendingTimers).toBe(1);
  });
});

describe("a key is refused", () => {
  const refused = { code: "unauthenticated" };

  it("that nobody has, and it is on the audit trail without a word of the key", async () => {
    const { authenticate, noted } = await startedFixture();
    await expect(authenticate(unknownKey(), { correlationId: "c" })).rejects.toMatchObject({
      ...refused,
      message: "The key is not known. Check it for a typing error, or ask for a new one.",
    });
    expect(noted).toEqual([
      {
        tenantId: "platform",
        kind: "refused_credential",
        action: "credential.unknown",
        actor: { type: "unknown", id: undefined },
        target: undefined,
        before: undefined,
        after: undefined,
        origin: { address: "127.0.0.1", correlationId: "c" },
      },
    ]);
  });

  it("that is mistyped, without asking the database", async () => {
    const { makeKey, authenticate, asked, noted } = await startedFixture();
    const { secret } = await makeKey();
    const mistyped = secret.slice(0, -1) + (secret.endsWith("a") ? "b" : "a");
    for (const wrong of [mistyped, `${secret}x`, secret.slice(0, 30), "slc_live_"]) {
      await expect(authenticate(wrong)).rejects.toMatchObject({ ...refused, reason: "malformed" });
    }
    expect(asked.keyByHash).toBeUndefined();
    expect(noted.map(({ action }) => action)).toEqual(
      Array.from({ length: 4 }, () => "credential.malformed"),
    );
  });

  it("whose time is over, at that very moment", async () => {
    const { makeKey, authenticate, clock, noted } = await startedFixture();
    const { id, secret } = await makeKey({ expiresAtMs: clock.epochMs() + 500 });
    clock.advance(499);
    await authenticate(secret);
    clock.advance(1);
    await expect(authenticate(secret)).rejects.toMatchObject({ ...refused, reason: "expired" });
    expect(noted).toMatchObject([
      { action: "credential.expired", tenantId: "red", target: { type: "api_key", id } },
    ]);
  });

  it("that was revoked", async () => {
    const { makeKey, authenticate, clock } = await startedFixture();
    const { secret } = await makeKey({ revokedAtMs: clock.epochMs() });
    await expect(authenticate(secret)).rejects.toMatchObject({ ...refused, reason: "revoked" });
  });

  it("that is inactive, or whose user or tenant is", async () => {
    const { makeKey, putTenant, putUser, authenticate, noted } = await startedFixture();
    const inactive = await makeKey({ active: false });
    const ofUser = await makeKey({ userId: "ann" });
    const ofTenant = await makeKey();
    await putUser("ann", "developer", { active: false });
    const words = async (secret: string) => {
      const error = await authenticate(secret).catch((error: unknown) => error);
      expect(error).toMatchObject({ ...refused, reason: "inactive" });
      return error instanceof Error ? error.message : "";
    };
    expect(await words(inactive.secret)).toMatch(/^The key is inactive/);
    expect(await words(ofUser.secret)).toMatch(/^The key's user is inactive/);
    await putTenant("red", { active: false });
    expect(await words(ofTenant.secret)).toMatch(/^The key's tenant is inactive/);
    expect(noted.map(({ target }) => target?.id)).toEqual([inactive.id, ofUser.id, ofTenant.id]);
  });

  it("whose user is gone", async () => {
    const { makeKey, write, database, authenticate } = await startedFixture();
    const { secret } = await makeKey({ userId: "ann" });
    const found = await database.userById("ann");
    await write({ type: "delete_user", id: "ann", seen: found?.user.version ?? 0 });
    await expect(authenticate(secret)).rejects.toMatchObject({ ...refused, reason: "revoked" });
  });

  it("longer than 8 KiB, and one of another kind that nobody takes", async () => {
    const { authenticate, asked, noted } = await startedFixture();
    await expect(authenticate("x".repeat(8_193))).rejects.toMatchObject({ ...refused, reason: "malformed" });
    await expect(authenticate("eyJh.eyJz.c2ln")).rejects.toMatchObject({ ...refused, reason: "unknown" });
    expect(asked.keyByHash).toBeUndefined();
    expect(noted.map(({ action }) => action)).toEqual(["credential.malformed", "credential.unknown"]);
  });

  it("that is refused again costs nothing again, and is on the trail again", async () => {
    const { makeKey, authenticate, asked, noted } = await startedFixture();
    const { secret } = await makeKey({ active: false });
    for (let i = 0; i < 3; i += 1) await expect(authenticate(secret)).rejects.toMatchObject(refused);
    expect(asked).toMatchObject({ keyByHash: 1 });
    expect(noted).toHaveLength(3);
  });
});

async function rotated(overlapMs: number | undefined) {
  const fixture = await startedFixture();
  const { makeKey, changeKey, newApiKey, clock, watch } = fixture;
  const { id, secret, hash } = await makeKey();
  const next = newApiKey("live");
  const previousExpiresAtMs = overlapMs === undefined ? undefined : clock.epochMs() + overlapMs;
  const credential = { hash: next.hash, previousHash: hash, bcryptHash: undefined };
  await changeKey(id, { prefix: next.prefix, previousExpiresAtMs }, credential);
  await watch.look();
  return { ...fixture, id, before: secret, after: next.secret };
}

describe("a key that was replaced", () => {
  it("is good beside its successor until the overlap is over, and is the same key", async () => {
    const { authenticate, clock, before, after, id } = await rotated(1_000);
    expect(await authenticate(before)).toMatchObject({ apiKeyId: id });
    expect(await authenticate(after)).toMatchObject({ apiKeyId: id });
    clock.advance(1_000);
    await expect(authenticate(before)).rejects.toMatchObject({
      code: "unauthenticated",
      message: expect.stringContaining("was replaced"),
    });
    expect(await authenticate(after)).toMatchObject({ apiKeyId: id });
  });

  it.each([0, undefined])("is refused at once with an overlap of %s", async (overlapMs) => {
    const { authenticate, before, after } = await rotated(overlapMs);
    await expect(authenticate(before)).rejects.toMatchObject({ reason: "expired" });
    await authenticate(after);
  });
});

describe("after a change of the server's secret", () => {
  it("a key is hashed anew at its first use, and needs the old secret no more", async () => {
    const old = "a secret of the server, thirty-two bytes";
    const before = await startedFixture({ secret: secretOf(old) });
    const { id, secret } = await before.makeKey();
    const sharing = { clock: before.clock, database: before.database };
    const next = "another secret of thirty-two bytes and more";
    const during = await startedFixture({ secret: secretOf(next, old), sharing });
    expect(await during.authenticate(secret)).toMatchObject({ apiKeyId: id });
    expect(during.asked).toMatchObject({ keyByHash: 1, rehashKey: 1 });
    const after = await startedFixture({ secret: secretOf(next), sharing });
    expect(await after.authenticate(secret)).toMatchObject({ apiKeyId: id });
    expect(after.asked.rehashKey).toBeUndefined();
  });

  it("a key that cannot be hashed anew is good all the same", async () => {
    const old = "a secret of the server, thirty-two bytes";
    const before = await startedFixture({ secret: secretOf(old) });
    const { secret } = await before.makeKey();
    const sharing = { clock: before.clock, database: before.database };
    const during = await startedFixture({
      secret: secretOf("another secret of thirty-two bytes", old),
      sharing,
    });
    Object.assign(during.store, { rehashKey: () => Promise.reject(new Error("read-only")) });
    await during.authenticate(secret);
    expect(during.faults).toEqual([new Error("read-only")]);
  });

  it("a key before its rotation keeps its place", async () => {
    const old = "a secret of the server, thirty-two bytes";
    const before = await startedFixture({ secret: secretOf(old) });
    const { id, secret, hash } = await before.makeKey();
    const successor = before.newApiKey("live");
    const rotated = { hash: successor.hash, previousHash: hash, bcryptHash: undefined };
    await before.changeKey(id, { previousExpiresAtMs: before.clock.epochMs() + day }, rotated);
    const sharing = { clock: before.clock, database: before.database };
    const during = await startedFixture({
      secret: secretOf("another secret of thirty-two bytes", old),
      sharing,
    });
    await during.authenticate(secret);
    const { credential } = (await during.database.keyById(id)) ?? {};
    expect(credential?.hash).toEqual(successor.hash);
    expect(credential?.previousHash?.keyId).not.toBe(hash.keyId);
    during.clock.advance(day);
    await expect(during.authenticate(secret)).rejects.toMatchObject({ reason: "expired" });
    await during.authenticate(successor.secret);
  });
});

describe("while the database is away", () => {
  const away = new Error("connect ECONNREFUSED");

  it("a key that has to be looked up is `unavailable`: neither let in nor called wrong", async () => {
    const { makeKey, authenticate, fail, noted, keys } = await startedFixture();
    const { secret } = await makeKey();
    fail(away);
    for (const credential of [secret, unknownKey(), "sk-of-another-gateway"]) {
      await expect(authenticate(credential)).rejects.toMatchObject({
        code: "unavailable",
        retryAfterMs: 1_000,
      });
    }
    expect(noted).toEqual([]);
    expect(keys.sizes()).toMatchObject({ held: 0, nobodys: 0, underWay: 0 });
    fail();
    await authenticate(secret);
  });

  it("also where a key is not asked for: a credential that may be good is not served as none", async () => {
    const { makeKey, authenticate, fail } = await startedFixture({ authRequired: false });
    const { secret } = await makeKey();
    fail(away);
    await expect(authenticate(secret)).rejects.toMatchObject({ code: "unavailable" });
    expect(await authenticate(undefined)).toMatchObject({ keyless: true });
  });

  it("a key that is held is good for ten minutes after the last look at changes, and no longer", async () => {
    const { makeKey, authenticate, fail, clock, watch } = await startedFixture();
    const { secret } = await makeKey();
    await watch.look();
    await authenticate(secret);
    fail(away);
    clock.advance(599_999);
    await watch.look();
    expect(watch.problems()).toEqual([
      "Changes of tenants, users and keys cannot be read: the log says why.",
    ]);
    await authenticate(secret);
    clock.advance(1);
    await expect(authenticate(secret)).rejects.toMatchObject({ code: "unavailable" });
    fail();
    await watch.look();
    expect(watch.problems()).toEqual([]);
    await authenticate(secret);
  });
});

describe("keyless", () => {
  it("turns with the first key and not back with its revocation, at once here and with the next poll elsewhere", async () => {
    const here = await startedFixture({ keyless: true });
    const there = await startedFixture({
      keyless: true,
      sharing: { clock: here.clock, database: here.database },
    });
    expect([here.access.keyless, there.access.keyless]).toEqual([true, true]);
    expect(await here.authenticate(undefined)).toMatchObject({ keyless: true });
    const { id, secret } = await here.makeKey();
    await here.watch.look();
    expect([here.access.keyless, there.access.keyless]).toEqual([false, true]);
    await expect(here.authenticate(undefined)).rejects.toMatchObject({ code: "unauthenticated" });
    // Where it is not known yet that there is a key, one of our form is looked up all the same.
    expect(await there.authenticate(secret)).toMatchObject({ apiKeyId: id });
    there.clock.advance(2_000);
    await expect.poll(() => there.access.keyless).toBe(false);
    await here.changeKey(id, { revokedAtMs: here.clock.epochMs() });
    await here.watch.look();
    // Whoever revokes the last key does not open the gateway.
    expect(here.access.keyless).toBe(false);
  });

  it("serves what tools send that cannot be without a key, asks nobody and notes nothing", async () => {
    const { authenticate, asked, noted } = await startedFixture({ keyless: true });
    for (let i = 0; i < 100; i += 1) {
      expect(await authenticate(`sk-anything-${i}`)).toMatchObject({ keyless: true, tenantId: "default" });
    }
    expect(asked.keyByHash).toBeUndefined();
    expect(noted).toEqual([]);
  });

  it("is not what AUTH_REQUIRED=true says, and always what false says", async () => {
    const always = await startedFixture({ keyless: true, authRequired: true });
    await expect(always.authenticate(undefined)).rejects.toMatchObject({ code: "unauthenticated" });
    const never = await startedFixture({ keyless: true, authRequired: false });
    const { id, secret } = await never.makeKey();
    await never.watch.look();
    expect(never.access.keyless).toBe(true);
    expect(await never.authenticate(secret)).toMatchObject({ apiKeyId: id, keyless: false });
    expect(await never.authenticate(unknownKey())).toMatchObject({ keyless: true });
    expect(never.noted).toEqual([]);
  });

  it("asks for a key as long as nobody has looked whether there is one", () => {
    expect(createDirectoryFixture().access.keyless).toBe(false);
  });
});

describe("a key of SLUICE_API_KEYS", () => {
  const key = "a-key-of-enough-length";

  it("has the grants of the tenant `default`, and costs no query", async () => {
    const { authenticate, putTenant, watch, asked } = await startedFixture({ keyless: true, apiKeys: [key] });
    expect((await authenticate(key)).grants).toBeUndefined();
    await putTenant("default");
    await watch.look();
    expect(await authenticate(key)).toMatchObject({
      tenantId: "default",
      keyless: false,
      grants: { tenant: { id: "default", limits: { requestsPerMinute: 7 } } },
    });
    expect(asked.keyByHash).toBeUndefined();
  });

  it("is refused while that tenant is inactive", async () => {
    const { authenticate, putTenant, watch, noted } = await startedFixture({ keyless: true, apiKeys: [key] });
    await putTenant("default", { active: false });
    await watch.look();
    await expect(authenticate(key)).rejects.toMatchObject({ code: "unauthenticated", reason: "inactive" });
    expect(noted).toMatchObject([{ tenantId: "default", target: { type: "api_key" } }]);
    await putTenant("default", { active: true });
    await watch.look();
    await authenticate(key);
  });

  it("stands beside keys of the directory", async () => {
    const { authenticate, makeKey, access } = await startedFixture({ keyless: true, apiKeys: [key] });
    expect(access.keyless).toBe(false);
    const { id, secret } = await makeKey();
    expect(await authenticate(secret)).toMatchObject({ apiKeyId: id });
  });
});

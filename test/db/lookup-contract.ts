// How every database finds keys and users as calls and log-ins are checked by them.

import { expect, it } from "vitest";
import type { DirectoryStore, WantedUser } from "../../src/core/directory/directory-store.ts";
import {
  family,
  hashed,
  imported,
  newBcryptHash,
  newHash,
  newSlug,
  putKey,
  putSso,
  putTenant,
  putUser,
  sampleKey,
  sampleSso,
  sampleTenant,
  sampleUser,
  written,
} from "./sample-directory.ts";
import { newId } from "./sample-records.ts";

function putImported(tenantId: string, prefix: string | undefined) {
  const apiKey = sampleKey(tenantId, { prefix: prefix ?? "" });
  return { apiKey, change: putKey(apiKey, { credential: imported(newBcryptHash()) }) };
}

export function keysAreFound(store: () => DirectoryStore): void {
  it("finds a key by its hash and by the one before its rotation, among others asked for", async () => {
    const { apiKey, hash, version } = await family(store());
    expect((await store().keyByHash([newHash().hash, hash.hash]))?.apiKey.id).toBe(apiKey.id);
    const credential = hashed(newHash(), { previousHash: hash });
    await written(store(), putKey(apiKey, { seen: version, credential }));
    for (const each of [hash.hash, credential.hash?.hash ?? ""]) {
      expect(await store().keyByHash([each])).toMatchObject({ apiKey: { id: apiKey.id }, credential });
    }
    expect(await store().keyByHash([newHash().hash])).toBeUndefined();
    expect(await store().keyByHash([])).toBeUndefined();
    expect(await store().keyById("no id")).toBeUndefined();
  });

  it("finds imported keys by their prefix, no more than asked for, until they have a hash of ours", async () => {
    const { tenant } = await family(store());
    const prefix = `imp_${newId()}`;
    const keys = [1, 2, 3].map(() => putImported(tenant.id, prefix));
    await written(
      store(),
      ...keys.map(({ change }) => change),
      putKey(sampleKey(tenant.id, { prefix }), { credential: hashed(newHash()) }),
    );
    expect(
      (await store().importedKeys([prefix], { ofTenant: 9, limit: 9 })).map(({ apiKey }) => apiKey.id),
    ).toEqual(keys.map(({ apiKey }) => apiKey.id));
    expect(await store().importedKeys([prefix], { ofTenant: 2, limit: 2 })).toHaveLength(2);
    expect(await store().importedKeys(["imp", "nope"], { ofTenant: 9, limit: 9 })).toEqual([]);
    expect(await store().importedKeys([], { ofTenant: 9, limit: 9 })).toEqual([]);

    const [first, second] = (await store().importedKeys([prefix], { ofTenant: 9, limit: 9 })).slice(0, 2);
    if (first === undefined || second === undefined) throw new Error("There are three.");
    const to = hashed(newHash());
    const { version } = await store().changesSince(0);
    expect(await store().rehashKey(first.apiKey.id, first.credential, to)).toBe(true);
    // Somebody else was first.
    expect(await store().rehashKey(first.apiKey.id, first.credential, hashed(newHash()))).toBe(false);
    // The same key twice.
    expect(await store().rehashKey(second.apiKey.id, second.credential, to)).toBe(false);
    expect(await store().rehashKey(newId(), first.credential, to)).toBe(false);
    expect(await store().importedKeys([prefix], { ofTenant: 9, limit: 9 })).toHaveLength(2);
    expect(await store().keyByHash([to.hash?.hash ?? ""])).toMatchObject({
      apiKey: { id: first.apiKey.id, version: first.apiKey.version },
      credential: to,
    });
    expect((await store().changesSince(version)).version).toBe(version);
  });

  it("finds imported keys of the longest prefix first", async () => {
    const { tenant } = await family(store());
    const long = `imp_${newId()}`;
    const [short, longer] = [long.slice(0, -1), sampleKey(tenant.id, { prefix: long })];
    const keys = [sampleKey(tenant.id, { prefix: short }), longer];
    await written(
      store(),
      ...keys.map((apiKey) => putKey(apiKey, { credential: imported(newBcryptHash()) })),
    );
    const found = await store().importedKeys([short, long], { ofTenant: 1, limit: 1 });
    expect(found.map(({ apiKey }) => apiKey.id)).toEqual([longer.id]);
  });

  it("finds imported keys of each tenant, however many another one has", async () => {
    const [many, few] = [await family(store()), await family(store())];
    const long = `imp_${newId()}`;
    const prefixes = [long, long.slice(0, -1), long.slice(0, -2)];
    const ofMany = [0, 1, 2, 0, 1, 2].map((at) => putImported(many.tenant.id, prefixes[at]));
    const ofFew = [2, 2].map((at) => putImported(few.tenant.id, prefixes[at]));
    await written(store(), ...[...ofMany, ...ofFew].map(({ change }) => change));
    const ids = async (ofTenant: number, limit: number) =>
      (await store().importedKeys(prefixes, { ofTenant, limit })).map(({ apiKey }) => apiKey.id);
    const [a, b, c, d, e, f] = ofMany.map(({ apiKey }) => apiKey.id);
    const [g, h] = ofFew.map(({ apiKey }) => apiKey.id);
    expect(await ids(9, 9)).toEqual([a, g, d, h, b, e, c, f]);
    expect(await ids(3, 9)).toEqual([a, g, d, h, b]);
    expect(await ids(9, 3)).toEqual([a, g, d]);

    const counted = await store().importedPrefixes(many.tenant.id, 9);
    expect(new Map(counted.map(({ prefix, keys }) => [prefix, keys]))).toEqual(
      new Map(prefixes.map((prefix) => [prefix, 2])),
    );
    expect(await store().importedPrefixes(many.tenant.id, 2)).toHaveLength(2);
    expect(await store().importedPrefixes(newSlug(), 9)).toEqual([]);
  });

  it("notes when keys were used last, and never an earlier time; raises no version", async () => {
    const { apiKey, version } = await family(store());
    const other = await family(store());
    const used = async () =>
      (await store().apiKeysById([apiKey.id, other.apiKey.id])).map(({ lastUsedAtMs }) => lastUsedAtMs);
    await store().touchKeys([
      { id: apiKey.id, atMs: 2000 },
      { id: newId(), atMs: 1 },
      { id: other.apiKey.id, atMs: 2000 },
    ]);
    expect(await used()).toEqual([2000, 2000]);
    await store().touchKeys([
      { id: apiKey.id, atMs: 1999 },
      { id: other.apiKey.id, atMs: 2001 },
    ]);
    expect(new Set(await used())).toEqual(new Set([2000, 2001]));
    expect((await store().keyById(apiKey.id))?.apiKey).toMatchObject({ version, lastUsedAtMs: 2000 });
    await store().touchKeys([]);
  });

  it("knows whether there is a key, and which secrets are under keys that are not named", async () => {
    const { tenant, apiKey, version } = await family(store());
    expect(await store().hasApiKeys()).toBe(true);
    const keyId = `old-${newId()}`;
    const clientSecret = { keyId, nonce: new Uint8Array(12), ciphertext: new Uint8Array(9) };
    const before = await store().underOtherKeys([keyId]);
    const old = { ...newHash(), keyId };
    await written(
      store(),
      putSso(sampleSso(tenant.id), { credential: { clientSecret } }),
      putKey(apiKey, { seen: version, credential: hashed(old) }),
      // Over by now, or revoked.
      putKey(sampleKey(tenant.id, { previousExpiresAtMs: 5 }), {
        credential: hashed({ ...newHash(), keyId }, { previousHash: newHash() }),
      }),
      putKey(sampleKey(tenant.id, { revokedAtMs: 5 }), { credential: hashed(newHash()) }),
      putKey(sampleKey(tenant.id, { expiresAtMs: 5 }), { credential: hashed(newHash()) }),
    );
    const after = await store().underOtherKeys([keyId]);
    // The family's own was under another one before.
    expect(after.apiKeys).toBe(before.apiKeys - 1);
    expect(after.ssoConfigs).not.toContain(tenant.id);
    const others = await store().underOtherKeys(["derived-1"]);
    expect(others.ssoConfigs).toContain(tenant.id);
    // Of the five that were put, those that are not at their end.
    expect((await store().underOtherKeys([])).apiKeys).toBe(before.apiKeys + 1);
  });
}

export function usersAreFound(store: () => DirectoryStore): void {
  it("finds users by email, in one tenant or in every one, at most ten", async () => {
    const email = `${newId()}@example.com`;
    const tenants = Array.from({ length: 12 }, () => sampleTenant());
    const users = tenants.map(({ id }) => sampleUser(id, { email }));
    await written(store(), ...tenants.map((each) => putTenant(each)), ...users.map((each) => putUser(each)));
    expect(await store().usersByEmail(email, undefined)).toHaveLength(10);
    const [tenant] = tenants;
    expect(await store().usersByEmail(email, tenant?.id)).toMatchObject([{ user: users[0], tenant }]);
    expect(await store().usersByEmail(email, newSlug())).toEqual([]);
    expect(await store().usersByEmail(`%${email}`, undefined)).toEqual([]);
  });

  it("finds a user by who signed it on, in that tenant alone", async () => {
    const { tenant, user } = await family(store());
    const other = await family(store());
    const externalId = user.externalId ?? "";
    expect((await store().userByExternalId(tenant.id, externalId))?.user.id).toBe(user.id);
    expect(await store().userByExternalId(other.tenant.id, externalId)).toBeUndefined();
  });

  it("notes when a user logged in last, and hashes a password anew; raises no version", async () => {
    const { user, version } = await family(store());
    await store().touchUser(user.id, 50);
    await store().touchUser(user.id, 40);
    expect(await store().rehashPassword(user.id, "$argon2id$0", "$argon2id$2")).toBe(false);
    expect(await store().rehashPassword(user.id, "$argon2id$1", "$argon2id$2")).toBe(true);
    expect(await store().userById(user.id)).toMatchObject({
      user: { lastLogInAtMs: 50, version },
      credential: { passwordHash: "$argon2id$2" },
    });
  });
}

export function administratorsAreFound(store: () => DirectoryStore): void {
  it("finds an active user of one of the roles, who is not the one that is meant to go", async () => {
    const { tenant } = await family(store());
    const roles = ["owner", "admin"] as const;
    const find = (over: Partial<WantedUser> = {}) =>
      store().activeUser({ tenantId: tenant.id, roles, ...over });
    const owner = sampleUser(tenant.id, { role: "owner" });
    const others = [
      sampleUser(tenant.id, { role: "platform_admin" }),
      sampleUser(tenant.id, { role: "admin", active: false }),
    ];
    const { tenant: elsewhere } = await family(store());
    const there = sampleUser(elsewhere.id, { role: "owner" });
    await written(store(), ...others.map((each) => putUser(each)), putUser(there));
    expect(await find()).toBeUndefined();
    const version = await written(store(), putUser(owner));
    expect(await find()).toMatchObject({ ...owner, version, hasPassword: false });
    expect(await find({ except: there.id })).toMatchObject({ id: owner.id });
    expect(await find({ except: owner.id })).toBeUndefined();
    expect(await find({ hasPassword: true })).toBeUndefined();
    expect(await find({ roles: ["admin"] })).toBeUndefined();
    const second = sampleUser(tenant.id, { role: "admin" });
    await written(store(), putUser(second, { credential: { passwordHash: "$argon2id$1" } }));
    expect(await find({ except: owner.id })).toMatchObject({ id: second.id, hasPassword: true });
    expect(await find({ hasPassword: true })).toMatchObject({ id: second.id });
  });
}

// What every database does for the directory, whichever it is.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DirectoryChange, DirectoryStore } from "../../src/core/directory/directory-store.ts";
import type { AuditKey } from "../../src/core/directory/secrets.ts";
import type { Database } from "../../src/db/database.ts";
import { auditIsKept } from "./audit-contract.ts";
import { entriesAreListed } from "./directory-listing-contract.ts";
import {
  auditOf,
  bareTenant,
  currentAuditKey,
  family,
  hashed,
  newHash,
  newSlug,
  previousAuditKey,
  putKey,
  putSso,
  putTenant,
  putUser,
  sampleKey,
  sampleSession,
  sampleSso,
  sampleTenant,
  sampleUser,
  written,
} from "./sample-directory.ts";
import { newId } from "./sample-records.ts";
import { sessionsAreKept } from "./session-contract.ts";
import { type RunByAnother, tamperingIsFound } from "./tampering-contract.ts";

export interface DirectoryFixture {
  open(auditKeys: () => readonly AuditKey[]): Promise<Database>;
  /** Absent: nobody else can reach the tables. */
  readonly run?: RunByAnother | undefined;
  dispose(): Promise<void>;
}

/** @param removeGuards take away what refuses to change an audit entry; none where nobody else reaches the tables */
export function directoryContract(
  name: string,
  createFixture: () => Promise<DirectoryFixture>,
  removeGuards?: readonly string[],
): void {
  describe(name, () => {
    let fixture: DirectoryFixture;
    let database: Database;
    let auditKeys: readonly AuditKey[] = [currentAuditKey, previousAuditKey];
    beforeAll(async () => {
      fixture = await createFixture();
      database = await fixture.open(() => auditKeys);
    });
    afterAll(async () => {
      await database.close();
      await fixture.dispose();
    });
    // One database for all, as opening one takes its time; each test has its own tenant.
    const store = () => database.directory;
    entriesAreKept(store);
    ownersAreAsked(store);
    keysAreFound(store);
    usersAreFound(store);
    changesAreTold(store);
    writesAreWhole(store);
    sessionsAreKept(store);
    entriesAreListed(store);
    auditIsKept({
      store,
      async withKeys(keys, work) {
        const before = auditKeys;
        auditKeys = keys;
        try {
          return await work();
        } finally {
          auditKeys = before;
        }
      },
    });
    if (removeGuards === undefined) return;
    const run = (...statements: readonly string[]) => {
      if (fixture.run === undefined) throw new Error("Nobody else reaches these tables.");
      return fixture.run(...statements);
    };
    changesAreForgotten(store, run);
    tamperingIsFound({ store, run, removeGuards });
  });
}

const time: unknown = expect.any(Number);
const entry = (version: number) => ({ version, createdAtMs: time, updatedAtMs: time });

/** As SQL would have it end a statement, and as logs would have it end a line. */
const hostile = `'; drop table users; -- " \\ %_?$1 \r\n\t\u202e\ud83d\ude00 \${x}`;

function entriesAreKept(store: () => DirectoryStore): void {
  it("begins with the tenant `default`, which has no limit", async () => {
    expect(await store().tenantsById(["default"])).toEqual([
      { ...bareTenant("default"), name: "Default", active: true, ...entry(0) },
    ]);
  });

  it("gives a tenant, a user and a key back with every field, at the version that wrote them", async () => {
    const { tenant, user, apiKey, hash, version } = await family(store());
    expect(await store().keyById(apiKey.id)).toStrictEqual({
      apiKey: { ...apiKey, lastUsedAtMs: undefined, ...entry(version) },
      credential: hashed(hash),
      tenant: { ...tenant, ...entry(version) },
      user: { ...user, hasPassword: true, lastLogInAtMs: undefined, ...entry(version) },
    });
  });

  it("keeps what is absent as absent, and an empty list as empty", async () => {
    const tenant = bareTenant();
    const user = sampleUser(tenant.id, {
      externalId: undefined,
      budget: { hardNanos: 0n, softNanos: undefined },
    });
    const apiKey = sampleKey(tenant.id, { permissions: [], allowedModels: [], expiresAtMs: undefined });
    const version = await written(store(), putTenant(tenant), putUser(user), putKey(apiKey));
    const found = await store().keyById(apiKey.id);
    expect(found).toStrictEqual({
      apiKey: { ...apiKey, lastUsedAtMs: undefined, ...entry(version) },
      credential: { hash: undefined, previousHash: undefined, bcryptHash: undefined },
      tenant: { ...tenant, ...entry(version) },
      user: undefined,
    });
    expect((await store().userById(user.id))?.user).toMatchObject({
      hasPassword: false,
      externalId: undefined,
    });
  });

  it("replaces what was seen, leaves a credential that is not told, and when it was made", async () => {
    const { tenant, user, apiKey, hash, version } = await family(store());
    const made = await store().keyById(apiKey.id);
    const next = await written(
      store(),
      putTenant({ ...tenant, name: "Other", allowedModels: undefined, logging: undefined }, version),
      putUser({ ...user, role: "owner" }, { seen: version }),
      putKey({ ...apiKey, name: "Other", revokedAtMs: 5 }, { seen: version }),
    );
    expect(next).toBe(version + 1);
    const found = await store().keyById(apiKey.id);
    expect(found).toMatchObject({
      apiKey: { name: "Other", revokedAtMs: 5, version: next, createdAtMs: made?.apiKey.createdAtMs },
      credential: { hash },
      tenant: { name: "Other", allowedModels: undefined, logging: undefined, version: next },
      user: { role: "owner", hasPassword: true, version: next },
    });
  });

  it("replaces credentials that are told", async () => {
    const { user, apiKey, hash, version } = await family(store());
    const next = { ...hashed(newHash()), previousHash: hash, bcryptHash: "$2b$10$x" };
    await written(
      store(),
      putUser(user, { seen: version, credential: { passwordHash: undefined } }),
      putKey({ ...apiKey, previousExpiresAtMs: 77 }, { seen: version, credential: next }),
    );
    expect(await store().keyById(apiKey.id)).toMatchObject({
      apiKey: { previousExpiresAtMs: 77 },
      credential: next,
      user: { hasPassword: false },
    });
    expect((await store().userById(user.id))?.credential).toEqual({ passwordHash: undefined });
  });

  it("keeps how a tenant signs on, with its sealed secret in plain bytes", async () => {
    const { tenant } = await family(store());
    const config = sampleSso(tenant.id);
    const clientSecret = {
      keyId: "k1",
      nonce: Uint8Array.from({ length: 12 }, (_, i) => i),
      ciphertext: Uint8Array.from({ length: 256 }, (_, i) => i),
    };
    const version = await written(store(), putSso(config, { credential: { clientSecret } }));
    expect(await store().ssoConfig(tenant.id)).toStrictEqual({
      config: { ...config, hasClientSecret: true, ...entry(version) },
      credential: { clientSecret },
    });
    await written(store(), putSso({ ...config, defaultRole: "viewer" }, { seen: version }));
    expect(await store().ssoConfig(tenant.id)).toMatchObject({
      config: { hasClientSecret: true, defaultRole: "viewer" },
      credential: { clientSecret },
    });
    const seen = (await store().ssoConfig(tenant.id))?.config.version ?? 0;
    await written(store(), putSso(config, { seen, credential: { clientSecret: undefined } }));
    const open = await store().ssoConfig(tenant.id);
    expect(open).toMatchObject({
      config: { hasClientSecret: false },
      credential: { clientSecret: undefined },
    });
    await written(store(), {
      type: "delete_sso_config",
      tenantId: tenant.id,
      seen: open?.config.version ?? 0,
    });
    expect(await store().ssoConfig(tenant.id)).toBeUndefined();
  });

  it("keeps SQL and control characters in every text as text", async () => {
    const tenant = sampleTenant({
      name: hostile,
      contactEmail: hostile,
      timeZone: hostile,
      allowedModels: [hostile],
    });
    const user = sampleUser(tenant.id, { name: hostile, email: hostile, externalId: hostile });
    const apiKey = sampleKey(tenant.id, { name: hostile, prefix: hostile, userId: user.id });
    const sso = sampleSso(tenant.id, {
      issuer: hostile,
      clientId: hostile,
      scopes: [hostile],
      groupsClaim: hostile,
      rolesOfGroups: { [hostile]: "owner" },
    });
    const audit = auditOf(tenant.id, {
      action: hostile,
      actor: { type: "unknown", id: hostile },
      target: { type: hostile, id: hostile },
      before: { [hostile]: hostile },
      origin: { address: hostile, correlationId: hostile },
    });
    const changes = [
      putTenant(tenant),
      putUser(user, { credential: { passwordHash: hostile } }),
      putKey(apiKey, { credential: hashed({ hash: hostile, keyId: hostile }, { bcryptHash: hostile }) }),
      putSso(sso),
    ];
    expect(await store().write({ changes, audit: [audit] })).toMatchObject({ outcome: "written" });
    const found = await store().keyByHash([hostile]);
    expect(found).toMatchObject({ tenant, user, apiKey, credential: { bcryptHash: hostile } });
    expect(await store().importedKeys([hostile], 5)).toEqual([found]);
    expect(await store().usersByEmail(hostile, tenant.id)).toMatchObject([{ user }]);
    expect(await store().userByExternalId(tenant.id, hostile)).toMatchObject({ user });
    expect((await store().ssoConfig(tenant.id))?.config).toMatchObject(sso);
    for (const search of [hostile, "DROP table", "%_?"]) {
      expect(
        (await store().users({ tenantId: tenant.id, first: 5, after: undefined, search })).entries,
      ).toHaveLength(1);
    }
    const query = { tenantId: tenant.id, first: 5, after: undefined, action: hostile, actorId: hostile };
    expect((await store().audit(query)).entries).toMatchObject([audit]);
    expect(await store().verifyAudit(tenant.id)).toMatchObject({ intact: true });
  });

  it("makes storable what no database has room for, and finds it so", async () => {
    const tenant = sampleTenant({ name: "a\0b\ud800c" });
    const user = sampleUser(tenant.id, { email: "x\0@example.com" });
    const audit = auditOf(tenant.id, { after: { "k\0": ["\ud800"] } });
    const changes = [putTenant(tenant), putUser(user)];
    expect(await store().write({ changes, audit: [audit] })).toMatchObject({ outcome: "written" });
    expect(await store().usersByEmail("x\0@example.com", tenant.id)).toMatchObject([
      { tenant: { name: "a\ufffdb\ufffdc" } },
    ]);
    expect(await store().verifyAudit(tenant.id)).toMatchObject({ entries: 1, intact: true });
  });

  it("erases a user: its keys are revoked, its sessions are gone", async () => {
    const { tenant, user, apiKey, hash, version } = await family(store());
    const session = sampleSession(user);
    const revoked = sampleKey(tenant.id, { userId: user.id, revokedAtMs: 7 });
    await written(
      store(),
      { type: "start_session", session, refreshHash: newHash() },
      putKey(revoked, { credential: hashed(newHash()) }),
    );
    const next = await written(store(), { type: "delete_user", id: user.id, seen: version });
    expect(await store().userById(user.id)).toBeUndefined();
    expect(await store().usersById([user.id])).toEqual([]);
    expect(await store().session(session.id)).toBeUndefined();
    const found = await store().keyByHash([hash.hash]);
    expect(found).toMatchObject({
      user: undefined,
      apiKey: { userId: user.id, revokedAtMs: time, version: next },
    });
    expect((await store().keyById(revoked.id))?.apiKey.revokedAtMs).toBe(7);
    expect((await store().changesSince(next - 1)).changed).toEqual(
      expect.arrayContaining([
        { kind: "user", id: user.id },
        { kind: "api_key", id: apiKey.id },
        { kind: "session", id: session.id },
      ]),
    );
    // Whoever has it open cannot give it a user again who is gone.
    const put = putKey({ ...apiKey, revokedAtMs: undefined }, { seen: next });
    expect(await store().write({ changes: [put], audit: [] })).toEqual({ outcome: "no_owner" });
  });

  it("deletes a tenant with all that is its own but its trail and its name", async () => {
    const { tenant, user, apiKey, hash, version } = await family(store());
    const session = sampleSession(user);
    await store().write({
      changes: [{ type: "start_session", session, refreshHash: newHash() }, putSso(sampleSso(tenant.id))],
      audit: [auditOf(tenant.id)],
    });
    const gone = await written(store(), { type: "delete_tenant", id: tenant.id, seen: version });
    expect(await store().tenantsById([tenant.id])).toEqual([]);
    expect(await store().keyByHash([hash.hash])).toBeUndefined();
    expect(await store().keyById(apiKey.id)).toBeUndefined();
    expect(await store().userById(user.id)).toBeUndefined();
    expect(await store().session(session.id)).toBeUndefined();
    expect(await store().ssoConfig(tenant.id)).toBeUndefined();
    const listed = await store().tenants({ first: 200, after: undefined, search: tenant.id });
    expect(listed.entries).toEqual([]);
    expect(await store().verifyAudit(tenant.id)).toMatchObject({ entries: 1, intact: true });
    const answers = [putTenant(tenant), putTenant(tenant, version), putTenant(tenant, gone)].map((change) =>
      store().write({ changes: [change], audit: [] }),
    );
    expect(await Promise.all(answers)).toEqual([
      { outcome: "exists" },
      { outcome: "changed_meanwhile" },
      { outcome: "changed_meanwhile" },
    ]);
    const orphan = await store().write({ changes: [putUser(sampleUser(tenant.id))], audit: [] });
    expect(orphan).toEqual({ outcome: "no_owner" });
  });

  it("deletes a key", async () => {
    const { apiKey, hash, version } = await family(store());
    const next = await written(store(), { type: "delete_api_key", id: apiKey.id, seen: version });
    expect(await store().keyByHash([hash.hash])).toBeUndefined();
    expect(await store().changesSince(next - 1)).toMatchObject({
      changed: [{ kind: "api_key", id: apiKey.id }],
    });
  });
}

function ownersAreAsked(store: () => DirectoryStore): void {
  const outcomeOf = async (...changes: readonly DirectoryChange[]) =>
    (await store().write({ changes, audit: [] })).outcome;

  it("refuses what has no owner, and a user of another tenant as owner", async () => {
    const { tenant, user } = await family(store());
    const other = await family(store());
    const session = sampleSession(user, { tenantId: other.tenant.id });
    expect(await outcomeOf(putUser(sampleUser(newSlug())))).toBe("no_owner");
    expect(await outcomeOf(putKey(sampleKey(newSlug())))).toBe("no_owner");
    expect(await outcomeOf(putSso(sampleSso(newSlug())))).toBe("no_owner");
    expect(await outcomeOf(putKey(sampleKey(tenant.id, { userId: newId() })))).toBe("no_owner");
    expect(await outcomeOf(putKey(sampleKey(tenant.id, { userId: other.user.id })))).toBe("no_owner");
    expect(await outcomeOf({ type: "start_session", session, refreshHash: newHash() })).toBe("no_owner");
  });

  it("refuses a name, an email, another issuer's user or a hash that another one has", async () => {
    const { tenant, user, apiKey, hash, version } = await family(store());
    const second = sampleUser(tenant.id);
    const secondKey = sampleKey(tenant.id);
    const next = await written(
      store(),
      putUser(second),
      putKey(secondKey, { credential: hashed(newHash()) }),
    );
    expect(await outcomeOf(putTenant(tenant))).toBe("exists");
    expect(await outcomeOf(putUser(user))).toBe("exists");
    expect(await outcomeOf(putUser(sampleUser(tenant.id, { email: user.email })))).toBe("exists");
    expect(await outcomeOf(putUser(sampleUser(tenant.id, { externalId: user.externalId })))).toBe("exists");
    expect(await outcomeOf(putUser({ ...second, email: user.email }, { seen: next }))).toBe("exists");
    expect(await outcomeOf(putKey(apiKey))).toBe("exists");
    const taken = { credential: hashed(hash) };
    expect(await outcomeOf(putKey(sampleKey(tenant.id), taken))).toBe("exists");
    expect(await outcomeOf(putKey(secondKey, { ...taken, seen: next }))).toBe("exists");
    expect(await outcomeOf(putSso(sampleSso(tenant.id)), putSso(sampleSso(tenant.id)))).toBe("exists");
    expect(await store().ssoConfig(tenant.id)).toBeUndefined();
    // Another tenant may have a user of the same email.
    const other = await family(store());
    expect(await outcomeOf(putUser(sampleUser(other.tenant.id, { email: user.email })))).toBe("written");
    expect((await store().keyById(apiKey.id))?.apiKey.version).toBe(version);
  });

  it("refuses whoever has not seen the last change, and what is gone or another tenant's", async () => {
    const { tenant, user, apiKey, version } = await family(store());
    const other = await family(store());
    const changes: DirectoryChange[] = [version - 1, version + 1].flatMap((seen) => [
      putTenant(tenant, seen),
      putUser(user, { seen }),
      putKey(apiKey, { seen }),
      { type: "delete_tenant", id: tenant.id, seen } as const,
      { type: "delete_user", id: user.id, seen } as const,
      { type: "delete_api_key", id: apiKey.id, seen } as const,
    ]);
    const seen = version;
    changes.push(
      putTenant(sampleTenant(), seen),
      putUser(sampleUser(tenant.id), { seen }),
      putKey(sampleKey(tenant.id), { seen }),
      putSso(sampleSso(tenant.id), { seen }),
      putUser({ ...user, tenantId: other.tenant.id }, { seen }),
      putKey({ ...apiKey, tenantId: other.tenant.id, userId: undefined }, { seen }),
      { type: "delete_user", id: "no id", seen },
      { type: "delete_sso_config", tenantId: tenant.id, seen },
    );
    for (const change of changes) expect(await outcomeOf(change)).toBe("changed_meanwhile");
    expect(await store().keyById(apiKey.id)).toMatchObject({ apiKey: { version }, user: { version } });
  });
}

function keysAreFound(store: () => DirectoryStore): void {
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
    const imported = [1, 2, 3].map((n) => ({
      apiKey: sampleKey(tenant.id, { prefix }),
      bcryptHash: `$2b$10$${n}`,
    }));
    const credentialOf = (bcryptHash: string) => ({ hash: undefined, previousHash: undefined, bcryptHash });
    await written(
      store(),
      ...imported.map(({ apiKey, bcryptHash }) => putKey(apiKey, { credential: credentialOf(bcryptHash) })),
      putKey(sampleKey(tenant.id, { prefix }), { credential: hashed(newHash()) }),
    );
    expect((await store().importedKeys([prefix], 9)).map(({ apiKey }) => apiKey.id)).toEqual(
      imported.map(({ apiKey }) => apiKey.id),
    );
    expect(await store().importedKeys([prefix], 2)).toHaveLength(2);
    expect(await store().importedKeys(["imp", "nope"], 9)).toEqual([]);

    const [first, second] = (await store().importedKeys([prefix], 9)).slice(0, 2);
    if (first === undefined || second === undefined) throw new Error("There are three.");
    const to = hashed(newHash());
    const { version } = await store().changesSince(0);
    expect(await store().rehashKey(first.apiKey.id, first.credential, to)).toBe(true);
    // Somebody else was first.
    expect(await store().rehashKey(first.apiKey.id, first.credential, hashed(newHash()))).toBe(false);
    // The same key twice.
    expect(await store().rehashKey(second.apiKey.id, second.credential, to)).toBe(false);
    expect(await store().rehashKey(newId(), first.credential, to)).toBe(false);
    expect(await store().importedKeys([prefix], 9)).toHaveLength(2);
    expect(await store().keyByHash([to.hash?.hash ?? ""])).toMatchObject({
      apiKey: { id: first.apiKey.id, version: first.apiKey.version },
      credential: to,
    });
    expect((await store().changesSince(version)).version).toBe(version);
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
    expect((await used()).sort()).toEqual([2000, 2001]);
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

function usersAreFound(store: () => DirectoryStore): void {
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

function changesAreTold(store: () => DirectoryStore): void {
  it("tells what was changed after a version, each entry that was", async () => {
    const { tenant, user, apiKey, version } = await family(store());
    expect(await store().changesSince(version)).toEqual({ version, changed: [] });
    const first = await store().changesSince(version - 1);
    expect(first).toEqual({
      version,
      changed: expect.arrayContaining([
        { kind: "tenant", id: tenant.id },
        { kind: "user", id: user.id },
        { kind: "api_key", id: apiKey.id },
      ]),
    });
    const next = await written(store(), putUser(user, { seen: version }));
    expect(await store().changesSince(version)).toEqual({
      version: next,
      changed: [{ kind: "user", id: user.id }],
    });
    // How a tenant signs on is the tenant's.
    await written(store(), putSso(sampleSso(tenant.id)));
    expect((await store().changesSince(next)).changed).toEqual([{ kind: "tenant", id: tenant.id }]);
  });

  it("does not know what was changed since a version that it never had", async () => {
    const { version } = await family(store());
    expect(await store().changesSince(version + 1)).toEqual({ version, changed: "unknown" });
    expect(await store().changesSince(-20_000)).toEqual({ version, changed: "unknown" });
  });
}

function changesAreForgotten(store: () => DirectoryStore, run: RunByAnother): void {
  it("remembers what the newest 10,000 versions changed, and says when more is asked for", async () => {
    const { user, version } = await family(store());
    await run("update directory_version set version = version + 9999");
    const next = await written(store(), putUser(user, { seen: version }));
    expect(next).toBe(version + 10_000);
    expect(await store().changesSince(version - 1)).toEqual({ version: next, changed: "unknown" });
    expect(await store().changesSince(version)).toEqual({
      version: next,
      changed: [{ kind: "user", id: user.id }],
    });
    const kept = await run(`select 1 as kept from directory_changes where version <= ${version}`);
    expect(kept).toEqual([]);
  });

  it("says so too when more was changed than anybody needs to know of", async () => {
    const { version } = await family(store());
    await run(
      "update directory_version set version = version + 1",
      `insert into directory_changes (version, kind, id, created_at, updated_at)
       with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 10001)
       select ${version + 1}, 'user', 'u' || n, 0, 0 from numbers`,
    );
    expect(await store().changesSince(version)).toEqual({ version: version + 1, changed: "unknown" });
  });
}

function writesAreWhole(store: () => DirectoryStore): void {
  it("writes nothing, no version and no audit entry, where one of the changes is refused", async () => {
    const { tenant, user, version } = await family(store());
    const fresh = sampleUser(tenant.id);
    const write = {
      changes: [putUser(fresh), putTenant({ ...tenant, name: "Other" }, version), putUser(user)],
      audit: [auditOf(tenant.id)],
    };
    expect(await store().write(write)).toEqual({ outcome: "exists" });
    expect(await store().userById(fresh.id)).toBeUndefined();
    expect(await store().changesSince(version)).toEqual({ version, changed: [] });
    expect(await store().verifyAudit(tenant.id)).toMatchObject({ entries: 0, intact: true });
    expect((await store().tenantsById([tenant.id]))[0]?.name).toBe(tenant.name);
  });

  it("writes nothing where the database refuses it, and says so", async () => {
    const { tenant, version } = await family(store());
    const nothing: string = JSON.parse("null");
    const changes = [
      putTenant({ ...tenant, name: "Other" }, version),
      putUser(sampleUser(tenant.id, { name: nothing })),
    ];
    await expect(store().write({ changes, audit: [auditOf(tenant.id)] })).rejects.toThrow(/name/);
    const unfit = auditOf(tenant.id, { action: nothing });
    await expect(store().write({ changes: [{ type: "audit_only" }], audit: [unfit] })).rejects.toThrow(
      /action/,
    );
    expect(await store().changesSince(version)).toEqual({ version, changed: [] });
    expect((await store().tenantsById([tenant.id]))[0]?.name).toBe(tenant.name);
    expect(await store().verifyAudit(tenant.id)).toMatchObject({ entries: 0, intact: true });
    await written(store(), putTenant({ ...tenant, name: "Other" }, version));
  });

  it("lets one of those through who have seen the same and write at once", async () => {
    const { tenant, version } = await family(store());
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        store().write({
          changes: [putTenant({ ...tenant, name: `racer ${i}` }, version)],
          audit: [auditOf(tenant.id)],
        }),
      ),
    );
    expect(answers.filter(({ outcome }) => outcome === "written")).toHaveLength(1);
    expect(answers.filter(({ outcome }) => outcome === "changed_meanwhile")).toHaveLength(7);
    expect(await store().verifyAudit(tenant.id)).toMatchObject({ entries: 1, intact: true });
  });

  it("lets one of those through who make the same at once", async () => {
    const tenant = sampleTenant();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => store().write({ changes: [putTenant(tenant)], audit: [] })),
    );
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual([
      ...Array.from({ length: 7 }, () => "exists"),
      "written",
    ]);
  });
}

// How every database keeps tenants, users, keys and sign-on, and takes them away.

import { expect, it } from "vitest";
import type { DirectoryStore } from "../../src/core/directory/directory-store.ts";
import {
  auditOf,
  bareTenant,
  family,
  hashed,
  newBcryptHash,
  newHash,
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

const time: unknown = expect.any(Number);
const entry = (version: number) => ({ version, createdAtMs: time, updatedAtMs: time });

/** As SQL would have it end a statement, and as logs would have it end a line. */
const hostile = `'; drop table users; -- " \\ %_?$1 \r\n\t\u202e\ud83d\ude00 \${x}`;

export function entriesAreKept(store: () => DirectoryStore): void {
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
      user: {
        ...user,
        hasPassword: true,
        lastLogInAtMs: undefined,
        tokensEndedAtMs: undefined,
        ...entry(version),
      },
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
      putTenant(
        { ...tenant, name: "Other", allowedModels: undefined, logging: undefined, cacheTtlSeconds: 0 },
        version,
      ),
      putUser({ ...user, role: "owner" }, { seen: version }),
      putKey({ ...apiKey, name: "Other", revokedAtMs: 5 }, { seen: version }),
    );
    expect(next).toBe(version + 1);
    const found = await store().keyById(apiKey.id);
    expect(found).toMatchObject({
      apiKey: { name: "Other", revokedAtMs: 5, version: next, createdAtMs: made?.apiKey.createdAtMs },
      credential: { hash },
      tenant: {
        name: "Other",
        allowedModels: undefined,
        logging: undefined,
        cacheTtlSeconds: 0,
        version: next,
      },
      user: { role: "owner", hasPassword: true, version: next },
    });
  });

  it("replaces credentials that are told", async () => {
    const { user, apiKey, hash, version } = await family(store());
    const next = { ...hashed(newHash()), previousHash: hash, bcryptHash: newBcryptHash() };
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
    expect(await store().importedKeys([hostile], { ofTenant: 5, limit: 5 })).toEqual([found]);
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
      { outcome: "exists", at: 0 },
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

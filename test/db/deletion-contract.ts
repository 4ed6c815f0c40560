// What every directory tells of what ends with a user or a tenant.

import { expect, it } from "vitest";
import type { DirectoryStore } from "../../src/core/directory/directory-store.ts";
import {
  auditOf,
  family,
  hashed,
  newHash,
  putKey,
  putUser,
  sampleKey,
  sampleSession,
  sampleUser,
  written,
} from "./sample-directory.ts";
import { newId } from "./sample-records.ts";

export function endingsAreTold(store: () => DirectoryStore): void {
  /** The newest entry's `before`. */
  const before = async (tenantId: string) =>
    (await store().audit({ tenantId, first: 1, after: undefined })).entries[0]?.before;

  const startSession = async (user: { readonly id: string; readonly tenantId: string }) => {
    const session = sampleSession(user);
    await written(store(), { type: "start_session", session, refreshHash: newHash() });
    return session.id;
  };

  it("tells a deleted user's keys that are revoked and sessions that end, and nobody else's", async () => {
    const { tenant, user, apiKey, version } = await family(store());
    const second = sampleKey(tenant.id, { userId: user.id, prefix: "slc_live_xyz" });
    const other = sampleUser(tenant.id);
    await written(
      store(),
      putKey(second, { credential: hashed(newHash()) }),
      putKey(sampleKey(tenant.id, { userId: user.id, revokedAtMs: 5 }), { credential: hashed(newHash()) }),
      putKey(sampleKey(tenant.id), { credential: hashed(newHash()) }),
      putUser(other),
    );
    const over = await startSession(user);
    await written(store(), { type: "end_session", id: over, atMs: 2_000_000 });
    const session = await startSession(user);
    await startSession({ ...other });
    const target = { type: "user", id: user.id };
    const said = { role: "developer" };
    const audit = [auditOf(tenant.id, { action: "user.delete", target, before: said, after: undefined })];
    await store().write({ changes: [{ type: "delete_user", id: user.id, seen: version }], audit });
    expect(await before(tenant.id)).toEqual({
      role: "developer",
      apiKeys: [
        { id: apiKey.id, prefix: apiKey.prefix },
        { id: second.id, prefix: second.prefix },
      ],
      apiKeyCount: 2,
      sessions: [session],
      sessionCount: 1,
    });
    expect(await store().verifyAudit(tenant.id)).toMatchObject({ intact: true, entries: 1 });
  });

  it("tells of a deleted tenant the first hundred keys and how many there were, and of each other entry nothing", async () => {
    const { tenant, user, version } = await family(store());
    const keys = Array.from({ length: 100 }, () => sampleKey(tenant.id));
    await written(store(), ...keys.map((key) => putKey(key, { credential: hashed(newHash()) })));
    const session = await startSession(user);
    const target = { type: "tenant", id: tenant.id };
    const audit = [
      auditOf(tenant.id, { target: { type: "tenant", id: newId() } }),
      auditOf(tenant.id, { action: "tenant.delete", target, after: undefined }),
    ];
    await store().write({ changes: [{ type: "delete_tenant", id: tenant.id, seen: version }], audit });
    const { entries } = await store().audit({ tenantId: tenant.id, first: 2, after: undefined });
    const told = entries.find(({ action }) => action === "tenant.delete")?.before;
    expect(told).toMatchObject({ apiKeyCount: 101, sessions: [session], sessionCount: 1 });
    expect(told?.["apiKeys"]).toHaveLength(100);
    expect(entries.find(({ action }) => action !== "tenant.delete")?.before).toBeUndefined();
    expect(await store().verifyAudit(tenant.id)).toMatchObject({ intact: true, entries: 2 });
  });
}

// What no database writes to the directory, and that it writes all of a change or nothing.

import { expect, it } from "vitest";
import type { DirectoryChange, DirectoryStore } from "../../src/core/directory/directory-store.ts";
import {
  auditOf,
  family,
  hashed,
  newHash,
  newSlug,
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

export function ownersAreAsked(store: () => DirectoryStore): void {
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

export function writesAreWhole(store: () => DirectoryStore): void {
  it("writes nothing, no version and no audit entry, where one of the changes is refused", async () => {
    const { tenant, user, version } = await family(store());
    const fresh = sampleUser(tenant.id);
    const write = {
      changes: [putUser(fresh), putTenant({ ...tenant, name: "Other" }, version), putUser(user)],
      audit: [auditOf(tenant.id)],
    };
    expect(await store().write(write)).toEqual({ outcome: "exists", at: 2 });
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

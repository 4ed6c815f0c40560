// What every directory keeps apart of what was imported.

import { expect, it } from "vitest";
import type { DirectoryStore } from "../../src/core/directory/directory-store.ts";
import {
  auditOf,
  family,
  hashed,
  imported,
  newBcryptHash,
  newHash,
  putKey,
  sampleKey,
  written,
} from "./sample-directory.ts";
import { newId } from "./sample-records.ts";

const put = (tenantId: string, bcryptHash: string) =>
  putKey(sampleKey(tenantId), { credential: imported(bcryptHash) });

export function importedHashesAreOnes(store: () => DirectoryStore): void {
  it("refuses a bcrypt hash that another key has, whosever that is, and says which it is", async () => {
    const [one, other] = [await family(store()), await family(store())];
    const bcryptHash = newBcryptHash();
    const version = await written(store(), put(one.tenant.id, bcryptHash));
    for (const { tenant } of [one, other]) {
      const changes = [put(tenant.id, newBcryptHash()), put(tenant.id, bcryptHash)];
      expect(await store().write({ changes, audit: [] })).toEqual({ outcome: "exists", at: 1 });
    }
    const seen = other.version;
    const changes = [putKey(other.apiKey, { credential: imported(bcryptHash), seen })];
    expect(await store().write({ changes, audit: [] })).toEqual({ outcome: "exists", at: 0 });
    expect((await store().changesSince(version)).changed).toEqual([]);
  });

  it("lets one of those through who import the same hash at once", async () => {
    const tenants = [await family(store()), await family(store()), await family(store())];
    const bcryptHash = newBcryptHash();
    const asked = tenants.map(({ tenant }) =>
      store().write({ changes: [put(tenant.id, bcryptHash)], audit: [] }),
    );
    const outcomes = (await Promise.all(asked)).map(({ outcome }) => outcome);
    expect(outcomes.toSorted()).toEqual(["exists", "exists", "written"]);
  });

  it("gives a bcrypt hash free with the first use, a new secret or the end of its key", async () => {
    const { tenant } = await family(store());
    const [used, rotated, deleted] = [newBcryptHash(), newBcryptHash(), newBcryptHash()];
    const keys = [used, rotated, deleted].map((bcryptHash) => ({ bcryptHash, apiKey: sampleKey(tenant.id) }));
    const seen = await written(
      store(),
      ...keys.map(({ apiKey, bcryptHash }) => putKey(apiKey, { credential: imported(bcryptHash) })),
    );
    const [first, second, third] = keys.map(({ apiKey }) => apiKey);
    if (first === undefined || second === undefined || third === undefined) return expect.unreachable();
    expect(await store().rehashKey(first.id, imported(used), hashed(newHash()))).toBe(true);
    await written(
      store(),
      putKey(second, { credential: hashed(newHash()), seen }),
      { type: "delete_api_key", id: third.id, seen },
      ...keys.map(({ bcryptHash }) => put(tenant.id, bcryptHash)),
    );
  });
}

export function importsAreBounded(store: () => DirectoryStore): void {
  /** At most four begin alike. */
  const importing = (tenantId: string, ...prefixes: readonly string[]) =>
    store().write({
      changes: [
        ...prefixes.map((prefix) =>
          putKey(sampleKey(tenantId, { prefix }), { credential: imported(newBcryptHash()) }),
        ),
        { type: "bound_imports", tenantId, prefixes },
      ],
      audit: [auditOf(tenantId)],
    });

  it("takes no imported keys that are too many with those of the tenant that are there by then", async () => {
    const [{ tenant, version }, other] = [await family(store()), await family(store())];
    const prefix = `imp_${newId()}`;
    const three = [prefix, prefix, prefix.slice(0, -1)];
    expect(await importing(tenant.id, ...three)).toMatchObject({ outcome: "written" });
    const { version: next } = await store().changesSince(version);
    for (const more of [prefix, prefix.slice(0, -2), `${prefix}x`]) {
      expect(await importing(tenant.id, more, `gw_${newId()}`, more)).toEqual({
        outcome: "changed_meanwhile",
      });
    }
    expect((await store().changesSince(next)).changed).toEqual([]);
    expect(await store().verifyAudit(tenant.id)).toMatchObject({ entries: 1 });
    expect(await importing(other.tenant.id, ...three)).toMatchObject({ outcome: "written" });
    expect(await importing(tenant.id, `${prefix}x`, `gw_${newId()}`)).toMatchObject({ outcome: "written" });
    const [first] = await store().importedKeys([prefix], { ofTenant: 1, limit: 1 });
    if (first === undefined) return expect.unreachable();
    await store().rehashKey(first.apiKey.id, first.credential, hashed(newHash()));
    expect(await importing(first.apiKey.tenantId, prefix)).toMatchObject({ outcome: "written" });
  });

  it("lets one of those through who import at once what is too much together", async () => {
    const { tenant } = await family(store());
    const prefix = `imp_${newId()}`;
    const asked = Array.from({ length: 4 }, () => importing(tenant.id, prefix, prefix, prefix));
    const outcomes = (await Promise.all(asked)).map(({ outcome }) => outcome);
    expect(outcomes.toSorted()).toEqual([
      "changed_meanwhile",
      "changed_meanwhile",
      "changed_meanwhile",
      "written",
    ]);
  });
}

// How every database lists tenants, users and keys.

import { expect, it } from "vitest";
import type { DirectoryStore } from "../../src/core/directory/directory-store.ts";
import {
  family,
  newSlug,
  putKey,
  putTenant,
  putUser,
  sampleKey,
  sampleTenant,
  sampleUser,
  written,
} from "./sample-directory.ts";
import { newId } from "./sample-records.ts";

const idsOf = ({ entries }: { readonly entries: readonly { readonly id: string }[] }) =>
  entries.map(({ id }) => id);

export function entriesAreListed(store: () => DirectoryStore): void {
  it("lists tenants in the order of their names' characters, page by page", async () => {
    const mark = newId();
    const ids = [`${mark}-b`, `${mark}a`, `${mark}-a-b`, `${mark}-ab`, mark];
    await written(store(), ...ids.map((id) => putTenant(sampleTenant({ id }))));
    const seen: string[] = [];
    let after: string | undefined;
    for (let isMore = true; isMore;) {
      const page = await store().tenants({ first: 2, after, search: mark });
      seen.push(...idsOf(page));
      after = page.entries.at(-1)?.id;
      isMore = page.hasMore;
    }
    expect(seen).toEqual([...ids].sort());
  });

  it("lists what is whole in an entry", async () => {
    const { tenant, user, apiKey } = await family(store());
    const query = { tenantId: tenant.id, first: 5, after: undefined };
    const found = await store().keyById(apiKey.id);
    expect((await store().tenants({ first: 5, after: undefined, search: tenant.id })).entries).toStrictEqual([
      found?.tenant,
    ]);
    expect(await store().users(query)).toStrictEqual({ entries: [found?.user], hasMore: false });
    expect(await store().apiKeys(query)).toStrictEqual({ entries: [found?.apiKey], hasMore: false });
    expect(await store().tenantsById([tenant.id])).toStrictEqual([found?.tenant]);
    expect(await store().usersById([user.id])).toStrictEqual([found?.user]);
    expect(await store().apiKeysById([apiKey.id])).toStrictEqual([found?.apiKey]);
  });

  it("lists users of one tenant or of all, page by page", async () => {
    const tenants = [sampleTenant(), sampleTenant()];
    const [tenant] = tenants;
    const tenantId = tenant?.id ?? "";
    const mark = newId();
    const users = Array.from({ length: 7 }, (_, i) =>
      sampleUser(tenants[i % 2]?.id ?? "", { name: `${mark} ${i}` }),
    );
    await written(store(), ...tenants.map((each) => putTenant(each)), ...users.map((each) => putUser(each)));
    const own = users.filter((user) => user.tenantId === tenantId).map(({ id }) => id);
    const first = await store().users({ tenantId, first: 3, after: undefined });
    expect([idsOf(first), first.hasMore]).toEqual([own.slice(0, 3), true]);
    const second = await store().users({ tenantId, first: 3, after: own[2] });
    expect([idsOf(second), second.hasMore]).toEqual([own.slice(3), false]);
    const all = await store().users({ tenantId: undefined, first: 7, after: undefined, search: mark });
    expect([idsOf(all), all.hasMore]).toEqual([users.map(({ id }) => id), false]);
    expect(await store().users({ tenantId: newSlug(), first: 3, after: undefined })).toEqual({
      entries: [],
      hasMore: false,
    });
  });

  it("finds a part of a name or an email in any case, and takes no character for a pattern", async () => {
    const { tenant } = await family(store());
    const names = ["ÄNNE Straße", "100% sure", "1000 sure", "a_b", "axb", "!", "ÄNNE"];
    const users = names.map((name) => sampleUser(tenant.id, { name }));
    await written(store(), ...users.map((each) => putUser(each)));
    const found = async (search: string) =>
      (await store().users({ tenantId: tenant.id, first: 50, after: undefined, search })).entries.map(
        ({ name }) => name,
      );
    expect(await found("änne")).toEqual(["ÄNNE Straße", "ÄNNE"]);
    expect(await found("STRASSE")).toEqual([]);
    expect(await found("0%")).toEqual(["100% sure"]);
    expect(await found("a_b")).toEqual(["a_b"]);
    expect(await found("!")).toEqual(["!"]);
    expect(await found((users[3]?.email ?? "").toUpperCase())).toEqual(["a_b"]);
    expect(await found("")).toHaveLength(names.length + 1);
  });

  it("filters by whether it is active, and keys by whose they are", async () => {
    const { tenant, user, apiKey } = await family(store());
    const idle = sampleKey(tenant.id, { active: false, prefix: "slc_test_XYZ" });
    await written(store(), putKey(idle));
    const query = { tenantId: tenant.id, first: 5, after: undefined };
    expect(idsOf(await store().apiKeys({ ...query, active: true }))).toEqual([apiKey.id]);
    expect(idsOf(await store().apiKeys({ ...query, active: false }))).toEqual([idle.id]);
    expect(idsOf(await store().apiKeys({ ...query, userId: user.id }))).toEqual([apiKey.id]);
    expect(idsOf(await store().apiKeys({ ...query, search: "test_xyz" }))).toEqual([idle.id]);
    expect(idsOf(await store().users({ ...query, active: false }))).toEqual([]);
    const off = sampleTenant({ active: false });
    await written(store(), putTenant(off));
    const tenants = (active: boolean) =>
      store().tenants({ first: 5, after: undefined, search: off.id, active });
    expect([idsOf(await tenants(false)), idsOf(await tenants(true))]).toEqual([[off.id], []]);
  });

  it("tells how long tenants keep what was said, those that were deleted too", async () => {
    const logging = { bodies: "full", redact: false, retentionDays: 7 } as const;
    const [kept, deleted] = [sampleTenant({ logging }), sampleTenant({ logging })];
    const endless = sampleTenant({ logging: { ...logging, retentionDays: undefined } });
    const seen = await written(store(), putTenant(kept), putTenant(deleted), putTenant(endless));
    await written(store(), { type: "delete_tenant", id: deleted.id, seen });
    const all = await store().retentionsAfter(undefined, 10_000);
    const ids = all.map(({ id }) => id);
    expect(all.filter(({ id }) => [kept, deleted, endless].some((tenant) => tenant.id === id))).toEqual(
      [kept.id, deleted.id].toSorted().map((id) => ({ id, retentionDays: 7 })),
    );
    expect(ids).toEqual(ids.toSorted());
    expect(await store().retentionsAfter(ids.at(-2), 10_000)).toEqual(all.slice(-1));
    expect(await store().retentionsAfter(undefined, 1)).toEqual(all.slice(0, 1));
  });

  it("gives those of a list of ids that there are", async () => {
    const { tenant, user, apiKey } = await family(store());
    expect(idsOf({ entries: await store().tenantsById(["no such", tenant.id]) })).toEqual([tenant.id]);
    const before = tenant.id.slice(0, -1);
    expect(idsOf({ entries: await store().tenantsAfter(before, 1) })).toEqual([tenant.id]);
    const all = idsOf({ entries: await store().tenantsAfter(undefined, 10_000) });
    expect(all).toContain(tenant.id);
    expect(all).toEqual(all.toSorted());
    expect(idsOf({ entries: await store().tenantsAfter(tenant.id, 10_000) })).not.toContain(tenant.id);
    expect(idsOf({ entries: await store().usersById([newId(), user.id, "no id"]) })).toEqual([user.id]);
    expect(idsOf({ entries: await store().apiKeysById([apiKey.id, apiKey.id]) })).toEqual([apiKey.id]);
    expect(await store().usersById([])).toEqual([]);
  });
}

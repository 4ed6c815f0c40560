// How every database tells other gateways what was changed.

import { expect, it } from "vitest";
import type { DirectoryStore } from "../../src/core/directory/directory-store.ts";
import { family, putSso, putUser, sampleSso, written } from "./sample-directory.ts";
import type { RunByAnother } from "./tampering-contract.ts";

export function changesAreTold(store: () => DirectoryStore): void {
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

export function changesAreForgotten(store: () => DirectoryStore, run: RunByAnother): void {
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

// What every database does for what is configured at run time.

import fc from "fast-check";
import { expect, it } from "vitest";
import { afterChange } from "../../src/config/managed/stored-changes.ts";
import type { ConfigChange, ConfigStore, StoredProvider } from "../../src/core/managed/config-store.ts";
import { platformTrail } from "../../src/core/directory/audit.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { Database } from "../../src/db/database.ts";
import { auditOf, putTenant, sampleTenant } from "./sample-directory.ts";

const provider = (name: string, over: Partial<StoredProvider> = {}): StoredProvider => ({
  name,
  config: { kind: "groq" },
  draining: false,
  secret: undefined,
  ...over,
});
const putProvider = (name: string, over: Partial<StoredProvider> = {}): ConfigChange => ({
  type: "put_provider",
  provider: provider(name, over),
});
const putRoute = (name: string, config: JsonObject, draining = false): ConfigChange => ({
  type: "put_route",
  route: { name, config, draining },
});

const told = () => auditOf(platformTrail, { action: "provider.update" });

/** Whatever version it is now. What is stored afterwards is what whoever changes it foresees. */
async function change(store: ConfigStore, made: ConfigChange): Promise<number> {
  const before = await store.read();
  const version = await store.write(before.version, made, told());
  if (version === undefined) throw new Error("Somebody else has changed it.");
  expect(await store.read()).toEqual(afterChange(before, made));
  return version;
}

const namesOf = async (store: ConfigStore) => {
  const { providers, routes } = await store.read();
  return [providers, routes].map((rows) => rows.map(({ name }) => name));
};

export function configurationIsKept(store: () => ConfigStore): void {
  const secret = {
    keyId: "0123456789abcdef",
    nonce: Uint8Array.from({ length: 12 }, (_, i) => i),
    ciphertext: Uint8Array.from({ length: 256 }, (_, i) => i),
  };

  it("begins with version 0 and nothing", async () => {
    expect(await store().version()).toBe(0);
    expect(await store().read()).toEqual({ version: 0, providers: [], routes: [] });
  });

  it("gives providers and routes back with every field, each with the version of its last change", async () => {
    const config = { kind: "azure", deployments: { zz: "1", a: "2" }, models: [], priority: -3, api: null };
    const first = await change(store(), putProvider("kept", { config, secret, draining: true }));
    const second = await change(store(), putRoute("kept", { targets: null, strategy: "smart" }, true));
    expect(second).toBe(first + 1);
    const { version, providers, routes } = await store().read();
    expect(version).toBe(second);
    expect(await store().version()).toBe(second);
    expect(providers.find(({ name }) => name === "kept")).toStrictEqual({
      ...provider("kept", { config, secret, draining: true }),
      version: first,
    });
    expect(routes.find(({ name }) => name === "kept")).toStrictEqual({
      name: "kept",
      config: { targets: null, strategy: "smart" },
      draining: true,
      version: second,
    });
  });

  it("keeps a mapping's order, on which a default model depends", async () => {
    const deployments = { "gpt-5-mini": "x", b: "y", "10": "z", "": "" };
    await change(store(), putProvider("ordered", { config: { deployments } }));
    const { providers } = await store().read();
    const kept = providers.find(({ name }) => name === "ordered")?.config;
    expect(JSON.stringify(kept)).toBe(JSON.stringify({ deployments }));
  });

  it("keeps any JSON", async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()), async (config) => {
        const written: JsonObject = JSON.parse(JSON.stringify(config));
        await change(store(), putRoute("any", written));
        const { routes } = await store().read();
        expect(routes.find(({ name }) => name === "any")?.config).toEqual(written);
      }),
      { numRuns: 20 },
    );
  });

  it("replaces what has the name, secret included, and leaves its place among the others", async () => {
    await change(store(), putProvider("z-early", { secret }));
    await change(store(), putProvider("a-late"));
    await change(store(), putProvider("z-early", { config: { kind: "xai" } }));
    const { providers } = await store().read();
    expect(providers.find(({ name }) => name === "z-early")).toMatchObject({
      config: { kind: "xai" },
      secret: undefined,
    });
    const names = providers.map(({ name }) => name);
    expect(names.indexOf("z-early")).toBeLessThan(names.indexOf("a-late"));
  });

  it("removes by name, providers and routes apart; what is not there may be removed too", async () => {
    await change(store(), putProvider("gone"));
    await change(store(), putRoute("gone", {}));
    await change(store(), { type: "remove_provider", name: "gone" });
    let [providers, routes] = await namesOf(store());
    expect([providers?.includes("gone"), routes?.includes("gone")]).toEqual([false, true]);
    const before = await store().version();
    await change(store(), { type: "remove_route", name: "gone" });
    await change(store(), { type: "remove_route", name: "gone" });
    [providers, routes] = await namesOf(store());
    expect(routes).not.toContain("gone");
    expect(await store().version()).toBe(before + 2);
  });

  it("refuses whoever has not seen the last change, and then changes nothing", async () => {
    const seen = await store().version();
    await change(store(), putProvider("theirs"));
    const before = await store().read();
    for (const old of [seen, seen - 1, seen + 2, -1]) {
      expect(await store().write(old, putProvider("mine"), told())).toBeUndefined();
      expect(await store().write(old, { type: "remove_provider", name: "theirs" }, told())).toBeUndefined();
    }
    expect(await store().read()).toEqual(before);
  });

  it("lets one of those through who have seen the same and write at once", async () => {
    const seen = await store().version();
    const names = Array.from({ length: 8 }, (_, i) => `racer-${i}`);
    const written = await Promise.all(names.map((name) => store().write(seen, putProvider(name), told())));
    expect(written.filter((version) => version !== undefined)).toEqual([seen + 1]);
    const [providers] = await namesOf(store());
    expect(providers?.filter((name) => name.startsWith("racer"))).toHaveLength(1);
  });

  it("changes nothing, the version included, where the database does not take it", async () => {
    const before = await store().read();
    const nothing: string = JSON.parse("null");
    const unfit = provider(nothing, { secret });
    await expect(
      store().write(before.version, { type: "put_provider", provider: unfit }, told()),
    ).rejects.toThrow();
    expect(await store().read()).toEqual(before);
    await change(store(), putProvider("after"));
  });
}

/** Of a database whose audit keys are there. */
export function configurationIsAudited(database: () => Pick<Database, "configs" | "directory">): void {
  const newest = async () => {
    const { entries } = await database().directory.audit({
      tenantId: platformTrail,
      first: 1,
      after: undefined,
    });
    return entries[0];
  };
  const verified = async () => database().directory.verifyAudit(platformTrail);

  it("keeps a change of what is configured with its entry", async () => {
    const { configs } = database();
    const changes: readonly ConfigChange[] = [
      putProvider("told"),
      putRoute("told", {}),
      { type: "remove_route", name: "told" },
      { type: "remove_provider", name: "told" },
    ];
    for (const made of changes) {
      const before = await configs.read();
      const entry = told();
      expect(await configs.write(before.version, made, entry)).toBe(before.version + 1);
      expect(await configs.read()).toEqual(afterChange(before, made));
      expect(await newest()).toMatchObject(entry);
    }
    expect(await verified()).toMatchObject({ intact: true });
  });

  it("keeps neither where somebody else was first, nor where the entry is not taken", async () => {
    const { configs, directory } = database();
    const { version } = await configs.read();
    const taken = told();
    await configs.write(version, putProvider("first"), taken);
    const [before, last, trail] = [await configs.read(), await newest(), await verified()];
    expect(await configs.write(version, putProvider("late"), told())).toBeUndefined();
    // Its id is another one's: the change is made by then, and the trail's end is held.
    for (const made of [putProvider("unheard"), putRoute("unheard", {})] as const) {
      await expect(configs.write(before.version, made, taken)).rejects.toThrow();
    }
    const removal = { type: "remove_provider", name: "first" } as const;
    await expect(configs.write(before.version, removal, taken)).rejects.toThrow();
    expect(await configs.read()).toEqual(before);
    expect(await newest()).toEqual(last);
    expect(await directory.verifyAudit(platformTrail)).toEqual(trail);
    expect(await configs.write(before.version, removal, told())).toBe(before.version + 1);
  });

  it("has one chain of what is configured and of the directory, however they are changed at once", async () => {
    const { configs, directory } = database();
    const before = await verified();
    const configure = async (i: number) => {
      for (;;) {
        const made = i % 2 === 0 ? putProvider(`at-once-${i}`) : putRoute(`at-once-${i}`, {});
        if ((await configs.write(await configs.version(), made, told())) !== undefined) return;
      }
    };
    const administer = async () => {
      const tenant = sampleTenant();
      // In either order, in a new trail and in one that is there.
      const audit = [auditOf(tenant.id), auditOf(platformTrail)];
      const { outcome } = await directory.write({ changes: [putTenant(tenant)], audit });
      expect(outcome).toBe("written");
    };
    const refuse = async () => {
      const audit = [platformTrail, "default"].map((trail) => auditOf(trail, { kind: "decision" }));
      await directory.write({ changes: [{ type: "audit_only" }], audit });
    };
    const refusing = Promise.all(Array.from({ length: 10 }, refuse));
    await Promise.all(Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? configure(i / 2) : administer())));
    await refusing;
    const after = await verified();
    expect(after).toMatchObject({ intact: true, problem: undefined });
    expect(after.entries).toBeGreaterThanOrEqual(before.entries + 50);
    expect(await directory.verifyAudit("default")).toMatchObject({ intact: true });
  });
}

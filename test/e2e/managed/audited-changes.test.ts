// Changes of providers and routes and their audit entries, which the database keeps together or not at all.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../../src/core/directory/audit.ts";
import type { SettingsChanges } from "../../../src/core/managed/settings-changes.ts";
import { configurationOf, createGateway, type RunningGateway } from "../../../src/gateway.ts";
import { principalOfRole } from "../../support/principals.ts";
import { createManagedFixture, databases, type ManagedFixture } from "./managed-fixture.ts";

const apiKey = "sk-canary-0123456789";
const by = { ...principalOfRole("platform_admin"), userId: "u-1", origin: { address: "192.0.2.7" } };
const mine = { name: "mine", kind: "openai", apiKey, baseUrl: "http://127.0.0.1:9/v1", model: "m-1" };
const targets = [{ provider: "mine", model: "m-1" }];
const secret = "a secret that is long enough to be one";

const unheard = () => undefined;

/** In an order in which each can be made. */
const changes = {
  addProvider: (to) => to.addProvider(by, mine),
  updateProvider: (to) => to.updateProvider(by, { name: "mine", priority: 1 }),
  drainProvider: (to) => to.drainProvider(by, { name: "mine", draining: true }),
  addRoute: (to) => to.addRoute(by, { name: "x", targets }),
  updateRoute: (to) => to.updateRoute(by, { name: "x", strategy: "weighted" }),
  drainRoute: (to) => to.drainRoute(by, { name: "x", draining: true }),
  removeRoute: (to) => to.removeRoute(by, "x"),
  resealSecrets: (to) => to.resealSecrets(by),
  removeProvider: (to) => to.removeProvider(by, "mine"),
} satisfies Record<keyof SettingsChanges, (to: SettingsChanges) => Promise<unknown>>;

async function entriesOf({ administration }: RunningGateway): Promise<readonly AuditEntry[]> {
  const page = await administration.auditLog(by, { tenantId: "platform", first: 200 });
  return page.entries.toReversed();
}

/** By the gateway's own reading: nobody else here opens a file that it has open. */
const stateOf = async (gateway: RunningGateway) => ({
  providers: gateway.settings.providers(by),
  routes: gateway.settings.routes(by),
  entries: await entriesOf(gateway),
});

/** How entries are made to fail, and no more. */
const refusing = {
  SQLite: {
    begin: "create trigger no_more before insert on audit_logs begin select raise(abort, 'disk full'); end",
    end: "drop trigger no_more",
  },
  PostgreSQL: {
    begin: "alter table audit_logs add constraint no_more check (count < 0) not valid",
    end: "alter table audit_logs drop constraint no_more",
  },
} as const;

describe.each(databases)("on %s a change of providers and routes", (database) => {
  let fixture: ManagedFixture;
  let gateway: RunningGateway;
  beforeEach(async () => {
    fixture = await createManagedFixture(database);
    gateway = await fixture.start({ environment: { OPENAI_API_KEY: "declared-key", SLUICE_SECRET: secret } });
  });
  afterEach(() => fixture.close());

  it("is on the gateway's own trail before its maker hears of it, in what it changed", async () => {
    const { settings, administration } = gateway;
    await settings.addProvider(by, { ...mine, settings: {} });
    expect((await entriesOf(gateway)).at(-1)).toMatchObject({
      tenantId: "platform",
      kind: "change",
      action: "provider.add",
      actor: { type: "user", id: "u-1" },
      target: { type: "provider", id: "mine" },
      origin: { address: "192.0.2.7" },
      before: undefined,
      after: { name: "mine", kind: "openai", baseUrl: mine.baseUrl, models: ["m-1"], keyChanged: true },
    });
    await settings.updateProvider(by, {
      name: "mine",
      priority: 7,
      test: true,
      apiKeys: [apiKey, "sk-canary-2"],
      apiKey: null,
    });
    const updated = (await entriesOf(gateway)).at(-1);
    expect(updated).toMatchObject({
      action: "provider.update",
      after: { priority: 7, test: true, keys: 2, keyChanged: true },
    });
    expect(updated?.before).toEqual({ priority: 0, test: false });
    await settings.drainProvider(by, { name: "mine", draining: true });
    await settings.addRoute(by, { name: "fast", targets });
    await settings.updateRoute(by, { name: "fast", strategy: "weighted" });
    await settings.drainRoute(by, { name: "fast", draining: true });
    await settings.removeRoute(by, "fast");
    await settings.removeProvider(by, "mine");
    const all = await entriesOf(gateway);
    expect(all.slice(2)).toMatchObject([
      { action: "provider.drain", before: { draining: false }, after: { draining: true } },
      {
        action: "route.add",
        target: { type: "route", id: "fast" },
        before: undefined,
        after: { name: "fast", targets: [{ provider: "mine", model: "m-1" }] },
      },
      { action: "route.update", before: { strategy: "priority" }, after: { strategy: "weighted" } },
      { action: "route.drain", before: { draining: false }, after: { draining: true } },
      { action: "route.remove", before: { name: "fast", draining: true }, after: undefined },
      { action: "provider.remove", before: { name: "mine", priority: 7 }, after: undefined },
    ]);
    expect(all[2]?.before).toEqual({ draining: false });
    expect(JSON.stringify(all)).not.toContain("canary");
    expect(JSON.stringify(all)).not.toContain("health");
    expect(await administration.verifyAudit(by, "platform")).toMatchObject({ intact: true, entries: 8 });
  });

  it("that only a kind has is told by its name", async () => {
    const credential = { region: "eu-west-1", accessKeyId: "canary-id", secretAccessKey: "canary-secret" };
    await gateway.settings.addProvider(by, {
      name: "aws",
      kind: "bedrock",
      model: "m",
      settings: credential,
    });
    const entries = await entriesOf(gateway);
    expect(entries.at(-1)).toMatchObject({ after: { settingsChanged: Object.keys(credential) } });
    expect(JSON.stringify(entries)).not.toContain("canary");
  });

  it("tells each secret that was sealed anew, and nothing of what cannot be served", async () => {
    await gateway.settings.addProvider(by, mine);
    await gateway.close();
    gateway = await fixture.start({
      environment: { SLUICE_SECRET: `${secret} later`, SLUICE_SECRET_PREVIOUS: secret },
    });
    const before = (await entriesOf(gateway)).length;
    expect(await gateway.settings.resealSecrets(by)).toMatchObject({ resealed: 1 });
    expect(await gateway.settings.resealSecrets(by)).toMatchObject({ resealed: 0 });
    const resealed = (await entriesOf(gateway)).slice(before);
    expect(resealed).toMatchObject([{ action: "provider.reseal", target: { id: "mine" } }]);
    expect(resealed[0]?.before).toBeUndefined();
    expect(resealed[0]?.after).toEqual({ secretResealed: true });
    await gateway.close();
    gateway = await fixture.start({ environment: { SLUICE_SECRET: "another secret that is long enough" } });
    await expect(gateway.settings.drainProvider(by, { name: "mine", draining: true })).rejects.toMatchObject({
      code: "conflict",
    });
    await gateway.settings.removeProvider(by, "mine");
    expect((await entriesOf(gateway)).slice(before + 1)).toMatchObject([
      { action: "provider.drain", before: { draining: false }, after: { draining: true } },
      { action: "provider.remove", before: { name: "mine", draining: true }, after: undefined },
    ]);
  });

  it("that is refused leaves no entry", async () => {
    const { settings } = gateway;
    const nothing: readonly Promise<unknown>[] = [
      settings.addProvider(by, { ...mine, kind: "none" }),
      settings.updateProvider(by, { name: "none" }),
      settings.removeProvider(by, "openai"),
      settings.addRoute(by, { name: "a", targets: [] }),
      settings.addProvider(principalOfRole("owner"), mine),
      settings.addProvider(by, mine, { validate: true }),
    ];
    for (const end of await Promise.allSettled(nothing)) expect(end.status).toBe("rejected");
    const made = (await entriesOf(gateway)).filter(({ kind }) => kind === "change");
    expect(made).toEqual([]);
  });

  it("is not made where its entry cannot be written, whichever it is", async () => {
    const told: string[] = [];
    // The secret that is to be sealed anew is one of the first gateway's.
    for (const [name, change] of Object.entries(changes)) {
      if (name === "resealSecrets") {
        await gateway.close();
        gateway = await fixture.start({
          environment: { SLUICE_SECRET: `${secret} later`, SLUICE_SECRET_PREVIOUS: secret },
        });
      }
      const before = await stateOf(gateway);
      await fixture.change(refusing[database].begin);
      await expect(change(gateway.settings), name).rejects.toMatchObject({ code: "unavailable" });
      await fixture.change(refusing[database].end);
      const after = await stateOf(gateway);
      expect(after, name).toEqual(before);
      await change(gateway.settings);
      const entries = await entriesOf(gateway);
      expect(entries, name).toHaveLength(before.entries.length + 1);
      told.push(entries.at(-1)?.action ?? "none");
    }
    expect(new Set(told).size).toBe(Object.keys(changes).length);
    expect(await fixture.rows("select name from provider_configs")).toEqual([]);
    expect(await gateway.administration.verifyAudit(by, "platform")).toMatchObject({ intact: true });
  });

  it("stands in one chain with changes of the directory that are made at the same moment", async () => {
    const { settings, administration } = gateway;
    await settings.addProvider(by, mine);
    await Promise.all(
      Array.from({ length: 25 }, async (_, i) => {
        await Promise.all([
          settings.addRoute(by, { name: `r-${i}`, targets }),
          administration.createTenant(by, { id: `t-${i}`, name: "T" }),
        ]);
      }),
    );
    expect(await administration.verifyAudit(by, "platform")).toMatchObject({ intact: true, entries: 26 });
    expect(await administration.verifyAudit(by, "t-7")).toMatchObject({ intact: true, entries: 1 });
  });
});

it("a change that no entry can tell of, as there is no secret to chain it with, is refused and says what to do", async () => {
  const gateway = await createGateway(configurationOf({ DATABASE_URL: "sqlite::memory:" }), {
    log: { info: unheard, warn: unheard, error: unheard },
    // Where a file stands there is no folder.
    secretFile: `${import.meta.filename}/secret`,
  });
  const keyless = { name: "mine", kind: "vllm", baseUrl: "https://example.com/v1", model: "m" };
  await expect(gateway.settings.addProvider(by, keyless)).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/set SLUICE_SECRET/),
  });
  expect(gateway.settings.providers(by).some(({ name }) => name === "mine")).toBe(false);
  await gateway.close();
});

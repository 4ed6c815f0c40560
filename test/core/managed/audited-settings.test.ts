import { getRandomValues } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AuditEntry } from "../../../src/core/directory/audit.ts";
import { createAuditTrail } from "../../../src/core/directory/create-audit-trail.ts";
import type { DirectoryStore } from "../../../src/core/directory/directory-store.ts";
import { createIdSource } from "../../../src/core/ids.ts";
import { auditedSettings } from "../../../src/core/managed/audited-settings.ts";
import type { SettingsChanges } from "../../../src/core/managed/settings-changes.ts";
import type { Settings } from "../../../src/core/settings.ts";
import { configurationOf, createGateway, type RunningGateway } from "../../../src/gateway.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { keylessPrincipal, principalOfRole } from "../../support/principals.ts";
import { openDirectory } from "../directory/open-directory.ts";

const apiKey = "sk-canary-0123456789";
const by = { ...principalOfRole("platform_admin"), userId: "u-1", origin: { address: "192.0.2.7" } };
const mine = { name: "mine", kind: "openai", apiKey, baseUrl: "http://127.0.0.1:9/v1", model: "m-1" };
const targets = [{ provider: "mine", model: "m-1" }];

let gateway: RunningGateway;
beforeEach(async () => {
  const environment = {
    OPENAI_API_KEY: "declared-key",
    DATABASE_URL: "sqlite::memory:",
    SLUICE_SECRET: "a secret that is long enough to be one",
    EGRESS_NETWORKS: "127.0.0.0/8",
  };
  gateway = await createGateway(configurationOf(environment));
});
afterEach(() => gateway.close());

async function audited(): Promise<{
  readonly settings: Settings;
  readonly directory: DirectoryStore;
  readonly entries: () => Promise<readonly AuditEntry[]>;
}> {
  const directory = await openDirectory();
  const clock = createManualClock();
  const trail = createAuditTrail({
    store: directory,
    newId: createIdSource({ clock, fillRandom: (bytes) => void getRandomValues(bytes) }),
    clock,
    reportFault: (error) => expect.unreachable(String(error)),
  });
  const settings = auditedSettings(gateway.settings, (entry) => trail.write(entry));
  const entries = async () => {
    const page = await directory.audit({ tenantId: "platform", first: 200, after: undefined });
    return page.entries.toReversed();
  };
  return { settings, directory, entries };
}

describe("a change of providers and routes", () => {
  it("is on the gateway's own trail before its maker hears of it, in what it changed", async () => {
    const { settings, directory, entries } = await audited();
    await settings.addProvider(by, { ...mine, settings: {} });
    expect((await entries()).at(-1)).toMatchObject({
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
      apiKeys: [apiKey, "sk-canary-2"],
      apiKey: null,
    });
    expect((await entries()).at(-1)).toMatchObject({
      action: "provider.update",
      before: { priority: 0 },
      after: { priority: 7, keys: 2, keyChanged: true },
    });
    expect((await entries()).at(-1)?.before).toEqual({ priority: 0 });
    await settings.drainProvider(by, { name: "mine", draining: true });
    expect((await entries()).at(-1)).toMatchObject({
      action: "provider.drain",
      before: { draining: false },
      after: { draining: true },
    });
    await settings.addRoute(by, { name: "fast", targets });
    expect((await entries()).at(-1)).toMatchObject({
      action: "route.add",
      target: { type: "route", id: "fast" },
      after: { name: "fast", targets: [{ provider: "mine", model: "m-1" }] },
    });
    await settings.updateRoute(by, { name: "fast", strategy: "weighted" });
    await settings.drainRoute(by, { name: "fast", draining: true });
    await settings.removeRoute(by, "fast");
    await settings.removeProvider(by, "mine");
    const all = await entries();
    expect(all.slice(4)).toMatchObject([
      { action: "route.update", before: { strategy: "priority" }, after: { strategy: "weighted" } },
      { action: "route.drain", before: { draining: false }, after: { draining: true } },
      { action: "route.remove", before: { name: "fast", draining: true }, after: undefined },
      { action: "provider.remove", before: { name: "mine", priority: 7 }, after: undefined },
    ]);
    expect(JSON.stringify(all)).not.toContain("canary");
    expect(JSON.stringify(all)).not.toContain("health");
    expect(await directory.verifyAudit("platform")).toMatchObject({ intact: true, entries: 8 });
  });

  it("that only a kind has is told by its name", async () => {
    const { settings, entries } = await audited();
    const credential = { region: "eu-west-1", accessKeyId: "canary-id", secretAccessKey: "canary-secret" };
    await settings.addProvider(by, { name: "aws", kind: "bedrock", model: "m", settings: credential });
    expect((await entries()).at(-1)).toMatchObject({ after: { settingsChanged: Object.keys(credential) } });
    expect(JSON.stringify(await entries())).not.toContain("canary");
  });

  it("that is refused leaves no entry", async () => {
    const { settings, entries } = await audited();
    const nothing: readonly Promise<unknown>[] = [
      settings.addProvider(by, { ...mine, kind: "none" }),
      settings.updateProvider(by, { name: "none" }),
      settings.removeProvider(by, "openai"),
      settings.addRoute(by, { name: "a", targets: [] }),
      settings.addProvider(principalOfRole("owner"), mine),
    ];
    for (const end of await Promise.allSettled(nothing)) expect(end.status).toBe("rejected");
    expect(await entries()).toEqual([]);
  });

  it("is seen and asked for as before", async () => {
    const { settings } = await audited();
    expect(settings.providers(keylessPrincipal)).toEqual(gateway.settings.providers(keylessPrincipal));
    expect(settings.routes(keylessPrincipal)).toEqual(gateway.settings.routes(keylessPrincipal));
    await expect(settings.addProvider(by, mine, { validate: true })).rejects.toMatchObject({
      code: "invalid_request",
    });
  });
});

it("every change is audited", async () => {
  const written: string[] = [];
  const made = { name: "x" };
  const view: Settings = gateway.settings;
  const changes = {
    addProvider: (to) => to.addProvider(by, mine),
    updateProvider: (to) => to.updateProvider(by, { name: "mine", priority: 1 }),
    drainProvider: (to) => to.drainProvider(by, { name: "mine", draining: true }),
    resealSecrets: (to) => to.resealSecrets(by),
    addRoute: (to) => to.addRoute(by, { ...made, targets }),
    updateRoute: (to) => to.updateRoute(by, { ...made, strategy: "weighted" }),
    drainRoute: (to) => to.drainRoute(by, { ...made, draining: true }),
    removeRoute: (to) => to.removeRoute(by, "x"),
    removeProvider: (to) => to.removeProvider(by, "mine"),
  } satisfies Record<keyof SettingsChanges, (to: Settings) => Promise<unknown>>;
  const settings = auditedSettings(view, async ({ action }) => void written.push(action));
  for (const change of Object.values(changes)) await change(settings);
  expect(written).toHaveLength(Object.keys(changes).length);
  expect(new Set(written).size).toBe(written.length);
});

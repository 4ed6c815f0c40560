// Routes that are made, changed and removed while a gateway runs, and after it has started again.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RouteInput } from "../../../src/core/managed/settings-input.ts";
import {
  createManagedFixture,
  databases,
  keyless,
  type ManagedFixture,
  stateOf,
  targetsOf,
} from "./managed-fixture.ts";

const environment = { OPENAI_API_KEY: "k", OPENAI_MODEL: "gpt-x", XAI_API_KEY: "k", XAI_MODEL: "grok-x" };
const openai = { provider: "openai", model: "gpt-x" };
const xai = { provider: "xai", model: "grok-x" };

const withTargets = (...targets: NonNullable<RouteInput["targets"]>) => ({ targets });

describe.each(databases)("on %s", (database) => {
  let fixture: ManagedFixture;
  beforeEach(async () => {
    fixture = await createManagedFixture(database);
  });
  afterEach(() => fixture.close());

  it("adds, changes, drains and removes a route, and has it after a start again", async () => {
    const gateway = await fixture.start({ environment });
    const { settings } = gateway;
    const added = await settings.addRoute(keyless, {
      name: "fast",
      strategy: "weighted",
      targets: [
        { ...openai, weight: 3, retries: 0 },
        { ...xai, priority: 2 },
      ],
      onStreamBreak: "restart",
      hedge: { afterMs: "p95", maxSharePercent: 10 },
    });
    expect(added).toMatchObject({
      source: "managed",
      strategy: "weighted",
      automatic: false,
      draining: false,
      version: 1,
      targets: [
        { provider: "xai", priority: 2 },
        { provider: "openai", weight: 3, retries: 0 },
      ],
      policy: { midStream: "restart", hedge: { after: "p95", maxShare: 0.1 } },
    });
    const changed = await settings.updateRoute(keyless, { name: "fast", strategy: "smart", hedge: null });
    expect(changed).toMatchObject({ strategy: "smart", version: 2, policy: { midStream: "restart" } });
    expect(changed.policy.hedge).toBeUndefined();
    expect(await settings.drainRoute(keyless, { name: "fast", draining: true })).toMatchObject({
      draining: true,
      strategy: "smart",
    });
    const before = settings.routes(keyless);
    await gateway.close();

    const after = await fixture.start({ environment });
    expect(after.settings.routes(keyless)).toEqual(before);
    expect(await after.settings.removeRoute(keyless, "fast")).toMatchObject({ name: "fast", draining: true });
    expect(after.settings.routes(keyless).map(({ name }) => name)).toEqual(["default"]);
    await expect(after.settings.removeRoute(keyless, "fast")).rejects.toMatchObject({ code: "not_found" });
  });

  it("changes how the automatic route chooses, and its targets still follow the providers", async () => {
    const gateway = await fixture.start({ environment: { ...environment, ROUTE_STRATEGY: "round_robin" } });
    const { settings } = gateway;
    expect(settings.routes(keyless)[0]).toMatchObject({ source: "default", strategy: "round_robin" });
    await settings.updateRoute(keyless, { name: "default", onStreamBreak: "restart" });
    expect(settings.routes(keyless)[0]).toMatchObject({ strategy: "round_robin", automatic: true });
    await settings.updateRoute(keyless, { name: "default", strategy: "lowest_cost" });
    expect(settings.routes(keyless)[0]).toMatchObject({
      source: "managed",
      strategy: "lowest_cost",
      automatic: true,
      policy: { midStream: "restart" },
    });
    const more = { name: "more", kind: "groq", apiKey: "k", model: "m", priority: 5 };
    await settings.addProvider(keyless, more);
    const targets = ["more/m", "openai/gpt-x", "xai/grok-x"];
    expect(targetsOf(gateway)).toEqual(targets);
    await gateway.close();

    const after = await fixture.start({ environment });
    expect(targetsOf(after)).toEqual(targets);
    expect(after.settings.routes(keyless)[0]).toMatchObject({ strategy: "lowest_cost", automatic: true });
    await after.settings.removeRoute(keyless, "default");
    expect(after.settings.routes(keyless)[0]).toMatchObject({ source: "default", strategy: "priority" });
    await expect(after.settings.removeRoute(keyless, "default")).rejects.toMatchObject({
      code: "invalid_request",
      message: 'name: "default" is the gateway\'s own: change it there',
    });
  });

  it("gives the route default targets of its own, and takes them away again", async () => {
    const gateway = await fixture.start({ environment });
    const { settings } = gateway;
    await settings.addRoute(keyless, { name: "default", targets: [xai] });
    expect(targetsOf(gateway)).toEqual(["xai/grok-x"]);
    await settings.addProvider(keyless, { name: "more", kind: "groq", apiKey: "k", priority: 5 });
    expect(targetsOf(gateway)).toEqual(["xai/grok-x"]);
    await expect(settings.addRoute(keyless, { name: "default", targets: [xai] })).rejects.toMatchObject({
      code: "conflict",
    });
    await settings.updateRoute(keyless, { name: "default", targets: null });
    expect(targetsOf(gateway)).toEqual(["more/openai/gpt-oss-120b", "openai/gpt-x", "xai/grok-x"]);
  });

  it.each<[RouteInput & { readonly name?: string }, string]>([
    [{ name: "No Name" }, "name"],
    [withTargets({ ...openai, weight: -1 }, xai), "targets[0].weight"],
    [withTargets({ ...openai, weight: 0 }), "targets"],
    [withTargets({ ...openai, retries: 11 }), "targets[0].retries"],
    [withTargets({ provider: "ghost", model: "m" }), "targets[0].provider"],
    [withTargets(openai, { provider: "made", model: "m" }), "targets[1].provider"],
    [withTargets(openai, openai), "targets[1]"],
    [withTargets({ ...openai, timeouts: { firstTokenMs: 0 } }), "targets[0].timeouts.firstTokenMs"],
    [withTargets({ ...openai, api: "other" }), "targets[0].api"],
    [{ targets: [] }, "targets"],
    [{ targets: null }, "targets"],
    [{ smartWeights: { latency: -1, cost: 1 } }, "smartWeights.latency"],
    [{ smartWeights: { latency: 0, cost: 0 } }, "smartWeights"],
    [{ maxRetryDelayMs: -1 }, "maxRetryDelayMs"],
    [{ hedge: { afterMs: 0 } }, "hedge.afterMs"],
    [{ hedge: { afterMs: "p50" } }, "hedge.afterMs"],
    [{ hedge: { afterMs: 10, maxSharePercent: 101 } }, "hedge.maxSharePercent"],
    [{ ...withTargets(openai), hedge: { afterMs: 10 } }, "hedge"],
    [
      { cache: { semantic: { embedding: { provider: "ghost", model: "m" } } } },
      "cache.semantic.embedding.provider",
    ],
  ])("refuses %j with the field, and changes nothing", async (over, field) => {
    const gateway = await fixture.start({ environment });
    const { settings } = gateway;
    await settings.addRoute(keyless, { name: "made", targets: [openai, xai] });
    const before = await stateOf(fixture, gateway);
    const refused = { code: "invalid_request", field, message: expect.stringContaining(`${field}: `) };
    const input = { name: "new", targets: [openai, xai], ...over };
    await expect(settings.addRoute(keyless, input)).rejects.toMatchObject(refused);
    if (over.name === undefined) {
      await expect(settings.updateRoute(keyless, { ...over, name: "made" })).rejects.toMatchObject(refused);
    }
    if (over.name === undefined && over.targets === undefined) {
      const automatic = settings.updateRoute(keyless, { ...over, name: "default" });
      await expect(automatic).rejects.toMatchObject(refused);
    }
    expect(await stateOf(fixture, gateway)).toEqual(before);
  });

  it("lets the automatic route answer by meaning, and serves on where who gives the vectors is gone", async () => {
    const before = await fixture.start({ environment });
    const semantic = { embedding: { provider: "openai", model: "e" }, mode: "serve" as const };
    await before.settings.updateRoute(keyless, { name: "default", cache: { semantic } });
    expect(before.settings.routes(keyless)[0]?.policy.cache?.semantic).toMatchObject(semantic);
    await before.close();

    const after = await fixture.start({ environment: { XAI_API_KEY: "k", XAI_MODEL: "grok-x" } });
    expect(targetsOf(after)).toEqual(["xai/grok-x"]);
    expect(after.readiness().problems).toContain(
      "The route default answers no question by its meaning: openai, which gives the vectors, is not there. " +
        "Configure it, or change cache.semantic of the route.",
    );
  });

  it("serves without a target whose provider is no longer declared, and says so", async () => {
    const before = await fixture.start({ environment });
    const { settings } = before;
    const hedge = { afterMs: 50 };
    await settings.addRoute(keyless, { name: "hedged", targets: [openai, xai], hedge });
    await settings.addRoute(keyless, {
      name: "shared",
      strategy: "weighted",
      targets: [openai, { ...xai, weight: 0, retries: 1 }],
    });
    await settings.addRoute(keyless, { name: "default", targets: [openai] });
    await before.close();

    const after = await fixture.start({ environment: { XAI_API_KEY: "k", XAI_MODEL: "grok-x" } });
    expect(["hedged", "shared", "default"].map((name) => targetsOf(after, name))).toEqual([
      ["xai/grok-x"],
      ["xai/grok-x"],
      [],
    ]);
    const advice = "Nobody has configured openai here: do so, or change the route.";
    const told = (name: string) => `The route ${name} is without its targets at openai. ${advice}`;
    const { problems } = after.readiness();
    expect(problems).toEqual(expect.arrayContaining([told("hedged"), told("shared"), told("default")]));
    const routes = after.settings.routes(keyless);
    expect(routes.find(({ name }) => name === "hedged")?.policy.hedge).toMatchObject({ after: { ms: 50 } });
    expect(routes.find(({ name }) => name === "shared")).toMatchObject({
      strategy: "weighted",
      targets: [{ weight: 0, retries: 1 }],
    });
    // A change has to be right, whatever was stored before.
    await expect(
      after.settings.updateRoute(keyless, { name: "hedged", strategy: "smart" }),
    ).rejects.toMatchObject({ field: "targets[0].provider" });
    await after.close();
    const again = await fixture.start({ environment });
    expect(targetsOf(again, "hedged")).toEqual(["openai/gpt-x", "xai/grok-x"]);
  });

  it("says that a route cannot fall back to itself or to another route", async () => {
    const { settings } = await fixture.start({ environment });
    await expect(
      settings.addRoute(keyless, { name: "loop", targets: [openai, { provider: "loop", model: "m" }] }),
    ).rejects.toMatchObject({
      field: "targets[1].provider",
      message: expect.stringContaining('"loop" is this route itself'),
    });
  });

  it("changes no route of the file, and says where it stands", async () => {
    const yaml = "routes: { filed: { targets: [{ provider: openai, model: gpt-x }] } }";
    const gateway = await fixture.start({ environment, yaml });
    const { settings } = gateway;
    const before = await stateOf(fixture, gateway);
    const where = 'name: "filed" is configured in the configuration file: change it there';
    for (const changed of [
      settings.updateRoute(keyless, { name: "filed", strategy: "smart" }),
      settings.drainRoute(keyless, { name: "filed", draining: true }),
      settings.removeRoute(keyless, "filed"),
    ]) {
      await expect(changed).rejects.toMatchObject({ code: "invalid_request", field: "name", message: where });
    }
    const again = settings.addRoute(keyless, { name: "filed", targets: [xai] });
    await expect(again).rejects.toMatchObject({ code: "conflict", field: "name" });
    expect(await stateOf(fixture, gateway)).toEqual(before);
  });

  it("refuses a change of a provider that a route of it would not survive", async () => {
    const gateway = await fixture.start();
    const { settings } = gateway;
    const timeouts = { firstTokenMs: 3_000_000 };
    await settings.addProvider(keyless, { name: "slow", kind: "groq", apiKey: "k", timeouts });
    const target = { provider: "slow", model: "m", timeouts: { firstTokenMs: 2_000_000 } };
    await settings.addRoute(keyless, { name: "patient", targets: [target] });
    const before = await stateOf(fixture, gateway);
    await expect(settings.updateProvider(keyless, { name: "slow", timeouts: null })).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringMatching(/^Nothing was changed, as it would do harm: The managed route patient /),
    });
    expect(await stateOf(fixture, gateway)).toEqual(before);
  });

  it("refuses a change of what was changed meanwhile", async () => {
    const { settings } = await fixture.start({ environment });
    const { version } = await settings.addRoute(keyless, { name: "r", targets: [openai] });
    await settings.updateRoute(keyless, { name: "r", targets: [xai] }, { version });
    const conflict = { code: "conflict", field: "version" };
    await expect(settings.updateRoute(keyless, { name: "r" }, { version })).rejects.toMatchObject(conflict);
    await expect(settings.removeRoute(keyless, "r", { version })).rejects.toMatchObject(conflict);
    const drain = settings.drainRoute(keyless, { name: "r", draining: true }, { version });
    await expect(drain).rejects.toMatchObject(conflict);
    const first = settings.updateRoute(keyless, { name: "default", strategy: "smart" }, { version: 7 });
    await expect(first).rejects.toMatchObject(conflict);
  });
});

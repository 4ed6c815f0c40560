// Providers that are made, changed and removed while a gateway runs, and after it has started again.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDemoUpstream, type DemoUpstream } from "../../../src/demo/demo-upstream.ts";
import type { RunningGateway } from "../../../src/gateway.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import {
  createManagedFixture,
  databases,
  keyless,
  type ManagedFixture,
  stateOf,
  targetsOf,
} from "./managed-fixture.ts";
import { principalOfRole } from "../../support/principals.ts";

const declared = { OPENAI_API_KEY: "declared-key", OPENAI_MODEL: "gpt-x", OPENAI_PRIORITY: "3" };
const ask = (gateway: RunningGateway, model?: string) =>
  gateway.chat({ model, messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] });

describe.each(databases)("on %s", (database) => {
  let fixture: ManagedFixture;
  let upstream: DemoUpstream;
  beforeEach(async () => {
    fixture = await createManagedFixture(database);
    upstream = await createDemoUpstream({ apiKey: "the-right-key" });
  });
  afterEach(async () => {
    await fixture.close();
    await upstream.close();
  });

  const mine = (over: object = {}) => ({
    name: "mine",
    kind: "openai",
    apiKey: "the-right-key",
    baseUrl: `${upstream.url}/v1`,
    model: "demo-chat",
    ...over,
  });

  it("serves at once by a provider that is added, and joins the automatic route by its priority", async () => {
    const gateway = await fixture.start({ environment: declared });
    expect(targetsOf(gateway)).toEqual(["openai/gpt-x"]);
    const added = await gateway.settings.addProvider(keyless, mine({ priority: 2 }));
    expect(added).toMatchObject({
      name: "mine",
      kind: "openai",
      source: "managed",
      priority: 2,
      models: ["demo-chat"],
      draining: false,
      version: 1,
      validation: undefined,
    });
    expect(targetsOf(gateway)).toEqual(["openai/gpt-x", "mine/demo-chat"]);
    await gateway.settings.addProvider(keyless, mine({ name: "first", priority: 9 }));
    expect(targetsOf(gateway)).toEqual(["first/demo-chat", "openai/gpt-x", "mine/demo-chat"]);
    // Nobody was asked until now.
    expect(upstream.counts.received).toBe(0);
    expect((await ask(gateway)).meta).toMatchObject({ provider: "first", route: "default" });
    expect((await ask(gateway, "mine/demo-chat")).meta.provider).toBe("mine");
  });

  it("has after a start again what it had before, in its order", async () => {
    const before = await fixture.start({ environment: declared });
    await before.settings.addProvider(keyless, mine({ priority: 5, maxConcurrent: 7 }));
    await before.settings.addProvider(
      keyless,
      mine({ name: "bare", baseUrl: null, apiKey: "k", model: null }),
    );
    await before.settings.drainProvider(keyless, { name: "bare", draining: true });
    const [providers, targets] = [before.settings.providers(keyless), targetsOf(before)];
    expect(providers.map(({ name, draining }) => [name, draining])).toEqual([
      ["openai", false],
      ["mine", false],
      ["bare", true],
    ]);
    await before.close();

    const after = await fixture.start({ environment: declared });
    expect(after.settings.providers(keyless)).toEqual(providers);
    expect(targetsOf(after)).toEqual(targets);
    expect((await ask(after, "mine/demo-chat")).meta.provider).toBe("mine");
  });

  it("changes what is said and leaves the rest; null is the default again", async () => {
    const gateway = await fixture.start();
    const { settings } = gateway;
    await settings.addProvider(keyless, mine({ models: ["demo-chat", "demo-mini"], maxConcurrent: 4 }));
    const { version } = await settings.updateProvider(keyless, {
      name: "mine",
      priority: 4,
      maxConcurrent: null,
      breaker: { failureThreshold: 2, resetTimeoutSeconds: null },
    });
    const [view] = settings.providers(keyless);
    expect(view).toMatchObject({ priority: 4, models: ["demo-chat", "demo-mini"], version });
    expect(view?.policy.maxConcurrent).toBeUndefined();
    expect(view?.policy.breaker).toMatchObject({ failureThreshold: 2, resetTimeoutMs: 60_000 });
    expect((await ask(gateway)).meta.provider).toBe("mine");
  });

  it("removes a provider, and says which routes name it first", async () => {
    const gateway = await fixture.start();
    const { settings } = gateway;
    await settings.addProvider(keyless, mine());
    const target = { provider: "mine", model: "demo-chat" };
    await settings.addRoute(keyless, { name: "one", targets: [target] });
    await settings.addRoute(keyless, { name: "two", targets: [target] });
    const before = await stateOf(fixture, gateway);
    await expect(settings.removeProvider(keyless, "mine")).rejects.toMatchObject({
      code: "invalid_request",
      field: "name",
      message: 'name: "mine" is a target of the routes one, two. Change or remove them first',
    });
    expect(await stateOf(fixture, gateway)).toEqual(before);
    await settings.removeRoute(keyless, "one");
    await settings.removeRoute(keyless, "two");
    const semantic = { embedding: { provider: "mine", model: "demo-embed" } };
    await settings.updateRoute(keyless, { name: "default", cache: { semantic } });
    await expect(settings.removeProvider(keyless, "mine")).rejects.toMatchObject({
      field: "name",
      message: 'name: "mine" is the embedding provider of the route default. Change or remove it first',
    });
    await settings.removeRoute(keyless, "default");
    expect(await settings.removeProvider(keyless, "mine")).toMatchObject({ name: "mine", draining: false });
    expect([settings.providers(keyless), targetsOf(gateway)]).toEqual([[], []]);
    await expect(ask(gateway, "mine/demo-chat")).rejects.toMatchObject({ code: "invalid_request" });
    await settings.addProvider(keyless, mine());
    expect((await ask(gateway)).meta.provider).toBe("mine");
  });

  it("asks the provider before anything is kept, where that is wanted", async () => {
    const gateway = await fixture.start();
    const { settings } = gateway;
    const before = await stateOf(fixture, gateway);
    await expect(
      settings.addProvider(keyless, mine({ apiKey: "a-wrong-key" }), { validate: true }),
    ).rejects.toMatchObject({
      code: "invalid_request",
      field: "apiKey",
      message: expect.stringMatching(
        /^apiKey: The provider did not tell its models, and nothing was changed: /,
      ),
    });
    await expect(
      settings.addProvider(keyless, mine({ apiKeys: ["the-right-key", "bad"], apiKey: null }), {
        validate: true,
      }),
    ).rejects.toMatchObject({ field: "apiKeys[1]" });
    await expect(
      settings.addProvider(keyless, mine({ baseUrl: "http://127.0.0.1:1" }), { validate: true }),
    ).rejects.toMatchObject({ field: "baseUrl" });
    expect(await stateOf(fixture, gateway)).toEqual(before);

    const added = await settings.addProvider(keyless, mine({ model: "other" }), { validate: true });
    expect(added.validation).toEqual({
      asked: true,
      message: expect.stringMatching(/^It answered with a list of \d+ models; it does not name other\.$/),
    });
    const azure = { ...mine({ name: "azure-mine", kind: "azure" }) };
    const { received } = upstream.counts;
    expect((await settings.addProvider(keyless, azure, { validate: true })).validation).toEqual({
      asked: false,
      message: "azure has no list of models to ask for: nothing was asked.",
    });
    expect(upstream.counts.received).toBe(received);
  });

  it("asks a provider without a model for its list, as a start does, and then has a target there", async () => {
    const open = await createDemoUpstream();
    const gateway = await fixture.start();
    const local = { name: "local", kind: "vllm", baseUrl: open.url };
    expect(await gateway.settings.addProvider(keyless, local)).toMatchObject({ models: [] });
    await expect.poll(() => targetsOf(gateway)).toEqual(["local/demo-chat"]);
    await gateway.close();
    await open.close();
  });

  it("takes a provider's name for taken, whoever has it", async () => {
    const gateway = await fixture.start({
      environment: declared,
      yaml: "providers: { filed: { kind: openai, apiKey: k, model: m } }",
    });
    gateway.addProvider("own", createScriptedProvider(textScript("Hello")), { models: ["m"] });
    await gateway.settings.addProvider(keyless, mine());
    const before = await stateOf(fixture, gateway);
    for (const [name, origin] of [
      ["openai", "configured in the environment"],
      ["filed", "configured in the configuration file"],
      ["own", "added by the process that holds the gateway"],
      ["mine", "managed in the database"],
    ] as const) {
      await expect(gateway.settings.addProvider(keyless, mine({ name })), name).rejects.toMatchObject({
        code: "conflict",
        field: "name",
        message: `name: There is a provider "${name}" already, ${origin}. Take another name.`,
      });
      if (name === "mine") continue;
      for (const changed of [
        gateway.settings.updateProvider(keyless, { name, priority: 1 }),
        gateway.settings.drainProvider(keyless, { name, draining: true }),
        gateway.settings.removeProvider(keyless, name),
      ]) {
        await expect(changed, name).rejects.toMatchObject({
          code: "invalid_request",
          field: "name",
          message: `name: "${name}" is ${origin}: change it there`,
        });
      }
    }
    expect(() => gateway.addProvider("mine", createScriptedProvider())).toThrow(
      expect.objectContaining({ code: "conflict" }),
    );
    await expect(gateway.settings.removeProvider(keyless, "ghost")).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await stateOf(fixture, gateway)).toEqual(before);
  });

  it.each([
    [{ name: "Not A Name" }, "name"],
    [{ kind: "grok" }, "kind"],
    [{ priority: 1.5 }, "priority"],
    [{ baseUrl: "ftp://x" }, "baseUrl"],
    [{ baseUrl: "http://user:pass@host" }, "baseUrl"],
    [{ apiKey: undefined }, "apiKey"],
    [{ apiKeys: ["one"] }, "apiKeys"],
    [{ api: "responsive" }, "api"],
    [{ maxConcurrent: 0 }, "maxConcurrent"],
    [{ timeouts: { firstTokenMs: 0 } }, "timeouts.firstTokenMs"],
    [{ timeouts: { connectMs: -1 } }, "timeouts.connectMs"],
    [{ breaker: { failureThreshold: 0 } }, "breaker.failureThreshold"],
    [{ breaker: { errorRate: { percent: 101 } } }, "breaker.errorRate.percent"],
    [{ kind: "azure", probe: { intervalSeconds: 5 } }, "probe"],
    [{ settings: { adToken: "x" } }, "settings.adToken"],
    [{ settings: { apiKey: "x" } }, "settings.apiKey"],
    [{ settings: JSON.parse('{"__proto__": "x"}') }, "settings.__proto__"],
    [{ kind: "bedrock" }, "settings.region"],
    [{ apiKey: "the-right-key\n" }, "apiKey"],
    [{ apiKey: null, apiKeys: ["the-right-key", "ключ"] }, "apiKeys[1]"],
    [{ kind: "azure", apiKey: null, settings: { adToken: "a\r\nb" } }, "settings.adToken"],
  ])("refuses %j with the field, and changes nothing", async (over, field) => {
    const gateway = await fixture.start({ environment: declared });
    await gateway.settings.addProvider(keyless, mine({ name: "other", maxConcurrent: 3 }));
    const before = await stateOf(fixture, gateway);
    const refused = { code: "invalid_request", field, message: expect.stringContaining(`${field}: `) };
    await expect(gateway.settings.addProvider(keyless, mine(over))).rejects.toMatchObject(refused);
    if (!("name" in over) && !("apiKey" in over) && !("kind" in over)) {
      const change = { name: "other", ...over };
      if (field !== "apiKeys") {
        await expect(gateway.settings.updateProvider(keyless, change)).rejects.toMatchObject(refused);
      }
    }
    expect(await stateOf(fixture, gateway)).toEqual(before);
  });

  it("refuses a change of what was changed meanwhile", async () => {
    const { settings } = await fixture.start();
    const { version } = await settings.addProvider(keyless, mine());
    await settings.updateProvider(keyless, { name: "mine", priority: 1 }, { version });
    const conflict = { code: "conflict", field: "version" };
    const update = settings.updateProvider(keyless, { name: "mine", priority: 2 }, { version });
    await expect(update).rejects.toMatchObject(conflict);
    const drain = settings.drainProvider(keyless, { name: "mine", draining: true }, { version });
    await expect(drain).rejects.toMatchObject(conflict);
    await expect(settings.removeProvider(keyless, "mine", { version })).rejects.toMatchObject(conflict);
    expect(settings.providers(keyless)[0]).toMatchObject({ priority: 1, draining: false });
  });

  it("takes no change while it stops", async () => {
    const gateway = await fixture.start();
    await gateway.close();
    await expect(gateway.settings.addProvider(keyless, mine())).rejects.toMatchObject({
      code: "unavailable",
    });
    const drain = gateway.settings.drainRoute(keyless, { name: "default", draining: true });
    await expect(drain).rejects.toMatchObject({ code: "unavailable" });
    const again = await fixture.start();
    expect(again.settings.providers(keyless)).toEqual([]);
  });

  it("takes no provider in a private network, unless configuration names it", async () => {
    const gateway = await fixture.start({ environment: { EGRESS_NETWORKS: "" } });
    const before = await stateOf(fixture, gateway);
    const inside = mine({ baseUrl: "http://169.254.169.254/latest" });
    await expect(gateway.settings.addProvider(keyless, inside)).rejects.toMatchObject({
      code: "invalid_request",
      field: "baseUrl",
      message: expect.stringContaining("EGRESS_NETWORKS"),
    });
    expect(await stateOf(fixture, gateway)).toEqual(before);
    // A name tells where it leads when it is connected to.
    await gateway.settings.addProvider(keyless, mine({ baseUrl: "http://ip6-localhost.localdomain:9/v1" }));
  });

  it("serves no change to whoever comes with a key", async () => {
    const gateway = await fixture.start();
    await gateway.settings.addProvider(keyless, mine());
    const before = await stateOf(fixture, gateway);
    const { settings } = gateway;
    const holder = principalOfRole("developer");
    const route = { name: "r", targets: [{ provider: "mine", model: "m" }] };
    for (const changed of [
      settings.addProvider(holder, mine({ name: "b" }), { validate: true }),
      settings.updateProvider(holder, { name: "mine", priority: 2 }, { validate: true }),
      settings.drainProvider(holder, { name: "mine", draining: true }),
      settings.removeProvider(holder, "mine"),
      settings.addRoute(holder, route),
      settings.updateRoute(holder, { name: "default", strategy: "smart" }),
      settings.drainRoute(holder, { name: "default", draining: true }),
      settings.removeRoute(holder, "default"),
    ]) {
      await expect(changed).rejects.toMatchObject({ code: "permission_denied" });
    }
    expect(upstream.counts.received).toBe(0);
    expect(await stateOf(fixture, gateway)).toEqual(before);
  });
});

import { describe, expect, it } from "vitest";
import { allows } from "../../../src/core/access/allowed-targets.ts";
import type { AllowedLists } from "../../../src/core/access/grants.ts";
import type { Principal } from "../../../src/core/access/principal.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import { budgetedPrincipal, createReadableAudit } from "../../support/budgeted.ts";
import { principalOfRole } from "../../support/principals.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway, type TestGatewayOptions } from "../../support/test-gateway.ts";

const asking = (model?: string): ChatRequest => ({
  model,
  messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }],
});

function begin(options: Partial<TestGatewayOptions> = {}) {
  const providers = {
    one: createScriptedProvider(textScript("from one")),
    two: createScriptedProvider(textScript("from two")),
  };
  return { providers, ...createTestGateway({ providers, models: { one: ["small", "big"] }, ...options }) };
}

interface Lists {
  readonly tenant?: AllowedLists;
  readonly key?: AllowedLists;
  readonly environment?: "live" | "test";
}

const withLists = ({ tenant, key, environment = "live" }: Lists): Principal => ({
  ...principalOfRole("developer", "acme"),
  environment,
  grants: {
    tenant: { id: "acme", timeZone: "UTC", limits: {}, budget: {}, ...tenant },
    key: { id: "k", limits: {}, budget: {}, ...key },
  },
});

describe("allowed lists", () => {
  const answeredBy: [string, Lists, string | undefined, string][] = [
    ["none: the first target", {}, undefined, "one/small"],
    ["a provider", { tenant: { allowedProviders: ["tw*"] } }, undefined, "two/m"],
    ["a model by its own name", { tenant: { allowedModels: ["b*"] } }, undefined, "one/big"],
    ["a model of one provider", { key: { allowedModels: ["two/*"] } }, undefined, "two/m"],
    [
      "both: what both allow",
      { tenant: { allowedProviders: ["one"] }, key: { allowedModels: ["big"] } },
      undefined,
      "one/big",
    ],
    [
      "a model named as the caller names it",
      { tenant: { allowedModels: ["one/big"] } },
      "one/big",
      "one/big",
    ],
    ["a bare model", { tenant: { allowedModels: ["m"] } }, "m", "two/m"],
  ];
  it.each(answeredBy)("%s", async (_, lists, model, expected) => {
    const { gateway } = begin();
    const { meta } = await gateway.chat(asking(model), { principal: withLists(lists) });
    expect(`${meta.provider}/${meta.model}`).toBe(expected);
  });

  const refused: [string, Lists, string | undefined, RegExp][] = [
    ["that are empty", { tenant: { allowedModels: [] } }, undefined, /allowedModels of the tenant/],
    [
      "that name no such provider",
      { tenant: { allowedProviders: ["three"] } },
      undefined,
      /allowedProviders of the tenant/,
    ],
    ["of the key", { key: { allowedModels: ["nope"] } }, undefined, /allowedModels of the key/],
    [
      "of the tenant, whatever the key's say",
      { tenant: { allowedModels: ["big"] }, key: { allowedModels: ["*"] } },
      "two/m",
      /allowedModels of the tenant/,
    ],
    [
      "against a model named past its route",
      { tenant: { allowedProviders: ["one"] } },
      "two/m",
      /allowedProviders of the tenant allows nothing/,
    ],
  ];
  it.each(refused)(
    "%s refuse, and no provider is asked; the trail tells it once",
    async (_, lists, model, message) => {
      const auditTrail = createReadableAudit();
      const { gateway, ledger, providers } = begin({ auditTrail });
      const refusal = gateway.chat(asking(model), { principal: withLists(lists) });
      await expect(refusal).rejects.toMatchObject({
        code: "permission_denied",
        message: expect.stringMatching(message),
      });
      expect([...providers.one.calls, ...providers.two.calls]).toEqual([]);
      expect(ledger.settled).toMatchObject([{ status: "refused", errorCode: "permission_denied" }]);
      expect(auditTrail.notes).toMatchObject([
        {
          tenantId: "acme",
          kind: "decision",
          action: "model.refuse",
          target: { type: "model", id: model ?? "default" },
          after: { refusedBy: expect.stringMatching(/^allowed(Models|Providers) of the (tenant|key)$/) },
        },
      ]);
    },
  );

  it("keep a call from falling back to what they do not allow", async () => {
    const failing = createScriptedProvider({ steps: [new Error("down")] });
    const two = createScriptedProvider(textScript("from two"));
    const { gateway } = createTestGateway({ providers: { one: failing, two } });
    const principal = withLists({ tenant: { allowedProviders: ["one"] } });
    await expect(gateway.chat(asking(), { principal })).rejects.toThrow();
    expect(two.calls).toEqual([]);
  });

  it("filter the list of models, and the routes in it", async () => {
    const { gateway } = begin();
    const idsFor = async (lists: Lists) =>
      (await gateway.settings.models(withLists(lists))).map(({ id }) => id);
    expect(await idsFor({})).toEqual(["default", "spare", "auto", "one/small", "one/big", "two/m"]);
    expect(await idsFor({ key: { allowedModels: ["big"] } })).toEqual(["default", "auto", "one/big"]);
    expect(await idsFor({ tenant: { allowedModels: [] } })).toEqual([]);
  });
});

describe("a test key", () => {
  const targets = { one: { test: true } };

  it("reaches the targets that are marked for tests, and no other", async () => {
    const { gateway, providers } = begin({ targets });
    const principal = withLists({ environment: "test" });
    expect((await gateway.chat(asking(), { principal })).meta.provider).toBe("one");
    await expect(gateway.chat(asking("two/m"), { principal })).rejects.toMatchObject({
      code: "permission_denied",
      message: expect.stringContaining("test key"),
    });
    expect(providers.two.calls).toEqual([]);
  });

  it("is on record as such", async () => {
    const { gateway, ledger } = begin({ targets });
    await gateway.chat(asking(), { principal: withLists({ environment: "test" }) });
    expect(ledger.opened).toMatchObject([{ environment: "test" }]);
  });

  it("reaches nothing where nothing is for tests", async () => {
    const { gateway } = begin();
    const refusal = gateway.chat(asking(), { principal: withLists({ environment: "test" }) });
    await expect(refusal).rejects.toMatchObject({ code: "permission_denied" });
  });

  it("does not reach a target that is not for tests, of a provider that is", async () => {
    const provider = { name: "one", test: true };
    const principal = withLists({ environment: "test" });
    const may = (test: boolean | undefined) => allows(principal, { provider, model: "m", test });
    expect([may(undefined), may(true), may(false)]).toEqual([true, true, false]);
  });

  it("sees the models that it may use", async () => {
    const { gateway } = begin({ targets });
    const models = await gateway.settings.models(withLists({ environment: "test" }));
    expect(models.map(({ id }) => id)).toEqual(["default", "auto", "one/small", "one/big"]);
  });
});

async function heldTo(principal: Principal) {
  const { gateway, providers } = begin();
  await gateway.chat(asking("one/small"), { principal });
  return providers.one.calls[0]?.context.heldToModel;
}

describe("whose model nobody else may choose", () => {
  it.each([
    ["a tenant with a list", withLists({ tenant: { allowedModels: ["*"] } })],
    ["a key with a list", withLists({ key: { allowedProviders: ["one"] } })],
    ["a tenant with a budget", budgetedPrincipal({ tenant: { hardNanos: 10n } })],
    ["a key with a budget", budgetedPrincipal({ key: { hardNanos: 10n } })],
    ["a user with a budget", budgetedPrincipal({ user: { hardNanos: 10n } })],
  ])("is that of %s", async (_, principal) => {
    expect(await heldTo(principal)).toBe(true);
  });

  it("is nobody's who may use and spend what there is", async () => {
    expect(await heldTo(withLists({}))).toBe(false);
    expect(await heldTo(budgetedPrincipal({ tenant: { softNanos: 10n } }))).toBe(false);
    expect(await heldTo(principalOfRole("developer", "acme"))).toBe(false);
  });
});

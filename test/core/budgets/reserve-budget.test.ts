import { describe, expect, it } from "vitest";
import type { Principal } from "../../../src/core/access/principal.ts";
import { createOpenCallsOfAccount } from "../../../src/core/budgets/open-calls-of-account.ts";
import type { BudgetStore } from "../../../src/core/budgets/budget-store.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import type { Price } from "../../../src/core/pricing/price.ts";
import { monthAt } from "../../../src/core/usage/time-intervals.ts";
import { budgetedPrincipal } from "../../support/budgeted.ts";
import {
  delta,
  errorOf,
  failing,
  finished,
  refusing,
  request,
  started,
  textStarted,
  usage,
} from "../../support/chat-scripts.ts";
import { createScriptedEmbedder, vectorsOf } from "../../support/scripted-embedder.ts";
import { createScriptedProvider, type Script } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { turn } from "../../support/turn.ts";
import { asked, boundNanos, budgetedGateway, answer, paidNanos, hung } from "./budgeted-gateway.ts";

const unfinished: Script = { steps: [started, textStarted, delta("Hi"), "hang"] };
/** "Hello" and "Hi", as nobody told their tokens: two of input, one of output. */
const unfinishedNanos = 2n * 1_000n + 3_000n;

const nobody = (): never => {
  throw new Error("asked");
};
const unused = { standing: nobody, settle: nobody, problems: () => [], close: nobody };

describe("a call with a budget", () => {
  it("reserves the dearest of its route's targets, and is charged what it cost", async () => {
    const gate = Promise.withResolvers<void>();
    const provider = createScriptedProvider({ steps: [gate.promise, ...answer.steps] });
    const dear = createScriptedProvider(answer);
    const { gateway, principal, standing } = budgetedGateway({
      providers: { provider, dear },
      prices: {
        find: ({ provider: name }) =>
          name === "dear"
            ? { version: "2", inputPicos: 10_000_000n, outputPicos: 30_000_000n }
            : { version: "1", inputPicos: 1_000_000n, outputPicos: 3_000_000n },
      },
      budget: { hardNanos: 10n * boundNanos },
    });
    const chat = gateway.chat(asked, { principal });
    await turn();
    expect(await standing()).toEqual({ spentNanos: 0n, reservedNanos: 10n * boundNanos });
    gate.resolve();
    expect((await chat).meta.costNanos).toBe(paidNanos);
    expect(await standing()).toEqual({ spentNanos: paidNanos, reservedNanos: 0n });
  });

  it("is refused with whose budget it is, what it may cost and when a month begins; on record and in the trail", async () => {
    const provider = createScriptedProvider(answer);
    const { gateway, principal, standing, ledger, audit } = budgetedGateway({
      providers: { provider },
      budget: { hardNanos: boundNanos - 1n },
    });
    const error = await errorOf(gateway.chat(asked, { principal, correlationId: "corr-1" }));
    expect(error.code).toBe("budget_exceeded");
    expect(error.message).toBe(
      'The month\'s budget of the tenant "acme" has not enough left for this call, which may cost up to $0.000032. ' +
        "A new month begins at 2025-07-01T00:00:00.000Z. Until then ask for a shorter answer (maxOutputTokens), name " +
        "a cheaper model, or have an administrator raise the budget.",
    );
    expect(error.attempts).toEqual([]);
    expect(error.meta).toMatchObject({ attempts: 0 });
    expect(provider.calls).toEqual([]);
    expect(ledger.settled).toMatchObject([
      { status: "refused", errorCode: "budget_exceeded", attempts: 0, costNanos: 0n },
    ]);
    expect(audit.notes).toEqual([
      {
        tenantId: "acme",
        kind: "decision",
        action: "budget.refuse",
        actor: { type: "api_key", id: "key-1" },
        target: { type: "tenant", id: "acme" },
        before: undefined,
        after: { hardNanos: "31999", spentNanos: "0", reservedNanos: "0", askedNanos: "32000" },
        origin: { correlationId: "corr-1" },
      },
    ]);
    expect(await standing()).toEqual({ spentNanos: 0n, reservedNanos: 0n });
  });

  it("of a key that acts for others is held against the key's one budget, and against each tenant's", async () => {
    const { gateway, principal, clock, openCalls } = budgetedGateway({
      providers: { provider: createScriptedProvider(hung) },
      budget: {},
    });
    const own = budgetedPrincipal({ key: { hardNanos: 3n * boundNanos } });
    const acting = (tenantId: string, hardNanos: bigint): Principal => {
      const { grants = expect.unreachable() } = own;
      const tenant = { ...grants.tenant, id: tenantId, budget: { hardNanos } };
      return { ...own, tenantId, actingFrom: "acme", grants: { ...grants, tenant, home: grants.tenant } };
    };
    const called = (by: Principal) => gateway.chat(asked, { principal: by });
    const begun: Promise<unknown>[] = [];
    const begin = async (by: Principal) => {
      begun.push(called(by).catch(() => undefined));
      await turn();
    };
    await begin(own);
    await begin(acting("red", boundNanos));
    expect((await errorOf(called(acting("red", boundNanos)))).message).toMatch(/ of the tenant "red" /);
    await begin(acting("blue", 5n * boundNanos));
    for (const by of [own, acting("blue", 5n * boundNanos), acting("green", 5n * boundNanos)]) {
      expect((await errorOf(called(by))).message).toMatch(/ of the API key key-1 /);
    }
    await begin(principal);

    const openOf = createOpenCallsOfAccount(openCalls);
    const month = monthAt(clock.epochMs(), "UTC");
    const count = (tenantId: string, scope: "tenant" | "api_key" | "user", id: string) =>
      openOf({ tenantId, scope, id, ...month }).length;
    expect([count("acme", "api_key", "key-1"), count("acme", "user", "user-1")]).toEqual([4, 4]);
    expect([count("acme", "tenant", "acme"), count("red", "tenant", "red")]).toEqual([2, 1]);
    expect([count("red", "api_key", "key-1"), count("red", "user", "user-1")]).toEqual([0, 0]);
    await gateway.close();
    await Promise.all(begun);
  });

  it("names its key or its user where it is theirs, and takes nothing from the tenant's", async () => {
    const providers = { provider: createScriptedProvider(answer) };
    const { gateway, standing } = budgetedGateway({ providers, budget: {} });
    const tenant = { hardNanos: 10n * boundNanos };
    for (const [budgets, name] of [
      [{ key: { hardNanos: 0n } }, "the API key key-1"],
      [{ user: { hardNanos: 0n }, key: tenant }, "the user user-1"],
    ] as const) {
      const principal = budgetedPrincipal({ tenant, ...budgets });
      const error = await errorOf(gateway.chat(asked, { principal }));
      expect(error.message).toContain(`budget of ${name} has`);
    }
    expect(await standing()).toEqual({ spentNanos: 0n, reservedNanos: 0n });
  });

  it("of vectors reserves their input", async () => {
    const provider = createScriptedEmbedder();
    const { gateway, principal, standing } = budgetedGateway({
      providers: { provider },
      budget: { hardNanos: 1_000n },
    });
    const error = await errorOf(gateway.embed({ inputs: ["12345"] }, { principal }));
    expect(error.code).toBe("budget_exceeded");
    await gateway.embed({ inputs: ["1234"] }, { principal });
    // Four tokens were counted.
    expect(await standing()).toEqual({ spentNanos: 4_000n, reservedNanos: 0n });
  });

  it("with nothing to hold asks nobody, nor does one that acts for another tenant", async () => {
    const providers = { provider: createScriptedProvider(answer) };
    const store: BudgetStore = { ...unused, reserve: nobody };
    const { gateway } = createTestGateway({
      providers,
      budgetStore: store,
      auditTrail: { note: nobody },
    });
    await gateway.chat(asked);
    await gateway.chat(asked, { principal: budgetedPrincipal({}) });
    const tenant = { hardNanos: 0n };
    await gateway.chat(asked, { principal: { ...budgetedPrincipal({ tenant }), tenantId: "other" } });
  });

  it("that names no target is refused as ever, and holds nothing", async () => {
    const { gateway, principal, standing, ledger } = budgetedGateway({
      providers: { provider: createScriptedProvider(answer) },
      budget: { hardNanos: boundNanos },
    });
    const error = await errorOf(gateway.chat({ ...asked, model: "nowhere" }, { principal }));
    expect(error.code).toBe("invalid_request");
    expect(ledger.settled).toMatchObject([{ status: "refused", errorCode: "invalid_request" }]);
    expect(await standing()).toEqual({ spentNanos: 0n, reservedNanos: 0n });
  });

  it("gives back what it held when it is cancelled, or fails, or nobody reads it", async () => {
    const provider = createScriptedProvider(hung, refusing("unavailable"), unfinished);
    const { gateway, principal, standing, clock } = budgetedGateway({
      providers: { provider },
      budget: { hardNanos: boundNanos },
    });
    const caller = new AbortController();
    const cancelled = errorOf(gateway.chat(asked, { principal, signal: caller.signal }));
    await turn();
    expect((await errorOf(gateway.chat(asked, { principal }))).code).toBe("budget_exceeded");
    caller.abort();
    expect((await cancelled).code).toBe("cancelled");
    expect((await errorOf(gateway.chat(asked, { principal }))).code).toBe("all_providers_failed");
    await gateway.stream(asked, { principal, timeoutMs: 1_000 });
    expect((await standing()).reservedNanos).toBe(boundNanos);
    clock.advance(1_000);
    expect(await standing()).toEqual({ spentNanos: unfinishedNanos, reservedNanos: 0n });
  });

  it("pays for an answer that its reader leaves before anyone told what it used", async () => {
    const { gateway, principal, standing, ledger } = budgetedGateway({
      providers: { provider: createScriptedProvider(unfinished) },
      budget: { hardNanos: boundNanos + 2n * unfinishedNanos },
    });
    const leave = async (): Promise<void> => {
      const { events } = await gateway.stream(asked, { principal });
      for await (const event of events) if (event.type === "part_delta") break;
    };
    for (let n = 0; n < 3; n += 1) await leave();
    expect((await errorOf(leave())).code).toBe("budget_exceeded");
    expect(await standing()).toEqual({ spentNanos: 3n * unfinishedNanos, reservedNanos: 0n });
    const usage = { input: { total: 2 }, output: { total: 1 }, source: "estimated" };
    expect(ledger.attempts).toMatchObject(
      Array.from({ length: 3 }, () => ({ status: "cancelled", costNanos: unfinishedNanos, usage })),
    );
  });

  it("pays for it where sound and reasoning have prices of their own, and for vectors that nobody counted", async () => {
    const apart: Price = {
      version: "test-2",
      inputPicos: 1_000_000n,
      outputPicos: 3_000_000n,
      inputAudioPicos: 9_000_000n,
      outputAudioPicos: 9_000_000n,
      reasoningPicos: 9_000_000n,
    };
    const embedder = createScriptedEmbedder(
      (embedded) => ({ ...vectorsOf(embedded), usage: undefined }),
      unfinished,
    );
    const { gateway, principal, standing } = budgetedGateway({
      providers: { provider: embedder },
      prices: { find: () => apart },
      budget: { hardNanos: 1_000_000n },
    });
    const { events } = await gateway.stream(asked, { principal });
    for await (const event of events) if (event.type === "part_delta") break;
    expect((await standing()).spentNanos).toBe(unfinishedNanos);
    await gateway.embed({ inputs: ["Hello you"] }, { principal });
    expect((await standing()).spentNanos).toBe(unfinishedNanos + 3n * 1_000n);
  });

  it("counts what it paid for as far as that is known", async () => {
    const miscounted: Script = { steps: [started, textStarted, delta("Hi"), usage(-1, 1), finished] };
    const first = createScriptedProvider({
      steps: [
        {
          type: "started",
          model: "scripted-1",
          usage: { input: { total: 5 }, output: { total: 0 }, source: "reported" },
        },
        failing("unavailable"),
      ],
    });
    const { gateway, principal, standing, ledger } = budgetedGateway({
      providers: { first, second: createScriptedProvider(miscounted) },
      budget: { hardNanos: 10n * boundNanos },
    });
    await gateway.chat(asked, { principal });
    expect(ledger.settled).toMatchObject([{ costNanos: null }]);
    expect(await standing()).toEqual({ spentNanos: 5_000n, reservedNanos: 0n });
  });
});

describe("a store that fails", () => {
  it("lets nobody in; what it did not foresee is a fault of ours", async () => {
    const provider = createScriptedProvider(answer);
    const principal = budgetedPrincipal({ tenant: { hardNanos: 1n } });
    for (const error of [new GatewayError({ code: "unavailable", message: "not now" }), new Error("a bug")]) {
      const store: BudgetStore = { ...unused, reserve: () => Promise.reject(error) };
      const { gateway, faults } = createTestGateway({
        providers: { provider },
        budgetStore: store,
      });
      const code = error instanceof GatewayError ? "unavailable" : "internal";
      expect((await errorOf(gateway.chat(request, { principal }))).code).toBe(code);
      expect(faults).toEqual(error instanceof GatewayError ? [] : [error]);
    }
    expect(provider.calls).toEqual([]);
  });
});

describe("an account that is loaded while calls of it go on", () => {
  it("counts those that began before it had a budget", async () => {
    const gate = Promise.withResolvers<void>();
    const provider = createScriptedProvider({ steps: [gate.promise, ...answer.steps] });
    const { gateway, principal, standing } = budgetedGateway({
      providers: { provider },
      budget: { hardNanos: 10n * boundNanos },
    });
    const before = gateway.chat(asked, { principal: budgetedPrincipal({}) });
    const elsewhere = gateway.chat(asked, { principal: budgetedPrincipal({ tenantId: "other" }) });
    await turn();
    const since = gateway.chat(asked, { principal });
    await turn();
    gate.resolve();
    await Promise.all([before, elsewhere, since]);
    expect(await standing()).toEqual({ spentNanos: 2n * paidNanos, reservedNanos: 0n });
  });
});

// What a call by meaning costs where its embedder fails, and where it may not be asked.

import { describe, expect, it } from "vitest";
import type { Principal } from "../../../../src/core/access/principal.ts";
import type { ProviderEmbedded } from "../../../../src/core/embed/events.ts";
import { monthAt } from "../../../../src/core/usage/time-intervals.ts";
import { createMemoryBudgets } from "../../../../src/stores/memory/budgets.ts";
import { WrittenSpend } from "../../../stores/written-spend.ts";
import { budgetedPrincipal, createReadableAudit } from "../../../support/budgeted.ts";
import { errorOf, failing } from "../../../support/chat-scripts.ts";
import { principalOfRole } from "../../../support/principals.ts";
import { turn } from "../../../support/turn.ts";
import {
  embeddingNanos,
  lettersOf,
  meaningGateway,
  question,
  reworded,
  vectorOf,
} from "./meaning-gateway.ts";

const refuses = () => Promise.reject(failing("unavailable", { wholeProvider: true }));
const hangs = () => new Promise<never>(() => {});
const breaks = (): never => {
  throw new TypeError("secret-1");
};

describe("an embedder", () => {
  it("that fails costs a miss, and its target and provider are judged by others", async () => {
    const { ask, ledger, breakerChanges, provider, store } = meaningGateway({
      embedding: refuses,
      targetPolicies: { p: { breaker: { failureThreshold: 1, resetTimeoutMs: 60_000 } } },
    });
    expect(await ask(question)).toMatchObject({ heard: "Paris", status: "miss", meta: { attempts: 1 } });
    expect(ledger.attempts).toMatchObject([
      { number: 1, reason: "semantic", status: "failed", failure: "unavailable", costNanos: 0n },
      { number: 2, reason: "primary", status: "ok" },
    ]);
    expect(breakerChanges).toEqual([]);
    expect(await ask(reworded)).toMatchObject({ heard: "Rome", status: "miss" });
    expect(provider.embedCalls).toHaveLength(2);
    expect(store.size).toBe(0);
  });

  it("that fails in a row is left alone for a while", async () => {
    const { ask, provider, clock, route } = meaningGateway({ embedding: refuses });
    for (let i = 0; i < 5; i += 1) await ask(`Question ${i}?`);
    expect(provider.embedCalls).toHaveLength(3);
    expect(route()).toMatchObject({ lookUps: 5, withoutVector: 5 });
    clock.advance(10_000);
    await ask("Question 6?");
    expect(provider.embedCalls).toHaveLength(4);
  });

  it("that hangs costs 300 ms, and is on record as too late", async () => {
    const { ask, clock, ledger, provider, openCalls } = meaningGateway({ embedding: hangs });
    const asked = ask(question);
    await turn();
    clock.advance(299);
    await turn();
    expect(provider.calls).toEqual([]);
    clock.advance(1);
    expect(await asked).toMatchObject({ heard: "Paris", status: "miss" });
    expect(provider.embedCalls[0]?.context.signal.aborted).toBe(true);
    expect(ledger.attempts).toMatchObject([
      { reason: "semantic", status: "failed", failure: "timeout", latencyMs: 300, costNanos: 0n },
      { reason: "primary", status: "ok" },
    ]);
    expect(openCalls.all()).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("that breaks its contract is told to the log, not to the caller", async () => {
    const { ask, faults } = meaningGateway({ embedding: breaks });
    expect(await ask(question)).toMatchObject({ heard: "Paris", status: "miss" });
    expect(faults).toMatchObject([{ message: "secret-1" }]);
  });

  it.each<[string, ProviderEmbedded]>([
    ["another dimension", vectorOf(Float32Array.of(1, 2, 3))],
    ["no direction", vectorOf(new Float32Array(26))],
    ["no number", vectorOf(Float32Array.of(Number.NaN))],
    ["two vectors", { type: "embedded", vectors: [lettersOf("a"), lettersOf("b")] }],
  ])("that gives %s costs a miss", async (_, second) => {
    let asked = 0;
    const { ask } = meaningGateway({
      embedding: () => ((asked += 1) === 1 ? vectorOf(lettersOf(question)) : second),
    });
    await ask(question);
    expect(await ask(reworded)).toMatchObject({ heard: "Rome", status: "miss" });
  });

  it("that tells no usage is paid by length", async () => {
    const { ask } = meaningGateway({
      embedding: ({ inputs: [text] }) => ({
        type: "embedded",
        vectors: [lettersOf(typeof text === "string" ? text : "")],
      }),
    });
    await ask(question);
    const { meta } = await ask(reworded);
    expect(meta.costNanos).toBeGreaterThan(0n);
  });

  it("is left when its call ends, which hears of its own end", async () => {
    const caller = new AbortController();
    const { ask, ledger, provider, clock, openCalls, route } = meaningGateway({ embedding: hangs });
    const asked = errorOf(ask(question, {}, { signal: caller.signal }));
    await turn();
    caller.abort();
    expect((await asked).code).toBe("cancelled");
    expect(provider.embedCalls[0]?.context.signal.aborted).toBe(true);
    expect(ledger.attempts).toMatchObject([{ reason: "semantic", status: "cancelled" }]);
    expect(ledger.settled).toMatchObject([{ status: "cancelled", attempts: 0 }]);
    await turn();
    expect(provider.calls).toEqual([]);
    expect(openCalls.all()).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
    // Who leave say nothing of the embedder.
    expect(route()).toMatchObject({ lookUps: 1 });
  });

  it("is not asked where it is not there any more", async () => {
    const { ask, provider } = meaningGateway({ policy: { embedding: { provider: "gone", model: "e" } } });
    expect(await ask(question)).toMatchObject({ heard: "Paris", status: "miss" });
    expect(provider.embedCalls).toEqual([]);
  });

  it("is not asked for a probe of its own: that is for calls which need the provider", async () => {
    const { ask, clock, provider, gateway } = meaningGateway({
      scripts: [{ steps: [], refuse: failing("unavailable", { wholeProvider: true }) }],
      targetPolicies: { p: { breaker: { failureThreshold: 1, resetTimeoutMs: 1_000 } } },
    });
    await errorOf(ask(question));
    clock.advance(1_000);
    const before = provider.embedCalls.length;
    await errorOf(ask(reworded));
    expect(provider.embedCalls).toHaveLength(before);
    expect(provider.calls).toHaveLength(2);
    expect(gateway.metrics().providers_active).toBe(0);
  });
});

const listed = (lists: { readonly allowedModels?: readonly string[] }): Principal => ({
  ...principalOfRole("developer", "acme"),
  grants: { tenant: { id: "acme", timeZone: "UTC", limits: {}, budget: {}, ...lists } },
});

describe("a caller", () => {
  it.each<[string, Principal]>([
    ["whose list has no embedder", listed({ allowedModels: ["m"] })],
    ["with a key for tests", { ...principalOfRole("developer", "acme"), environment: "test" }],
  ])("%s is answered, and its question goes to none", async (_, principal) => {
    const { ask, provider } = meaningGateway({ targets: { p: { test: true } } });
    const acme = { principal: principalOfRole("developer", "acme") };
    await ask(question, {}, acme);
    expect(await ask(reworded, {}, { principal })).toMatchObject({ heard: "Rome", status: "miss" });
    expect(provider.embedCalls).toHaveLength(1);
  });

  it("is given no answer of a model that it may not use", async () => {
    const { ask } = meaningGateway({ models: { p: ["m", "n"] } });
    const [m, n] = [listed({ allowedModels: ["m", "e"] }), listed({ allowedModels: ["n", "e"] })];
    expect(await ask(question, {}, { principal: m })).toMatchObject({ meta: { model: "m" } });
    expect(await ask(reworded, {}, { principal: n })).toMatchObject({ status: "miss", meta: { model: "n" } });
    expect(await ask(reworded, {}, { principal: m })).toMatchObject({ meta: { model: "m" } });
  });
});

const callNanos = 100_000_000n;

function budgeted(hardNanos: bigint) {
  const audit = createReadableAudit();
  const made = meaningGateway({
    auditTrail: audit,
    parts: (clock) => ({
      budgetStore: createMemoryBudgets({ spend: new WrittenSpend(), clock }),
    }),
  });
  const options = { principal: budgetedPrincipal({ tenant: { hardNanos } }) };
  return { ...made, audit, ask: (text: string) => made.ask(text, { maxOutputTokens: 10 }, options) };
}

describe("a budget", () => {
  it("pays for the vector, also of a call that pays for nothing else", async () => {
    const { ask, gateway } = budgeted(callNanos);
    const first = await ask(question);
    const second = await ask(reworded);
    expect(second).toMatchObject({ status: "semantic", meta: { costNanos: embeddingNanos } });
    expect(first.meta.costNanos).toBeGreaterThan(embeddingNanos);
    expect(gateway.semanticCacheReport().routes[0]).toMatchObject({ served: 1 });
  });

  it("that is used up pays for none, and the caller hears so of its call alone", async () => {
    const { ask, provider, audit } = budgeted(0n);
    expect((await errorOf(ask(question))).code).toBe("budget_exceeded");
    expect(provider.embedCalls).toEqual([]);
    expect(audit.notes).toHaveLength(1);
  });

  it("of others is not at stake: who cannot pay is no failure of the embedder's", async () => {
    const { ask, gateway, provider } = budgeted(0n);
    for (let i = 0; i < 4; i += 1) await errorOf(ask(`Question ${i}?`));
    await gateway.chat({ messages: [{ role: "user", parts: [{ type: "text", text: question }] }] });
    expect(provider.embedCalls).toHaveLength(1);
  });
});

describe("what a budget has left", () => {
  it("is less what the vector cost", async () => {
    const store = Promise.withResolvers<ReturnType<typeof createMemoryBudgets>>();
    const { ask, clock } = meaningGateway({
      parts: (own) => {
        const budgetStore = createMemoryBudgets({ spend: new WrittenSpend(), clock: own });
        store.resolve(budgetStore);
        return { budgetStore };
      },
    });
    const options = { principal: budgetedPrincipal({ tenant: { hardNanos: 10n ** 12n } }) };
    const first = await ask(question, {}, options);
    const second = await ask(reworded, {}, options);
    expect(second.status).toBe("semantic");
    const account = { tenantId: "acme", id: "acme", ...monthAt(clock.epochMs(), "UTC") };
    expect(await (await store.promise).standing({ ...account, scope: "tenant" })).toEqual({
      spentNanos: (first.meta.costNanos ?? 0n) + embeddingNanos,
      reservedNanos: 0n,
    });
  });
});

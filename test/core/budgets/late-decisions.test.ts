import { describe, expect, it } from "vitest";
import { errorOf, failing, refusing } from "../../support/chat-scripts.ts";
import { createScriptedProvider } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import { asked, boundNanos, budgetedGateway, answer, paidNanos, hung } from "./budgeted-gateway.ts";

describe("a store that answers later", () => {
  it("lets the call go on when it has decided, or refuses it", async () => {
    const { gateway, principal, waiting, standing } = budgetedGateway({
      providers: { provider: createScriptedProvider(answer) },
      budget: { hardNanos: boundNanos },
      decidesLater: true,
    });
    const served = gateway.chat(asked, { principal });
    const refused = errorOf(gateway.chat(asked, { principal }));
    await turn();
    for (const decide of waiting) decide();
    expect(await refused).toMatchObject({ code: "budget_exceeded" });
    await served;
    expect(await standing()).toEqual({ spentNanos: paidNanos, reservedNanos: 0n });
  });

  it("is not waited for by a call that ends, and what it reserves then is given back", async () => {
    const { gateway, principal, waiting, standing, ledger, faults } = budgetedGateway({
      providers: { provider: createScriptedProvider(answer) },
      budget: { hardNanos: boundNanos },
      decidesLater: true,
    });
    const caller = new AbortController();
    const cancelled = errorOf(gateway.chat(asked, { principal, signal: caller.signal }));
    const late = errorOf(gateway.chat({ ...asked, maxOutputTokens: 1_000 }, { principal }));
    await turn();
    caller.abort();
    expect((await cancelled).code).toBe("cancelled");
    expect(ledger.settled).toMatchObject([{ status: "cancelled", attempts: 0 }]);
    waiting[0]?.();
    await turn();
    expect(await standing()).toEqual({ spentNanos: 0n, reservedNanos: 0n });
    waiting[1]?.();
    expect((await late).code).toBe("budget_exceeded");
    expect(faults).toEqual([]);
  });

  it("is not asked for a call that has ended", async () => {
    const provider = createScriptedProvider(refusing("unavailable"), answer);
    const { gateway, clock, principal, waiting, standing } = budgetedGateway({
      providers: { provider },
      retries: 1,
      random: () => 0.5,
      budget: { hardNanos: 2n * boundNanos },
      decidesLater: true,
    });
    const late = errorOf(gateway.chat(asked, { principal, timeoutMs: 1_000 }));
    await turn();
    waiting[0]?.();
    await turn();
    expect(provider.calls).toHaveLength(1);
    // The wait before the retry ends, and in the same moment the call.
    clock.advance(1_000);
    expect((await late).code).toBe("deadline_exceeded");
    await turn();
    expect(waiting).toHaveLength(1);
    expect(await standing()).toEqual({ spentNanos: 0n, reservedNanos: 0n });
  });

  it("holds a further attempt back until it has decided, and its place is given back where the call ends", async () => {
    const first = createScriptedProvider(refusing("unavailable"));
    const second = createScriptedProvider(answer);
    const { gateway, principal, waiting, standing, ledger } = budgetedGateway({
      providers: { first, second },
      budget: { hardNanos: 2n * boundNanos },
      decidesLater: true,
    });
    const chat = gateway.chat(asked, { principal });
    await turn();
    waiting[0]?.();
    await turn();
    expect(first.calls).toHaveLength(1);
    expect(second.calls).toEqual([]);
    waiting[1]?.();
    expect((await chat).provider).toBe("second");

    const caller = new AbortController();
    const cancelled = errorOf(gateway.chat(asked, { principal, signal: caller.signal }));
    await turn();
    waiting[2]?.();
    await turn();
    caller.abort();
    expect((await cancelled).code).toBe("cancelled");
    waiting[3]?.();
    await turn();
    expect(ledger.settled).toMatchObject([{ status: "ok" }, { status: "cancelled", attempts: 1 }]);
    expect(second.calls).toHaveLength(1);
    expect(await standing()).toEqual({ spentNanos: paidNanos, reservedNanos: 0n });
    const inFlight = gateway.measurements().find(({ name }) => name === "sluice_target_in_flight");
    expect(inFlight?.samples.map((sample) => "value" in sample && sample.value)).toEqual([0, 0]);
  });

  const hedge = { after: { ms: 100 }, maxShare: 1 };

  it("lets a second target in late, while the first one is still slow", async () => {
    const first = createScriptedProvider(hung);
    const second = createScriptedProvider(answer);
    const { gateway, principal, waiting, clock, standing, ledger } = budgetedGateway({
      providers: { first, second },
      routePolicy: { hedge },
      budget: { hardNanos: 2n * boundNanos },
      decidesLater: true,
    });
    const chat = gateway.chat(asked, { principal });
    await turn();
    waiting[0]?.();
    await turn();
    clock.advance(100);
    await turn();
    expect(second.calls).toEqual([]);
    waiting[1]?.();
    expect((await chat).provider).toBe("second");
    expect(ledger.attempts).toMatchObject([{ status: "cancelled" }, { status: "ok", reason: "hedge" }]);
    expect(await standing()).toEqual({ spentNanos: paidNanos, reservedNanos: 0n });
  });

  it("lets nobody in when the race is over: that target is asked in its turn", async () => {
    const gate = Promise.withResolvers<void>();
    const first = createScriptedProvider({ steps: [gate.promise, failing("unavailable")] });
    const second = createScriptedProvider(answer);
    const { gateway, principal, waiting, clock, standing, ledger } = budgetedGateway({
      providers: { first, second },
      targetPolicies: { second: { maxConcurrent: 1 } },
      routePolicy: { hedge },
      budget: { hardNanos: 3n * boundNanos },
      decidesLater: true,
    });
    const chat = gateway.chat(asked, { principal });
    await turn();
    waiting[0]?.();
    await turn();
    clock.advance(100);
    await turn();
    gate.resolve();
    await turn();
    waiting[1]?.();
    await turn();
    expect(second.calls).toEqual([]);
    waiting[2]?.();
    expect((await chat).provider).toBe("second");
    expect(ledger.attempts).toMatchObject([
      { status: "failed", reason: "primary" },
      { status: "ok", reason: "fallback" },
    ]);
    expect(await standing()).toEqual({ spentNanos: paidNanos, reservedNanos: 0n });
  });
});

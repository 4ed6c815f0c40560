import { describe, expect, it } from "vitest";
import {
  collect,
  delta,
  errorOf,
  failing,
  refusing,
  started,
  textOf,
  textStarted,
} from "../../support/chat-scripts.ts";
import { createScriptedProvider } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import { asked, boundNanos, budgetedGateway, answer, paidNanos, hung } from "./budgeted-gateway.ts";

describe("a further attempt", () => {
  it("reserves for its own target before it starts, and what was held stays until the call is settled", async () => {
    const gate = Promise.withResolvers<void>();
    const first = createScriptedProvider(refusing("unavailable"));
    const second = createScriptedProvider({ steps: [gate.promise, ...answer.steps] });
    const { gateway, principal, standing } = budgetedGateway({
      providers: { first, second },
      retries: 1,
      budget: { hardNanos: 3n * boundNanos },
    });
    const chat = gateway.chat(asked, { principal });
    await expect.poll(() => second.calls.length).toBe(1);
    expect(first.calls).toHaveLength(2);
    expect(await standing()).toEqual({ spentNanos: 0n, reservedNanos: 3n * boundNanos });
    gate.resolve();
    await chat;
    expect(await standing()).toEqual({ spentNanos: paidNanos, reservedNanos: 0n });
  });

  it("that the budget refuses ends the route; attempts so far are told, and its place is free", async () => {
    const first = createScriptedProvider(refusing("unavailable"));
    const second = createScriptedProvider(answer);
    const { gateway, principal, standing, ledger, audit } = budgetedGateway({
      providers: { first, second },
      targetPolicies: { second: { maxConcurrent: 1 } },
      budget: { hardNanos: 2n * boundNanos - 1n },
    });
    const error = await errorOf(gateway.chat(asked, { principal }));
    expect(error).toMatchObject({
      code: "budget_exceeded",
      attempts: [{ provider: "first", model: "m", failure: "unavailable" }],
    });
    expect(error.message).toContain("Before that: first/m: unavailable (failed by unavailable)");
    expect(second.calls).toEqual([]);
    expect(ledger.settled).toMatchObject([{ status: "failed", errorCode: "budget_exceeded", attempts: 1 }]);
    expect(audit.notes).toHaveLength(1);
    expect(await standing()).toEqual({ spentNanos: 0n, reservedNanos: 0n });
    const inFlight = gateway.measurements().find(({ name }) => name === "sluice_target_in_flight");
    expect(inFlight?.samples.map((sample) => "value" in sample && sample.value)).toEqual([0, 0]);
    expect((await gateway.chat({ ...asked, model: "second/m" }, { principal })).provider).toBe("second");
  });

  /** "Hello" and "One ", as nobody told their tokens: two of input, one of output. */
  const brokenNanos = 2n * 1_000n + 3_000n;

  it.each(["restart", "continue"] as const)("of a stream that goes on is one: %s", async (midStream) => {
    const first = createScriptedProvider({
      steps: [started, textStarted, delta("One "), failing("unavailable")],
    });
    const second = createScriptedProvider(answer);
    const refused = budgetedGateway({
      providers: { first, second },
      continuing: ["first", "second"],
      routePolicy: { midStream },
      budget: { hardNanos: boundNanos + 1_000n },
    });
    const reply = await refused.gateway.stream(asked, { principal: refused.principal });
    const { events, error } = await collect(reply.events);
    expect(textOf(events)).toBe("One ");
    expect(error).toMatchObject({ code: "budget_exceeded", attempts: [{ provider: "first" }] });
    expect(second.calls).toEqual([]);
    expect(await refused.standing()).toEqual({ spentNanos: brokenNanos, reservedNanos: 0n });

    const served = budgetedGateway({
      providers: { first, second },
      continuing: ["first", "second"],
      routePolicy: { midStream },
      budget: { hardNanos: 3n * boundNanos },
    });
    const again = await served.gateway.stream(asked, { principal: served.principal });
    expect((await collect(again.events)).error).toBeUndefined();
    expect(await served.standing()).toEqual({ spentNanos: brokenNanos + paidNanos, reservedNanos: 0n });
  });

  it("that goes on with a text reserves for the text so far, too", async () => {
    const gate = Promise.withResolvers<void>();
    const text = "x".repeat(400);
    const first = createScriptedProvider({
      steps: [started, textStarted, delta(text), failing("unavailable")],
    });
    const second = createScriptedProvider({ steps: [gate.promise, ...answer.steps] });
    const { gateway, principal, standing } = budgetedGateway({
      providers: { first, second },
      continuing: ["first", "second"],
      routePolicy: { midStream: "continue" },
      budget: { hardNanos: 1_000n * boundNanos },
    });
    const reply = await gateway.stream({ ...asked, maxOutputTokens: 1_000 }, { principal });
    const read = collect(reply.events);
    await expect.poll(() => second.calls.length).toBe(1);
    const { maxOutputTokens = 0 } = second.calls[0]?.request ?? {};
    // "Hello" and the text are 405 bytes.
    const onwardNanos = 102n * 1_000n + BigInt(maxOutputTokens) * 3_000n;
    expect((await standing()).reservedNanos).toBe(2n * 1_000n + 1_000n * 3_000n + onwardNanos);
    gate.resolve();
    await read;
  });

  it("beside a slow one is merely not started", async () => {
    const gate = Promise.withResolvers<void>();
    const first = createScriptedProvider({ steps: [gate.promise, ...answer.steps] });
    const second = createScriptedProvider(hung);
    const options = {
      providers: { first, second },
      routePolicy: { hedge: { after: { ms: 100 }, maxShare: 1 } },
    };
    const refused = budgetedGateway({ ...options, budget: { hardNanos: 2n * boundNanos - 1n } });
    const served = budgetedGateway({ ...options, budget: { hardNanos: 2n * boundNanos } });
    const chats = [refused, served].map(({ gateway, principal }) => gateway.chat(asked, { principal }));
    await turn();
    refused.clock.advance(100);
    await turn();
    expect(second.calls).toEqual([]);
    expect(refused.audit.notes).toEqual([]);
    served.clock.advance(100);
    await turn();
    expect(second.calls).toHaveLength(1);
    expect((await served.standing()).reservedNanos).toBe(2n * boundNanos);
    gate.resolve();
    await Promise.all(chats);
    for (const { standing } of [refused, served]) {
      expect(await standing()).toEqual({ spentNanos: paidNanos, reservedNanos: 0n });
    }
  });
});

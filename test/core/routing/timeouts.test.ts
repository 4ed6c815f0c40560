import { describe, expect, it } from "vitest";
import {
  collect,
  delta,
  errorOf,
  finished,
  partFinished,
  request,
  started,
  textOf,
  textStarted,
} from "../../support/chat-scripts.ts";
import { createDeafProvider } from "../../support/deaf-provider.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { turn } from "../../support/turn.ts";

const hung = { steps: [started, "hang"] } as const;
const patient = { firstTokenMs: 1_000, betweenTokensMs: 500, wholeAnswerMs: 2_000 };

describe("a target that is too slow", () => {
  it("with its first token is left for the next one", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(hung);
    const second = createScriptedProvider(textScript("ok"));
    const { gateway, ledger } = createTestGateway({
      providers: { first, second },
      targetPolicies: { first: patient },
      // What no vendor said is on record under every policy.
      loggingPolicy: "none",
      clock,
    });
    const reply = gateway.stream(request);
    await turn();
    clock.advance(999);
    await turn();
    expect(second.calls).toEqual([]);
    clock.advance(1);
    expect((await reply).meta.provider).toBe("second");
    expect(first.calls[0]?.context.signal.aborted).toBe(true);
    await collect((await reply).events);
    expect(ledger.attempts[0]).toMatchObject({
      status: "failed",
      failure: "timeout",
      errorMessage: "The provider had not begun its answer after 1000 ms.",
      latencyMs: 1_000,
    });
    expect(clock.pendingTimers).toBe(0);
  });

  it("with a whole answer is left for the next one", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider({ steps: [started, textStarted, delta("half"), "hang"] });
    const second = createScriptedProvider(textScript("ok"));
    const { gateway, ledger } = createTestGateway({
      providers: { first, second },
      targetPolicies: { first: patient },
      clock,
    });
    const reply = gateway.chat(request);
    await turn();
    clock.advance(2_000);
    expect((await reply).provider).toBe("second");
    expect(ledger.attempts[0]).toMatchObject({ failure: "timeout", latencyMs: 2_000 });
    expect(clock.pendingTimers).toBe(0);
  });

  it("between tokens breaks its stream", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider({ steps: [started, textStarted, delta("half"), "hang"] });
    const { gateway, ledger } = createTestGateway({
      providers: { first },
      targetPolicies: { first: patient },
      clock,
    });
    const told = collect((await gateway.stream(request)).events);
    await turn();
    clock.advance(499);
    await turn();
    expect(ledger.settled).toEqual([]);
    clock.advance(1);
    const { events, error } = await told;
    expect(textOf(events)).toBe("half");
    expect(error).toMatchObject({ code: "all_providers_failed", attempts: [{ failure: "timeout" }] });
    expect(first.calls[0]?.context.signal.aborted).toBe(true);
    expect(ledger.attempts).toMatchObject([{ status: "failed", failure: "timeout" }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("between tokens is judged anew with each of them", async () => {
    const clock = createManualClock();
    const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
    const [, , ...rest] = textScript("a b c").steps;
    const first = createScriptedProvider({
      steps: [
        started,
        textStarted,
        delta("x"),
        ...gates.flatMap(({ promise }, i) => [promise, delta(String(i))]),
        ...rest,
      ],
    });
    const { gateway } = createTestGateway({
      providers: { first },
      targetPolicies: { first: patient },
      clock,
    });
    const told = collect((await gateway.stream(request)).events);
    for (const gate of gates) {
      await turn();
      clock.advance(499);
      gate.resolve();
    }
    const { events, error } = await told;
    expect(error).toBeUndefined();
    expect(textOf(events)).toBe("x012a b c");
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("a slow reader", () => {
  it("is no fault of the target", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(textScript("a b c d"));
    const { gateway, ledger } = createTestGateway({
      providers: { first },
      targetPolicies: { first: patient },
      clock,
    });
    const iterator = (await gateway.stream(request)).events[Symbol.asyncIterator]();
    for (let result = await iterator.next(); result.done !== true; result = await iterator.next()) {
      clock.advance(5_000);
    }
    expect(ledger.attempts).toMatchObject([{ status: "ok" }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("that never asks for the end leaves no timer for ever", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(textScript("a"));
    const { gateway } = createTestGateway({
      providers: { first },
      targetPolicies: { first: patient },
      clock,
    });
    const iterator = (await gateway.stream(request)).events[Symbol.asyncIterator]();
    for (let i = 0; i < 6; i += 1) await iterator.next();
    clock.advance(500);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("an adapter that does not heed its signal", () => {
  it.each(["chat", "stream"] as const)("keeps no caller of a %s beyond the deadline", async (delivery) => {
    const clock = createManualClock();
    const deaf = createDeafProvider(started);
    const { gateway, ledger } = createTestGateway({ providers: { deaf }, clock });
    const error = errorOf(gateway[delivery](request, { timeoutMs: 300 }));
    await turn();
    expect(deaf.contexts[0]?.remainingMs).toBe(300);
    clock.advance(300);
    expect((await error).code).toBe("deadline_exceeded");
    expect(ledger.settled).toMatchObject([{ latencyMs: 300, costNanos: 0n }]);
    expect(clock.pendingTimers).toBe(0);
    // Its late reply is closed, and is nobody's answer.
    deaf.answer();
    await turn();
    expect(deaf.left).toBe(1);
    expect(ledger.attempts).toHaveLength(1);
  });

  it.each(["chat", "stream"] as const)(
    "is closed where its answer to a %s stops before its commit",
    async (delivery) => {
      const clock = createManualClock();
      const deaf = createDeafProvider(started, textStarted);
      const { gateway } = createTestGateway({ providers: { deaf }, clock });
      const error = errorOf(gateway[delivery](request, { timeoutMs: 300 }));
      deaf.answer();
      await turn();
      clock.advance(300);
      expect((await error).code).toBe("deadline_exceeded");
      await turn();
      expect(deaf.left).toBe(1);
      expect(clock.pendingTimers).toBe(0);
    },
  );

  it("is closed where its stream stops after its commit", async () => {
    const clock = createManualClock();
    const deaf = createDeafProvider(started, textStarted, delta("half"));
    const { gateway, ledger } = createTestGateway({ providers: { deaf }, clock });
    deaf.answer();
    const told = collect((await gateway.stream(request, { timeoutMs: 300 })).events);
    await turn();
    clock.advance(300);
    expect(await told).toMatchObject({ events: { length: 3 }, error: { code: "deadline_exceeded" } });
    await turn();
    expect(deaf.left).toBe(1);
    expect(ledger.attempts).toMatchObject([{ status: "cancelled" }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("is left for the next target, and a late answer of its takes nobody's place", async () => {
    const clock = createManualClock();
    const deaf = createDeafProvider(started, textStarted, delta("late"));
    const gate = Promise.withResolvers<void>();
    const second = createScriptedProvider({
      steps: [started, gate.promise, ...textScript("ok").steps.slice(1)],
    });
    const { gateway, ledger } = createTestGateway({
      providers: { deaf, second },
      targetPolicies: { deaf: patient },
      clock,
    });
    const reply = gateway.stream(request);
    await turn();
    clock.advance(1_000);
    await turn();
    deaf.answer();
    await turn();
    gate.resolve();
    const { meta, events } = await reply;
    expect(meta).toMatchObject({ provider: "second", losses: [] });
    expect(textOf((await collect(events)).events)).toBe("ok");
    expect(deaf.left).toBe(1);
    expect(ledger.settled).toMatchObject([{ provider: "second", losses: [] }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("holds up no reader after its terminal event, and is closed", async () => {
    const clock = createManualClock();
    const deaf = createDeafProvider(started, textStarted, delta("all"), partFinished, finished);
    const { gateway, ledger } = createTestGateway({ providers: { deaf }, clock });
    deaf.answer();
    const { events, error } = await collect((await gateway.stream(request)).events);
    expect([events.at(-1)?.type, error]).toEqual(["finished", undefined]);
    expect(deaf.left).toBe(1);
    expect(ledger.settled).toMatchObject([{ status: "ok" }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("ends its stream wherever between two steps the call ends", async () => {
    for (let steps = 0; steps < 40; steps += 1) {
      const clock = createManualClock();
      const caller = new AbortController();
      const deaf = createDeafProvider(started, textStarted, delta("half"));
      const { gateway, ledger } = createTestGateway({ providers: { deaf }, clock });
      deaf.answer();
      const told = gateway.stream(request, { signal: caller.signal }).then(
        ({ events }) => collect(events),
        (error: unknown) => ({ error }),
      );
      for (let i = 0; i < steps; i += 1) await Promise.resolve();
      caller.abort();
      expect((await told).error).toMatchObject({ code: "cancelled" });
      expect(ledger.settled).toMatchObject([{ status: "cancelled" }]);
      expect(ledger.attempts.length).toBeLessThan(2);
      expect(clock.pendingTimers).toBe(0);
    }
  });
});

describe("a call whose caller does not say how long it waits", () => {
  it("ends when the gateway's own time is over", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(hung);
    const { gateway } = createTestGateway({ providers: { first }, clock, callTimeoutMs: 700 });
    const error = errorOf(gateway.chat(request));
    await turn();
    clock.advance(699);
    await turn();
    expect(first.calls[0]?.context.signal.aborted).toBe(false);
    clock.advance(1);
    expect(await error).toMatchObject({ code: "deadline_exceeded" });
  });
});

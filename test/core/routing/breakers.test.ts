import { describe, expect, it } from "vitest";
import type { FailureClass } from "../../../src/core/provider-error.ts";
import {
  collect,
  delta,
  errorOf,
  failing,
  refusing,
  request,
  started,
  textStarted,
} from "../../support/chat-scripts.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createScriptedProvider, type Script, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { turn } from "../../support/turn.ts";

const ok = textScript("ok");
const broken: Script = { steps: [started, textStarted, delta("half"), failing("broken_reply")] };
const times = (count: number, script: Script): readonly Script[] =>
  Array.from({ length: count }, () => script);

describe("a target that fails five times in a row", () => {
  it("is left alone, is told on record, and is asked by one call again after its time", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(...times(5, refusing("unavailable")), ok);
    const second = createScriptedProvider(ok);
    const { gateway, ledger, breakerChanges } = createTestGateway({ providers: { first, second }, clock });
    for (let i = 0; i < 5; i += 1) await gateway.chat(request);
    expect(breakerChanges).toEqual([
      { provider: "first", model: "m", from: "closed", to: "open", lastError: "failed by unavailable" },
    ]);

    clock.advance(59_999);
    expect((await gateway.chat(request)).meta).toMatchObject({ provider: "second", attempts: 1 });
    expect(first.calls).toHaveLength(5);
    expect(ledger.attempts.slice(-2)).toMatchObject([
      {
        number: 1,
        provider: "first",
        reason: "primary",
        status: "skipped",
        skipCause: "breaker_open",
        latencyMs: 0,
        costNanos: 0n,
      },
      { number: 2, provider: "second", reason: "fallback", status: "ok" },
    ]);
    expect(ledger.settled.at(-1)).toMatchObject({ attempts: 1, status: "ok" });

    clock.advance(1);
    expect((await gateway.chat(request)).provider).toBe("first");
    expect(breakerChanges.slice(1).map(({ from, to }) => [from, to])).toEqual([
      ["open", "half_open"],
      ["half_open", "closed"],
    ]);
  });

  it("is left alone after streams that broke once they had begun", async () => {
    const first = createScriptedProvider(broken);
    const { gateway, breakerChanges } = createTestGateway({ providers: { first } });
    for (let i = 0; i < 5; i += 1) {
      expect(breakerChanges).toEqual([]);
      await collect((await gateway.stream(request)).events);
    }
    expect(breakerChanges).toMatchObject([{ to: "open", lastError: "failed by broken_reply" }]);
  });

  it("begins to count anew with each answer", async () => {
    const first = createScriptedProvider(
      ...times(4, refusing("timeout")),
      ok,
      ...times(4, refusing("timeout")),
    );
    const { gateway, breakerChanges } = createTestGateway({ providers: { first } });
    for (let i = 0; i < 9; i += 1) await gateway.chat(request).catch(() => undefined);
    expect(breakerChanges).toEqual([]);
  });
});

describe("what says nothing of a target", () => {
  const uncounted: readonly FailureClass[] = [
    "caller_fault",
    "content_refused",
    "model_unavailable",
    "rate_limited",
  ];
  it.each(uncounted)("%s does not count", async (failure) => {
    const first = createScriptedProvider(refusing(failure));
    const { gateway, breakerChanges } = createTestGateway({ providers: { first } });
    for (let i = 0; i < 12; i += 1) await errorOf(gateway.chat(request));
    expect(first.calls).toHaveLength(12);
    expect(breakerChanges).toEqual([]);
  });

  it("callers that go away do not count, before or after the commit", async () => {
    const first = createScriptedProvider({ steps: [started, "hang"] });
    const second = createScriptedProvider({ steps: [started, textStarted, delta("x"), "hang"] });
    for (const provider of [first, second]) {
      const { gateway, breakerChanges, ledger } = createTestGateway({ providers: { provider } });
      for (let i = 0; i < 8; i += 1) {
        const caller = new AbortController();
        const reply = gateway.stream(request, { signal: caller.signal });
        reply.catch(() => undefined);
        await turn();
        caller.abort();
        await turn();
      }
      expect(ledger.attempts.map(({ status }) => status)).toEqual(Array(8).fill("cancelled"));
      expect(breakerChanges).toEqual([]);
    }
  });
});

describe("a target that asks to wait", () => {
  it("is not asked until its time is over, and is well then", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(refusing("rate_limited", { retryAfterMs: 30_000 }), ok);
    const second = createScriptedProvider(ok);
    const { gateway, ledger, breakerChanges } = createTestGateway({ providers: { first, second }, clock });
    await gateway.chat(request);
    clock.advance(29_999);
    await gateway.chat(request);
    expect(ledger.attempts.at(-2)).toMatchObject({ status: "skipped", skipCause: "rate_limited" });
    clock.advance(1);
    expect((await gateway.chat(request)).provider).toBe("first");
    expect(breakerChanges).toEqual([]);
  });
});

describe("a failure of a whole provider", () => {
  it("five times lets all its targets alone, and one probe lets them all back in", async () => {
    const clock = createManualClock();
    const refused = refusing("unavailable", { wholeProvider: true });
    const first = createScriptedProvider(...times(5, refused), ok);
    const second = createScriptedProvider(ok);
    const { gateway, ledger, breakerChanges } = createTestGateway({
      providers: { first, second },
      models: { first: ["a", "b"] },
      clock,
    });
    for (const model of ["a", "b", "a", "b", "a"]) {
      await errorOf(gateway.chat({ ...request, model: `first/${model}` }));
    }
    expect(breakerChanges).toEqual([
      { provider: "first", model: undefined, from: "closed", to: "open", lastError: "failed by unavailable" },
    ]);
    await gateway.chat(request);
    expect(ledger.attempts.slice(-3).map(({ model, skipCause }) => [model, skipCause])).toEqual([
      ["a", "breaker_open"],
      ["b", "breaker_open"],
      ["m", undefined],
    ]);
    clock.advance(60_000);
    await gateway.chat({ ...request, model: "first/b" });
    expect((await gateway.chat(request)).model).toBe("scripted-1");
    expect(breakerChanges.at(-1)).toMatchObject({ model: undefined, to: "closed" });
    expect(ledger.attempts.at(-1)).toMatchObject({ provider: "first", model: "a", status: "ok" });
  });
});

describe("a target that is probed", () => {
  it("is asked by exactly one call; others pass it over meanwhile", async () => {
    const clock = createManualClock();
    const gate = Promise.withResolvers<void>();
    const slow: Script = { steps: [started, gate.promise, ...ok.steps.slice(1)] };
    const first = createScriptedProvider(...times(5, refusing("overloaded")), slow, ok);
    const second = createScriptedProvider(ok);
    const { gateway, ledger } = createTestGateway({ providers: { first, second }, clock });
    for (let i = 0; i < 5; i += 1) await gateway.chat(request);
    clock.advance(60_000);
    const probe = gateway.chat(request);
    await turn();
    const others = await Promise.all([gateway.chat(request), gateway.chat(request)]);
    expect(others.map(({ provider }) => provider)).toEqual(["second", "second"]);
    expect(first.calls).toHaveLength(6);
    expect(ledger.attempts.filter(({ status }) => status === "skipped")).toHaveLength(2);
    gate.resolve();
    expect((await probe).provider).toBe("first");
    expect((await gateway.chat(request)).provider).toBe("first");
  });

  it("lets the next call in when the probe's stream has begun, and is well when that comes to its end", async () => {
    const clock = createManualClock();
    const gate = Promise.withResolvers<void>();
    const long: Script = { steps: [started, textStarted, delta("a"), gate.promise, ...ok.steps.slice(3)] };
    const refused = refusing("unavailable", { wholeProvider: true });
    const first = createScriptedProvider(...times(5, refused), long, long, ok);
    const second = createScriptedProvider(ok);
    const { gateway, breakerChanges } = createTestGateway({ providers: { first, second }, clock });
    for (let i = 0; i < 5; i += 1) await gateway.chat(request);
    clock.advance(60_000);
    const replies = [await gateway.stream(request), await gateway.stream(request)];
    expect(replies.map(({ meta }) => meta.provider)).toEqual(["first", "first"]);
    expect(breakerChanges.map(({ model, to }) => [model, to])).toEqual([
      ["m", "open"],
      [undefined, "open"],
      ["m", "half_open"],
      [undefined, "half_open"],
    ]);
    gate.resolve();
    for (const reply of replies) await collect(reply.events);
    expect(breakerChanges.slice(4).map(({ model, to }) => [model, to])).toEqual([
      ["m", "closed"],
      [undefined, "closed"],
    ]);
  });

  it("is left alone anew when a stream breaks that had begun while it was probed", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(...times(5, refusing("overloaded")), broken, ok);
    const second = createScriptedProvider(ok);
    const { gateway, breakerChanges } = createTestGateway({ providers: { first, second }, clock });
    for (let i = 0; i < 5; i += 1) await gateway.chat(request);
    clock.advance(60_000);
    await collect((await gateway.stream(request)).events);
    expect(breakerChanges.map(({ to }) => to)).toEqual(["open", "half_open", "open"]);
    expect((await gateway.chat(request)).provider).toBe("second");
  });

  it("may be probed by the next call when the one that did went away", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(...times(5, refusing("overloaded")), { steps: ["hang"] }, ok);
    const { gateway } = createTestGateway({ providers: { first }, clock });
    for (let i = 0; i < 5; i += 1) await errorOf(gateway.chat(request));
    clock.advance(60_000);
    const caller = new AbortController();
    const probe = errorOf(gateway.chat(request, { signal: caller.signal }));
    await turn();
    caller.abort();
    expect((await probe).code).toBe("cancelled");
    expect((await gateway.chat(request)).provider).toBe("first");
  });

  it("is left alone anew when the probe fails", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(refusing("overloaded"));
    const { gateway, breakerChanges } = createTestGateway({ providers: { first }, clock });
    for (let i = 0; i < 5; i += 1) await errorOf(gateway.chat(request));
    clock.advance(60_000);
    await errorOf(gateway.chat(request));
    await errorOf(gateway.chat(request));
    expect(first.calls).toHaveLength(6);
    expect(breakerChanges.map(({ to }) => to)).toEqual(["open", "half_open", "open"]);
  });
});

describe("when every target is left alone", () => {
  it("a call fails at once, and hears in whole milliseconds when to come back", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(refusing("unavailable"));
    const second = createScriptedProvider(refusing("timeout"));
    const { gateway, ledger } = createTestGateway({
      providers: { first, second },
      clock,
      targetPolicies: { second: { breaker: { failureThreshold: 5, resetTimeoutMs: 10_000 } } },
    });
    for (let i = 0; i < 5; i += 1) await errorOf(gateway.chat(request));
    clock.advance(0.25);
    const error = await errorOf(gateway.chat(request));
    expect(error).toMatchObject({ code: "all_providers_failed", retryAfterMs: 10_000 });
    expect(error.attempts.map(({ provider, failure }) => [provider, failure])).toEqual([
      ["first", "breaker_open"],
      ["second", "breaker_open"],
    ]);
    expect(ledger.settled.at(-1)).toMatchObject({
      status: "failed",
      errorCode: "all_providers_failed",
      attempts: 0,
      latencyMs: 0,
      costNanos: 0n,
    });
    expect(clock.pendingTimers).toBe(0);
  });
});

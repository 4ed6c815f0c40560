import { describe, expect, it } from "vitest";
import type { Gateway } from "../../../src/core/gateway.ts";
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
const hung: Script = { steps: [started, "hang"] };
const one = { maxConcurrent: 1 };

/** One that answers when the test opens the gate, and at once from then on. */
function gated() {
  const gate = Promise.withResolvers<void>();
  return { open: gate.resolve, script: { steps: [gate.promise, ...ok.steps] } satisfies Script };
}

describe("a target with as many calls as it may have", () => {
  it("is passed over while another is ready", async () => {
    const { open, script } = gated();
    const first = createScriptedProvider(script);
    const second = createScriptedProvider(ok);
    const { gateway, ledger } = createTestGateway({
      providers: { first, second },
      targetPolicies: { first: one },
    });
    const held = gateway.chat(request);
    await turn();
    expect((await gateway.chat(request)).provider).toBe("second");
    expect(ledger.attempts).toMatchObject([
      { number: 1, provider: "first", status: "skipped", skipCause: "at_capacity" },
      { number: 2, provider: "second", status: "ok", reason: "fallback" },
    ]);
    open();
    await held;
    expect((await gateway.chat(request)).provider).toBe("first");
  });

  it("is waited for where there is no other", async () => {
    const clock = createManualClock();
    const { open, script } = gated();
    const first = createScriptedProvider(script);
    const { gateway, ledger } = createTestGateway({
      providers: { first },
      targetPolicies: { first: one },
      clock,
    });
    const answers = [gateway.chat(request), gateway.chat(request)];
    await turn();
    expect(first.calls).toHaveLength(1);
    clock.advance(999);
    open();
    await Promise.all(answers);
    expect(first.calls).toHaveLength(2);
    expect(ledger.attempts.map(({ status }) => status)).toEqual(["ok", "ok"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("is waited for a second, then the call is refused as overloaded", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(hung);
    const { gateway, ledger } = createTestGateway({
      providers: { first },
      targetPolicies: { first: one },
      clock,
    });
    const caller = new AbortController();
    const held = errorOf(gateway.chat(request, { signal: caller.signal }));
    const refused = errorOf(gateway.chat(request));
    await turn();
    clock.advance(1_000);
    expect(await refused).toMatchObject({
      code: "overloaded",
      retryAfterMs: 1_000,
      attempts: [{ provider: "first", failure: "at_capacity" }],
    });
    expect(ledger.settled).toMatchObject([{ status: "refused", errorCode: "overloaded", attempts: 0 }]);
    caller.abort();
    await held;
    expect(clock.pendingTimers).toBe(0);
  });

  it("beside one that fails is told as a failure of all", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(hung);
    const second = createScriptedProvider(refusing("model_unavailable"));
    const { gateway } = createTestGateway({
      providers: { first, second },
      targetPolicies: { first: one },
      clock,
    });
    const held = errorOf(gateway.chat(request, { timeoutMs: 2_000 }));
    await turn();
    const failed = errorOf(gateway.chat(request));
    await turn();
    expect(await failed).toMatchObject({
      code: "all_providers_failed",
      retryAfterMs: 1_000,
      attempts: [{ failure: "at_capacity" }, { failure: "model_unavailable" }],
    });
    clock.advance(2_000);
    await held;
    expect(clock.pendingTimers).toBe(0);
  });

  it("keeps nobody in line who goes, or whose time is over", async () => {
    const clock = createManualClock();
    const { open, script } = gated();
    const first = createScriptedProvider(script);
    const { gateway, ledger } = createTestGateway({
      providers: { first },
      targetPolicies: { first: one },
      clock,
    });
    const caller = new AbortController();
    const held = gateway.chat(request);
    const gone = errorOf(gateway.chat(request, { signal: caller.signal }));
    const late = errorOf(gateway.chat(request, { timeoutMs: 500 }));
    await turn();
    caller.abort();
    clock.advance(500);
    expect([(await gone).code, (await late).code]).toEqual(["cancelled", "deadline_exceeded"]);
    open();
    await held;
    await gateway.chat(request);
    expect(first.calls).toHaveLength(2);
    expect(ledger.attempts.map(({ status }) => status)).toEqual(["ok", "ok"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("has its place back where the caller goes in the moment in which it is given", async () => {
    const { open, script } = gated();
    const first = createScriptedProvider(script);
    const { gateway, ledger } = createTestGateway({ providers: { first }, targetPolicies: { first: one } });
    const caller = new AbortController();
    const held = gateway.chat(request).then((reply) => {
      caller.abort();
      return reply;
    });
    const gone = errorOf(gateway.chat(request, { signal: caller.signal }));
    await turn();
    open();
    await held;
    await gone;
    expect((await gateway.chat(request)).provider).toBe("first");
    expect(ledger.settled).toHaveLength(3);
  });
});

describe("the gateway's own limit", () => {
  const overload = { maxConcurrent: 1, queueMax: 1, maxWaitMs: 2_000 };

  it("lets a few wait, and refuses the others at once: counted, and not on record", async () => {
    const clock = createManualClock();
    const { open, script } = gated();
    const first = createScriptedProvider(script);
    const { gateway, ledger } = createTestGateway({ providers: { first }, overload, clock });
    const held = gateway.chat(request);
    const waiting = gateway.chat(request);
    expect(await errorOf(gateway.chat(request))).toMatchObject({ code: "overloaded", retryAfterMs: 1_000 });
    expect(ledger.opened).toHaveLength(1);
    expect(figure(gateway, "sluice_waiting_calls")).toBe(1);
    open();
    await Promise.all([held, waiting]);
    expect(ledger.settled.map(({ status }) => status)).toEqual(["ok", "ok"]);
    expect(figure(gateway, "sluice_waiting_calls")).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it("lets nobody wait longer than it says, or beyond the deadline", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(hung);
    const { gateway, ledger } = createTestGateway({
      providers: { first },
      overload: { ...overload, queueMax: 2 },
      clock,
    });
    const held = errorOf(gateway.chat(request, { timeoutMs: 10_000 }));
    const waiting = errorOf(gateway.chat(request));
    const late = errorOf(gateway.chat(request, { timeoutMs: 1_000 }));
    clock.advance(1_000);
    expect((await late).code).toBe("deadline_exceeded");
    clock.advance(1_000);
    expect((await waiting).code).toBe("overloaded");
    expect(ledger.opened).toHaveLength(1);
    clock.advance(8_000);
    await held;
    expect(clock.pendingTimers).toBe(0);
  });

  const ends: readonly (readonly [string, Script, (gateway: Gateway) => Promise<unknown>])[] = [
    ["an answer", ok, (gateway) => gateway.chat(request)],
    ["a stream", ok, async (gateway) => collect((await gateway.stream(request)).events)],
    ["a failure", refusing("unavailable"), (gateway) => errorOf(gateway.chat(request))],
    [
      "a broken stream",
      { steps: [started, textStarted, delta("x"), failing("timeout")] },
      async (gateway) => collect((await gateway.stream(request)).events),
    ],
    ["a model that nobody knows", ok, (gateway) => errorOf(gateway.chat({ ...request, model: "none-such" }))],
    [
      "a caller that is gone already",
      ok,
      (gateway) => errorOf(gateway.chat(request, { signal: AbortSignal.abort() })),
    ],
    [
      "a reader that leaves",
      { steps: [started, textStarted, delta("x"), "hang"] },
      async (gateway) => {
        const iterator = (await gateway.stream(request)).events[Symbol.asyncIterator]();
        await iterator.next();
        await iterator.return?.();
      },
    ],
    [
      "a caller that goes, with nobody reading",
      { steps: [started, textStarted, delta("x"), "hang"] },
      async (gateway) => {
        const caller = new AbortController();
        await gateway.stream(request, { signal: caller.signal });
        caller.abort();
      },
    ],
  ];
  it.each(ends)("has its place back after %s", async (_, script, run) => {
    const clock = createManualClock();
    const first = createScriptedProvider(script);
    const { gateway } = createTestGateway({
      providers: { first },
      overload: { maxConcurrent: 1, queueMax: 0, maxWaitMs: 0 },
      clock,
    });
    for (let i = 0; i < 3; i += 1) await run(gateway);
    expect(figure(gateway, "sluice_open_calls")).toBe(0);
    expect(clock.pendingTimers).toBe(0);
    const next = gateway.chat(request, { timeoutMs: 1 }).catch((error: unknown) => error);
    await turn();
    clock.advance(1);
    expect(await next).not.toMatchObject({ code: "overloaded" });
  });
});

function figure(gateway: Gateway, name: string): unknown {
  const sample = gateway.measurements().find((family) => family.name === name)?.samples[0];
  return sample !== undefined && "value" in sample ? sample.value : undefined;
}

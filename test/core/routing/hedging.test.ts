import { describe, expect, it } from "vitest";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { Price } from "../../../src/core/pricing/price.ts";
import type { HedgePolicy } from "../../../src/core/snapshot.ts";
import {
  collect,
  delta,
  errorOf,
  failing,
  finished,
  partFinished,
  refusing,
  request,
  started,
  textOf,
  textStarted,
  usage,
} from "../../support/chat-scripts.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import {
  createScriptedProvider,
  type Script,
  type ScriptedProvider,
  textScript,
} from "../../support/scripted-provider.ts";
import { createTestGateway, type TestGatewayOptions } from "../../support/test-gateway.ts";
import { turn } from "../../support/turn.ts";

const price: Price = { version: "test-1", inputPicos: 1_000_000n, outputPicos: 2_000_000n };
const prices = { find: () => price };
/** Says at once that it has read five tokens, and then nothing. */
const silent: Script = {
  steps: [
    {
      type: "started",
      model: "slow-1",
      usage: { input: { total: 5 }, output: { total: 0 }, source: "reported" },
    },
    "hang",
  ],
  losses: [{ field: "sampling.seed", detail: "first has no such setting." }],
};
const hung: Script = { steps: ["hang"] };

interface Hedged extends Partial<Omit<TestGatewayOptions, "clock">> {
  readonly first: ScriptedProvider;
  readonly second: ScriptedProvider;
  readonly hedge?: Partial<HedgePolicy>;
}

function hedgedGateway({ first, second, hedge, ...options }: Hedged) {
  const clock = createManualClock();
  const policy: HedgePolicy = { after: { ms: 100 }, maxShare: 1, ...hedge };
  const made = createTestGateway({
    providers: { first, second },
    routePolicy: { hedge: policy },
    prices,
    ...options,
    clock,
  });
  return { ...made, clock };
}

describe("a slow target", () => {
  it("is joined by the next one after the delay: the first to commit wins, the other is ended and paid for", async () => {
    const first = createScriptedProvider(silent);
    const second = createScriptedProvider(textScript("fast answer"));
    const { gateway, ledger, clock } = hedgedGateway({ first, second });
    const reply = gateway.stream(request);
    await turn();
    clock.advance(99);
    await turn();
    expect(second.calls).toEqual([]);
    clock.advance(1);
    const { meta, events } = await reply;
    expect(meta).toMatchObject({ provider: "second", attempts: 2, losses: [] });
    expect(first.calls[0]?.context.signal.aborted).toBe(true);
    const told = await collect(events);
    expect(textOf(told.events)).toBe("fast answer");
    expect(told.events[0]).toMatchObject({ type: "started", provider: "second", meta: { attempts: 2 } });
    expect(ledger.attempts).toMatchObject([
      {
        number: 1,
        provider: "first",
        reason: "primary",
        status: "cancelled",
        costNanos: 5_000n,
        latencyMs: 100,
      },
      { number: 2, provider: "second", reason: "hedge", status: "ok", costNanos: 9_000n, latencyMs: 0 },
    ]);
    expect(ledger.settled).toMatchObject([
      {
        status: "ok",
        provider: "second",
        model: "m",
        modelServed: "scripted-1",
        attempts: 2,
        costNanos: 14_000n,
        timeToFirstTokenMs: 100,
        losses: [],
        usage: { input: { total: 10 } },
      },
    ]);
    expect(told.events.at(-1)).toMatchObject({
      meta: { costNanos: 14_000n, provider: "second", losses: [] },
    });
    expect(first.ended).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it("wins where it commits first, although the second was asked", async () => {
    const gate = Promise.withResolvers<void>();
    const first = createScriptedProvider({
      steps: [started, gate.promise, ...textScript("mine").steps.slice(1)],
    });
    const second = createScriptedProvider(silent);
    const { gateway, ledger, clock } = hedgedGateway({ first, second });
    const reply = gateway.stream(request);
    await turn();
    clock.advance(100);
    await turn();
    expect(second.calls).toHaveLength(1);
    gate.resolve();
    const { meta, events } = await reply;
    // The second one answered last, and is not what the caller reads.
    expect(meta).toMatchObject({ provider: "first", losses: [] });
    expect(textOf((await collect(events)).events)).toBe("mine");
    expect(second.calls[0]?.context.signal.aborted).toBe(true);
    expect(ledger.attempts.map(({ number, status }) => [number, status])).toEqual([
      [2, "cancelled"],
      [1, "ok"],
    ]);
    expect(ledger.settled).toMatchObject([{ provider: "first", costNanos: 12_000n }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("is joined for a whole answer, too, whose facts tell what both cost", async () => {
    const first = createScriptedProvider(silent);
    const second = createScriptedProvider(textScript("fast answer"));
    const { gateway, ledger, clock } = hedgedGateway({ first, second });
    const reply = gateway.chat(request);
    await turn();
    clock.advance(100);
    const { meta, provider, model } = await reply;
    expect([provider, model]).toEqual(["second", "scripted-1"]);
    expect(meta).toMatchObject({ provider: "second", attempts: 2, costNanos: 14_000n, losses: [] });
    expect(ledger.settled).toMatchObject([{ costNanos: 14_000n, provider: "second" }]);
    expect(ledger.attempts).toMatchObject([{ status: "cancelled" }, { status: "ok" }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("is not joined when it answers, or fails, before the delay", async () => {
    const first = createScriptedProvider(textScript("quick"), refusing("unavailable"));
    const second = createScriptedProvider(textScript("other"));
    const { gateway, ledger, clock } = hedgedGateway({ first, second });
    await gateway.chat(request);
    expect(clock.pendingTimers).toBe(0);
    await gateway.chat(request);
    expect(ledger.attempts.map(({ reason }) => reason)).toEqual(["primary", "primary", "fallback"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("may fail while the second goes on", async () => {
    const gate = Promise.withResolvers<void>();
    const first = createScriptedProvider({ steps: [gate.promise, failing("unavailable")] });
    const done = Promise.withResolvers<void>();
    const second = createScriptedProvider({ steps: [done.promise, ...textScript("second").steps] });
    const { gateway, ledger, clock } = hedgedGateway({ first, second, retries: 2 });
    const reply = gateway.chat(request);
    await turn();
    clock.advance(100);
    await turn();
    gate.resolve();
    await turn();
    done.resolve();
    expect((await reply).provider).toBe("second");
    expect(ledger.attempts.map(({ reason, status }) => [reason, status])).toEqual([
      ["primary", "failed"],
      ["hedge", "ok"],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("may win after the second failed", async () => {
    const gate = Promise.withResolvers<void>();
    const first = createScriptedProvider({ steps: [gate.promise, ...textScript("first").steps] });
    const second = createScriptedProvider(refusing("overloaded"));
    const { gateway, ledger, clock } = hedgedGateway({ first, second });
    const reply = gateway.chat(request);
    await turn();
    clock.advance(100);
    await turn();
    gate.resolve();
    expect((await reply).provider).toBe("first");
    expect(ledger.attempts.map(({ reason, status }) => [reason, status])).toEqual([
      ["hedge", "failed"],
      ["primary", "ok"],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("and its second may both fail: the caller hears of both", async () => {
    const gate = Promise.withResolvers<void>();
    const first = createScriptedProvider({ steps: [gate.promise, failing("timeout")] });
    const second = createScriptedProvider(refusing("overloaded"));
    const { gateway, ledger, clock } = hedgedGateway({ first, second });
    const error = errorOf(gateway.stream(request));
    await turn();
    clock.advance(100);
    await turn();
    gate.resolve();
    expect((await error).attempts.map(({ provider, failure }) => [provider, failure])).toEqual([
      ["second", "overloaded"],
      ["first", "timeout"],
    ]);
    expect(ledger.settled).toMatchObject([{ attempts: 2, errorCode: "all_providers_failed" }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("that finds the request at fault ends the call, and the second with it", async () => {
    const gate = Promise.withResolvers<void>();
    const first = createScriptedProvider({ steps: [gate.promise, failing("caller_fault")] });
    const second = createScriptedProvider(hung);
    const { gateway, ledger, clock } = hedgedGateway({ first, second });
    const error = errorOf(gateway.chat(request));
    await turn();
    clock.advance(100);
    await turn();
    gate.resolve();
    expect((await error).code).toBe("invalid_request");
    expect(second.calls[0]?.context.signal.aborted).toBe(true);
    expect(ledger.attempts.map(({ status }) => status)).toEqual(["failed", "cancelled"]);
    expect(clock.pendingTimers).toBe(0);
  });

  const deliveries = ["chat", "stream"] as const;
  it.each(deliveries)("and its second are both ended when the caller of a %s goes", async (delivery) => {
    const caller = new AbortController();
    const first = createScriptedProvider(hung);
    const second = createScriptedProvider(silent);
    const { gateway, ledger, clock } = hedgedGateway({ first, second });
    const error = errorOf(gateway[delivery](request, { signal: caller.signal }));
    await turn();
    clock.advance(100);
    await turn();
    caller.abort();
    expect((await error).code).toBe("cancelled");
    expect([first, second].map(({ calls }) => calls[0]?.context.signal.aborted)).toEqual([true, true]);
    expect(ledger.attempts.map(({ reason, status }) => [reason, status])).toEqual([
      ["primary", "cancelled"],
      ["hedge", "cancelled"],
    ]);
    expect(ledger.settled).toMatchObject([{ status: "cancelled", attempts: 2 }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("is joined by the next target that is ready", async () => {
    const first = createScriptedProvider(hung);
    const second = createScriptedProvider(textScript("not asked"));
    const third = createScriptedProvider(textScript("third"));
    const { gateway, clock } = hedgedGateway({
      first,
      second,
      providers: { first, second, third },
      draining: ["second"],
    });
    const reply = gateway.chat(request);
    await turn();
    clock.advance(100);
    expect((await reply).provider).toBe("third");
  });

  it("wins alone where both commit in one moment, and nothing of the other is told", async () => {
    const gate = Promise.withResolvers<void>();
    const both = (text: string): ScriptedProvider =>
      createScriptedProvider({ steps: [started, gate.promise, ...textScript(text).steps.slice(1)] });
    const { gateway, ledger, clock } = hedgedGateway({ first: both("one"), second: both("two") });
    const reply = gateway.stream(request);
    await turn();
    clock.advance(100);
    await turn();
    gate.resolve();
    const { meta, events } = await reply;
    const told = await collect(events);
    expect(["one", "two"]).toContain(textOf(told.events));
    expect(told.events[0]).toMatchObject({ provider: meta.provider });
    expect(ledger.settled).toMatchObject([{ provider: meta.provider }]);
    expect(ledger.attempts.map(({ status }) => status).toSorted()).toEqual(["cancelled", "ok"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("may go on with the winner's stream when that breaks", async () => {
    const first = createScriptedProvider(hung, textScript("whole"));
    const second = createScriptedProvider({
      steps: [started, textStarted, delta("half"), failing("unavailable")],
    });
    const { gateway, ledger, clock } = hedgedGateway({
      first,
      second,
      routePolicy: { midStream: "restart", hedge: { after: { ms: 100 }, maxShare: 1 } },
    });
    const reply = gateway.stream(request);
    await turn();
    clock.advance(100);
    const told = await collect((await reply).events);
    expect(told.events.find(({ type }) => type === "seam")).toMatchObject({ provider: "first" });
    expect(told.error).toBeUndefined();
    expect(ledger.attempts.map(({ provider, reason }) => [provider, reason])).toEqual([
      ["first", "primary"],
      ["second", "hedge"],
      ["first", "restart"],
    ]);
  });
});

describe("how often and at what cost a target is joined", () => {
  it("stays within the route's share of calls", async () => {
    const gate: { open?: () => void } = {};
    const waits = async function* (): AsyncGenerator<ProviderChatEvent> {
      await new Promise<void>((resolve) => (gate.open = resolve));
      yield* answer;
    };
    const answer: ProviderChatEvent[] = [
      started,
      textStarted,
      delta("x"),
      partFinished,
      usage(1, 1),
      finished,
    ];
    const first: ScriptedProvider = Object.assign(createScriptedProvider(), {
      chat: () => Promise.resolve({ losses: [], events: waits() }),
    });
    const second = createScriptedProvider(textScript("x"));
    const { gateway, ledger, clock } = hedgedGateway({ first, second, hedge: { maxShare: 0.05 } });
    for (let i = 0; i < 100; i += 1) {
      const reply = gateway.chat(request);
      await turn();
      clock.advance(100);
      await turn();
      gate.open?.();
      await reply;
    }
    expect(ledger.attempts.filter(({ reason }) => reason === "hedge")).toHaveLength(5);
    expect(clock.pendingTimers).toBe(0);
  });

  const capped: readonly (readonly [string, bigint, boolean])[] = [
    ["is joined at the cap", 514_000n, true],
    ["is not joined above it", 513_999n, false],
  ];
  // "Hello" is 2 tokens, and the usual answer 256: 2 × 1000 + 256 × 2000 nano-dollars.
  it.each(capped)("a cost cap: a target %s", async (_, maxCostNanos, joined) => {
    const first = createScriptedProvider({ steps: [started, "hang"] });
    const second = createScriptedProvider(textScript("x"));
    const { gateway, clock } = hedgedGateway({ first, second, hedge: { maxCostNanos } });
    const reply = gateway.chat(request, { timeoutMs: 200 }).catch(() => undefined);
    await turn();
    clock.advance(100);
    await turn();
    expect(second.calls).toHaveLength(joined ? 1 : 0);
    clock.advance(100);
    await reply;
    expect(clock.pendingTimers).toBe(0);
  });

  it("a target without a price is never asked under a cost cap", async () => {
    const first = createScriptedProvider({ steps: [started, "hang"] });
    const second = createScriptedProvider(textScript("x"));
    const { gateway, clock } = hedgedGateway({
      first,
      second,
      hedge: { maxCostNanos: 1_000_000_000n },
      prices: { find: () => undefined },
    });
    const reply = gateway.chat(request, { timeoutMs: 200 }).catch(() => undefined);
    await turn();
    clock.advance(200);
    await reply;
    expect(second.calls).toEqual([]);
  });

  it("after p95: only when enough is known of the target, and then after its p95", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(
      { steps: ["hang"] },
      ...Array.from({ length: 20 }, () => textScript("x")),
      {
        steps: [started, "hang"],
      },
    );
    const second = createScriptedProvider(textScript("second"));
    const { gateway } = createTestGateway({
      providers: { first, second },
      clock,
      routePolicy: { hedge: { after: "p95", maxShare: 1 } },
    });
    const unknown = gateway.stream(request, { timeoutMs: 500 }).catch(() => undefined);
    await turn();
    clock.advance(500);
    await unknown;
    expect(second.calls).toEqual([]);
    for (let i = 0; i < 20; i += 1) await collect((await gateway.stream(request)).events);
    const hedged = gateway.stream(request);
    await turn();
    clock.advance(1);
    await turn();
    expect(second.calls).toHaveLength(1);
    expect((await hedged).meta.provider).toBe("second");
  });
});

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
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway, type ReadableLedger } from "../../support/test-gateway.ts";
import { turn } from "../../support/turn.ts";

const told = ({ attempts }: ReadableLedger) =>
  attempts.map(({ number, provider, reason, status }) => [number, provider, reason, status]);

describe("a target that fails", () => {
  it("is tried again twice where it is the first, once where it is a fallback", async () => {
    const first = createScriptedProvider(refusing("unavailable"));
    const second = createScriptedProvider(refusing("broken_reply"));
    const clock = createManualClock();
    const { gateway, ledger } = createTestGateway({
      providers: { first, second },
      retries: "default",
      clock,
    });
    const error = await errorOf(gateway.chat(request));
    expect(told(ledger)).toEqual([
      [1, "first", "primary", "failed"],
      [2, "first", "retry", "failed"],
      [3, "first", "retry", "failed"],
      [4, "second", "fallback", "failed"],
      [5, "second", "retry", "failed"],
    ]);
    expect(error.attempts).toHaveLength(5);
    expect(ledger.settled).toMatchObject([{ attempts: 5, status: "failed" }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("is tried again as often as its target says", async () => {
    const first = createScriptedProvider(refusing("timeout"));
    const second = createScriptedProvider(textScript("ok"));
    const { gateway } = createTestGateway({
      providers: { first, second },
      targets: { first: { retries: 4 } },
    });
    expect((await gateway.chat(request)).provider).toBe("second");
    expect(first.calls).toHaveLength(5);
  });

  it("waits any time up to a bound that doubles, and answers as soon as one goes well", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(
      refusing("unavailable"),
      refusing("unavailable"),
      textScript("at last"),
    );
    const { gateway, ledger } = createTestGateway({
      providers: { first },
      retries: 2,
      clock,
      random: () => 0.5,
    });
    const answer = gateway.chat(request);
    await turn();
    clock.advance(49);
    await turn();
    expect(first.calls).toHaveLength(1);
    clock.advance(1);
    await turn();
    expect(first.calls).toHaveLength(2);
    clock.advance(99);
    await turn();
    expect(first.calls).toHaveLength(2);
    clock.advance(1);
    expect((await answer).meta).toMatchObject({ attempts: 3, latencyMs: 150 });
    expect(ledger.attempts.map(({ latencyMs }) => latencyMs)).toEqual([0, 0, 0]);
    expect(clock.pendingTimers).toBe(0);
  });

  const atOnce: readonly (readonly [FailureClass, object])[] = [
    ["authentication", { httpStatus: 401 }],
    ["authentication", { httpStatus: 403 }],
    ["rate_limited", { httpStatus: 429 }],
    ["model_unavailable", { httpStatus: 404 }],
    ["unavailable", { wholeProvider: true }],
    ["overloaded", { retryAfterMs: 251 }],
  ];

  it.each(atOnce)("is left for another that is ready at once: %s %o", async (failure, details) => {
    const first = createScriptedProvider(refusing(failure, details));
    const second = createScriptedProvider(textScript("ok"));
    const clock = createManualClock();
    const { gateway } = createTestGateway({ providers: { first, second }, retries: 3, clock });
    expect((await gateway.chat(request)).meta).toMatchObject({ provider: "second", attempts: 2 });
    expect(clock.monotonicMs()).toBe(0);
  });

  it("is waited for up to the route's bound while another is ready", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(refusing("overloaded", { retryAfterMs: 400 }), textScript("ok"));
    const second = createScriptedProvider(textScript("not asked"));
    const { gateway } = createTestGateway({
      providers: { first, second },
      retries: 1,
      clock,
      routePolicy: { maxRetryDelayMs: 400 },
    });
    const answer = gateway.chat(request);
    await turn();
    clock.advance(400);
    expect((await answer).provider).toBe("first");
  });

  const never: readonly FailureClass[] = ["caller_fault", "content_refused"];
  it.each(never)("is not tried again after %s", async (failure) => {
    const first = createScriptedProvider(refusing(failure));
    const { gateway, ledger } = createTestGateway({ providers: { first }, retries: 3 });
    await errorOf(gateway.chat(request));
    expect(first.calls).toHaveLength(1);
    expect(told(ledger)).toEqual([[1, "first", "primary", "failed"]]);
  });

  it("is not tried again after its commit", async () => {
    const first = createScriptedProvider({
      steps: [started, textStarted, delta("half"), failing("timeout")],
    });
    const { gateway } = createTestGateway({ providers: { first }, retries: 3 });
    const { error } = await collect((await gateway.stream(request)).events);
    expect(error).toMatchObject({ code: "all_providers_failed" });
    expect(first.calls).toHaveLength(1);
  });
});

describe("the last target", () => {
  const limited = refusing("rate_limited", { httpStatus: 429, retryAfterMs: 9_000 });

  it("is waited for as long as it says, up to ten seconds", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(refusing("unavailable"));
    const second = createScriptedProvider(limited, textScript("ok"));
    const { gateway, ledger } = createTestGateway({
      providers: { first, second },
      targets: { first: { retries: 0 } },
      retries: 1,
      clock,
    });
    const answer = gateway.chat(request);
    await turn();
    clock.advance(8_999);
    await turn();
    expect(second.calls).toHaveLength(1);
    clock.advance(1);
    expect((await answer).provider).toBe("second");
    expect(told(ledger).at(-1)).toEqual([3, "second", "retry", "ok"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("is not waited for longer: the caller hears when to come back, in whole milliseconds", async () => {
    const first = createScriptedProvider(refusing("overloaded", { retryAfterMs: 10_000.5 }));
    const { gateway } = createTestGateway({ providers: { first }, retries: 2 });
    expect(await errorOf(gateway.chat(request))).toMatchObject({
      code: "all_providers_failed",
      retryAfterMs: 10_001,
    });
    expect(first.calls).toHaveLength(1);
  });

  it("is not waited for beyond the deadline", async () => {
    const first = createScriptedProvider(limited);
    const { gateway } = createTestGateway({ providers: { first }, retries: 2 });
    const error = await errorOf(gateway.chat(request, { timeoutMs: 9_000 }));
    expect(error).toMatchObject({ code: "all_providers_failed", retryAfterMs: 9_000 });
  });

  it("is one whose successors cannot be asked", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(limited, textScript("ok"));
    const second = createScriptedProvider(textScript("not asked"));
    const { gateway } = createTestGateway({
      providers: { first, second },
      retries: 1,
      draining: ["second"],
      clock,
    });
    const answer = gateway.chat(request);
    await turn();
    clock.advance(9_000);
    expect((await answer).provider).toBe("first");
    expect(second.calls).toEqual([]);
  });
});

describe("a call that ends while a retry is waited for", () => {
  const waiting = refusing("overloaded", { retryAfterMs: 5_000 });
  const scripts = [waiting, textScript("not asked")];

  it("is answered at once when its caller has gone", async () => {
    const clock = createManualClock();
    const caller = new AbortController();
    const first = createScriptedProvider(...scripts);
    const { gateway, ledger } = createTestGateway({ providers: { first }, retries: 1, clock });
    const error = errorOf(gateway.chat(request, { signal: caller.signal }));
    await turn();
    caller.abort();
    expect((await error).code).toBe("cancelled");
    expect(told(ledger)).toEqual([[1, "first", "primary", "failed"]]);
    expect(ledger.settled).toMatchObject([{ status: "cancelled", attempts: 1 }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("has a deadline for its last attempt, too", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(waiting, { steps: ["hang"] });
    const { gateway, ledger } = createTestGateway({ providers: { first }, retries: 1, clock });
    const error = errorOf(gateway.chat(request, { timeoutMs: 5_100 }));
    await turn();
    clock.advance(5_000);
    await turn();
    clock.advance(100);
    expect((await error).code).toBe("deadline_exceeded");
    expect(told(ledger).at(-1)).toEqual([2, "first", "retry", "cancelled"]);
    expect(ledger.settled).toMatchObject([{ status: "failed", attempts: 2, latencyMs: 5_100 }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("makes no attempt when the wait is over in the moment in which the caller goes", async () => {
    const clock = createManualClock();
    const caller = new AbortController();
    const first = createScriptedProvider(...scripts);
    const { gateway, ledger } = createTestGateway({ providers: { first }, retries: 1, clock });
    const error = errorOf(gateway.chat(request, { signal: caller.signal }));
    await turn();
    clock.advance(5_000);
    caller.abort();
    expect((await error).code).toBe("cancelled");
    expect(first.calls).toHaveLength(1);
    expect(told(ledger)).toEqual([[1, "first", "primary", "failed"]]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("the budget of retries", () => {
  it("keeps a target that fails for everyone from a second load: ten retries, then a tenth", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider(refusing("unavailable"));
    const { gateway, ledger } = createTestGateway({
      providers: { first },
      retries: 2,
      clock,
      targetPolicies: { first: { breaker: { failureThreshold: 1_000_000, resetTimeoutMs: 60_000 } } },
    });
    for (let i = 0; i < 300; i += 1) {
      clock.advance(5);
      await errorOf(gateway.chat(request));
    }
    const retries = ledger.attempts.filter(({ reason }) => reason === "retry").length;
    expect(retries).toBeGreaterThanOrEqual(10);
    expect(retries).toBeLessThanOrEqual(30);
    expect(clock.pendingTimers).toBe(0);
  });
});

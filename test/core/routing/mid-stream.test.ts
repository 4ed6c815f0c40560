import { describe, expect, it } from "vitest";
import {
  collect,
  delta,
  failing,
  partFinished,
  refusing,
  request,
  started,
  textStarted,
  usage,
} from "../../support/chat-scripts.ts";
import { createScriptedProvider } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import { breaking, cut, routed, startedCounting, streamed, whole } from "./broken-streams.ts";

describe("a stream that breaks under `fail`", () => {
  it("ends with a typed error after the partial text, which tells every attempt", async () => {
    const first = createScriptedProvider(refusing("overloaded"));
    const second = createScriptedProvider(breaking("half "));
    const third = createScriptedProvider(whole("not asked"));
    const { gateway, ledger, clock } = routed({ first, second, third }, "fail");
    const { order, error } = await streamed(gateway);
    expect(order).toEqual(["started", "text[0]", "0:half "]);
    expect(error).toMatchObject({
      code: "all_providers_failed",
      message: "The answer of second/m broke off and is not complete: The connection was cut.",
      attempts: [
        { provider: "first", failure: "overloaded" },
        { provider: "second", failure: "unavailable" },
      ],
      meta: { attempts: 2 },
    });
    expect(third.calls).toEqual([]);
    expect(ledger.settled).toMatchObject([{ status: "failed", outputChars: 5 }]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("a stream that breaks under `restart`", () => {
  it("goes over to another target's answer from its start", async () => {
    const first = createScriptedProvider({
      steps: [startedCounting, textStarted, delta("half "), cut],
    });
    const second = createScriptedProvider({
      ...whole("all ", "of it"),
      losses: [{ field: "sampling.seed", detail: "second has no such setting." }],
    });
    const { gateway, ledger, clock } = routed({ first, second }, "restart");
    const { order, events, error } = await streamed(gateway);
    expect(error).toBeUndefined();
    expect(order).toEqual([
      "started",
      "text[0]",
      "0:half ",
      "seam restart second/m",
      "text[0]",
      "0:all ",
      "0:of it",
      "end[0]",
      "usage 7+3",
      "finished",
    ]);
    expect(events[3]).toMatchObject({ losses: [{ field: "sampling.seed" }] });
    expect(events.at(-1)).toMatchObject({ meta: { provider: "second", attempts: 2, costNanos: 22_000n } });
    expect(second.calls[0]?.request).toEqual(request);
    expect(ledger.attempts).toMatchObject([
      { number: 1, provider: "first", reason: "primary", status: "failed", costNanos: 12_000n },
      { number: 2, provider: "second", reason: "restart", status: "ok", costNanos: 10_000n },
    ]);
    expect(ledger.settled).toMatchObject([
      {
        status: "ok",
        provider: "second",
        attempts: 2,
        costNanos: 22_000n,
        usage: { input: { total: 17 }, output: { total: 5 }, source: "estimated" },
        outputChars: 9,
        replyBody: { parts: [{ kind: "text", text: "all of it" }] },
      },
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("keeps the caller's first token as the call's first", async () => {
    const gates = [0, 1].map(() => Promise.withResolvers<void>());
    const first = createScriptedProvider({
      steps: [started, textStarted, delta("x"), gates[0]?.promise ?? cut, cut],
    });
    const second = createScriptedProvider({ steps: [gates[1]?.promise ?? cut, ...whole("y").steps] });
    const { gateway, ledger, clock } = routed({ first, second }, "restart");
    const reply = await gateway.stream(request);
    const told = collect(reply.events);
    clock.advance(40);
    gates[0]?.resolve();
    await turn();
    clock.advance(60);
    gates[1]?.resolve();
    await told;
    expect(ledger.attempts).toMatchObject([{ timeToFirstTokenMs: 0 }, { timeToFirstTokenMs: 60 }]);
    expect(ledger.settled).toMatchObject([{ timeToFirstTokenMs: 0, latencyMs: 100 }]);
  });

  it("goes over again when the second breaks, and asks the first ones once more, last", async () => {
    const first = createScriptedProvider(breaking("a"), whole("d"));
    const second = createScriptedProvider(breaking("b"));
    const third = createScriptedProvider(breaking("c"));
    const { gateway, ledger, clock } = routed({ first, second, third }, "restart");
    const { order, error } = await streamed(gateway);
    expect(error).toBeUndefined();
    expect(order.filter((each) => each.startsWith("seam"))).toEqual([
      "seam restart second/m",
      "seam restart third/m",
      "seam restart first/m",
    ]);
    expect(ledger.attempts.map(({ number, provider, status }) => [number, provider, status])).toEqual([
      [1, "first", "failed"],
      [2, "second", "failed"],
      [3, "third", "failed"],
      [4, "first", "ok"],
    ]);
    expect(ledger.settled).toMatchObject([{ replyBody: { parts: [{ text: "d" }] } }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("ends when every target broke or failed, and tells of each", async () => {
    const first = createScriptedProvider(breaking("a"), refusing("timeout"));
    const second = createScriptedProvider(breaking("b"), refusing("overloaded", { retryAfterMs: 20_000 }));
    const { gateway, ledger, clock } = routed({ first, second }, "restart");
    const { order, error } = await streamed(gateway);
    expect(order.at(-1)).toBe("0:b");
    expect(error).toMatchObject({
      code: "all_providers_failed",
      retryAfterMs: 20_000,
      attempts: [
        { provider: "first", failure: "unavailable" },
        { provider: "second", failure: "unavailable" },
        { provider: "first", failure: "timeout" },
        { provider: "second", failure: "overloaded" },
      ],
    });
    expect(String(error)).toMatch(/The answer of second\/m broke off and is not complete: /);
    expect(String(error)).toContain("No other target went on with it: first/m: timeout");
    expect(ledger.settled).toMatchObject([{ attempts: 4, status: "failed", provider: "second" }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("is still the first one's answer where the second begins, and fails before it has said anything", async () => {
    const first = createScriptedProvider(breaking("a"), refusing("timeout"));
    const second = createScriptedProvider({
      steps: [started, failing("broken_reply")],
      losses: [{ field: "sampling.seed", detail: "second has no such setting." }],
    });
    const { gateway, ledger } = routed({ first, second }, "restart");
    const { error } = await streamed(gateway);
    expect(error).toMatchObject({ meta: { provider: "first", losses: [] } });
    expect(ledger.settled).toMatchObject([{ provider: "first", timeToFirstTokenMs: 0, losses: [] }]);
  });

  it("is tried at the same target where there is no other", async () => {
    const first = createScriptedProvider(breaking("a"), whole("again"));
    const { gateway } = routed({ first }, "restart");
    expect((await streamed(gateway)).order).toContain("seam restart first/m");
  });

  it("comes back to a target only as often as its retries allow", async () => {
    const first = createScriptedProvider(breaking("a"));
    const { gateway, ledger } = routed({ first }, "restart", {
      targetPolicies: { first: { breaker: { failureThreshold: 1_000, resetTimeoutMs: 1_000 } } },
    });
    for (let i = 0; i < 30; i += 1) {
      expect((await streamed(gateway)).error).toMatchObject({ code: "all_providers_failed" });
    }
    // Ten in ten seconds are free.
    expect(ledger.attempts.filter(({ reason }) => reason === "restart")).toHaveLength(10);
    expect(first.calls).toHaveLength(40);
  });

  it("asks the next where a target refuses what another one had taken", async () => {
    const first = createScriptedProvider(breaking("a"));
    const second = createScriptedProvider(refusing("caller_fault"));
    const third = createScriptedProvider(whole("c"));
    const { gateway } = routed({ first, second, third }, "restart");
    expect((await streamed(gateway)).order).toContain("seam restart third/m");
  });

  it("does not go over where the content was refused", async () => {
    const first = createScriptedProvider({
      steps: [started, textStarted, delta("a"), failing("content_refused")],
    });
    const second = createScriptedProvider(whole("b"));
    const { gateway } = routed({ first, second }, "restart");
    const { error } = await streamed(gateway);
    expect(error).toMatchObject({ code: "all_providers_failed", attempts: [{ failure: "content_refused" }] });
    expect(second.calls).toEqual([]);
  });

  it("is whole once its terminal event has come, whatever its adapter throws after that", async () => {
    const first = createScriptedProvider({ steps: [...whole("all").steps, cut] });
    const second = createScriptedProvider(whole("never asked"));
    const { gateway, ledger, clock } = routed({ first, second }, "restart");
    const { order, error } = await streamed(gateway);
    expect([order.at(-1), error]).toEqual(["finished", undefined]);
    expect(second.calls).toEqual([]);
    expect(ledger.settled).toMatchObject([{ status: "ok", attempts: 1 }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("tells the usage of the broken answer once, before the error, where nobody went on", async () => {
    const first = createScriptedProvider(breaking("a", partFinished, usage(4, 2)), refusing("timeout"));
    const { gateway } = routed({ first }, "restart");
    const { order, error } = await streamed(gateway);
    expect(order).toEqual(["started", "text[0]", "0:a", "end[0]", "usage 4+2"]);
    expect(error).toMatchObject({ code: "all_providers_failed" });
  });
});

const breakingThenSilent = () => ({
  first: createScriptedProvider(breaking("half ")),
  second: createScriptedProvider({ steps: ["hang"] }),
});

describe("while another target is asked to go on", () => {
  it("the reader may leave: both upstreams are closed and the call is cancelled", async () => {
    const { first, second } = breakingThenSilent();
    const { gateway, ledger, clock } = routed({ first, second }, "restart");
    const iterator = (await gateway.stream(request)).events[Symbol.asyncIterator]();
    for (let i = 0; i < 3; i += 1) await iterator.next();
    const waiting = iterator.next();
    await turn();
    await iterator.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(second.calls[0]?.context.signal.aborted).toBe(true);
    await turn();
    expect([first.ended, second.ended]).toEqual([1, 1]);
    expect(ledger.attempts.map(({ status }) => status)).toEqual(["failed", "cancelled"]);
    expect(ledger.settled).toMatchObject([{ status: "cancelled", attempts: 2 }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("the call may come to its deadline", async () => {
    const { first, second } = breakingThenSilent();
    const { gateway, ledger, clock } = routed({ first, second }, "restart");
    const reply = await gateway.stream(request, { timeoutMs: 1_000 });
    const told = collect(reply.events);
    await turn();
    clock.advance(1_000);
    expect(await told).toMatchObject({ error: { code: "deadline_exceeded" } });
    expect(ledger.settled).toMatchObject([{ status: "failed", errorCode: "deadline_exceeded" }]);
    expect(clock.pendingTimers).toBe(0);
  });
});

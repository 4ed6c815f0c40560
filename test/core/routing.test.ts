import { describe, expect, it } from "vitest";
import { type FailureClass, failureActions } from "../../src/core/provider-error.ts";
import {
  collect,
  delta,
  errorOf,
  failing,
  refusing,
  request,
  started,
  textStarted,
} from "../support/chat-scripts.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { createScriptedProvider, type Step, textScript } from "../support/scripted-provider.ts";
import { createTestGateway } from "../support/test-gateway.ts";

describe("route", () => {
  const goesOn: FailureClass[] = [
    "model_unavailable",
    "authentication",
    "rate_limited",
    "unavailable",
    "overloaded",
    "timeout",
    "broken_reply",
  ];
  const stops: FailureClass[] = ["caller_fault", "content_refused"];

  it("has an action for each class of failure, tested below", () => {
    expect(Object.keys(failureActions).toSorted()).toEqual([...goesOn, ...stops].toSorted());
  });

  it.each(goesOn)("goes on to the next target after %s", async (failure) => {
    const first = createScriptedProvider(refusing(failure));
    const second = createScriptedProvider(textScript("from the second"));
    const { gateway, ledger } = createTestGateway({ providers: { first, second } });
    const reply = await gateway.chat(request);
    expect(reply.provider).toBe("second");
    expect(reply.meta.attempts).toBe(2);
    expect(ledger.attempts.map(({ provider, status, reason }) => [provider, status, reason])).toEqual([
      ["first", "failed", "primary"],
      ["second", "ok", "fallback"],
    ]);
  });

  it.each(stops)("stops at %s: another provider would refuse it too", async (failure) => {
    const first = createScriptedProvider(refusing(failure));
    const second = createScriptedProvider(textScript("never asked"));
    const { gateway } = createTestGateway({ providers: { first, second } });
    const error = await errorOf(gateway.stream(request));
    expect(error.code).toBe(failure === "content_refused" ? "content_blocked" : "invalid_request");
    expect(second.calls).toEqual([]);
  });

  it("tells an upstream's 413 as payload_too_large", async () => {
    const first = createScriptedProvider(refusing("caller_fault", { httpStatus: 413 }));
    const { gateway } = createTestGateway({ providers: { first } });
    expect((await errorOf(gateway.chat(request))).code).toBe("payload_too_large");
  });

  it("fails with every attempt and the soonest retry-after when all targets failed", async () => {
    const first = createScriptedProvider(refusing("rate_limited", { httpStatus: 429, retryAfterMs: 9_000 }));
    const second = createScriptedProvider(refusing("overloaded", { httpStatus: 529, retryAfterMs: 2_000 }));
    const { gateway, ledger } = createTestGateway({ providers: { first, second } });
    const error = await errorOf(gateway.stream(request));
    expect(error.code).toBe("all_providers_failed");
    expect(error.retryAfterMs).toBe(2_000);
    expect(
      error.attempts.map(({ provider, failure, httpStatus }) => [provider, failure, httpStatus]),
    ).toEqual([
      ["first", "rate_limited", 429],
      ["second", "overloaded", 529],
    ]);
    expect(error.meta?.attempts).toBe(2);
    expect(ledger.settled).toMatchObject([
      { status: "failed", errorCode: "all_providers_failed", attempts: 2 },
    ]);
  });

  it("shows nothing of an attempt that was given up before its first content", async () => {
    const first = createScriptedProvider({
      steps: [started, textStarted, delta(""), failing("broken_reply")],
    });
    const second = createScriptedProvider(textScript("whole"));
    const { gateway } = createTestGateway({ providers: { first, second } });
    const { events, error } = await collect((await gateway.stream(request)).events);
    expect(error).toBeUndefined();
    expect(events.map(({ type }) => type)).toEqual([
      "started",
      "part_started",
      "part_delta",
      "part_finished",
      "usage",
      "finished",
    ]);
    expect(events[0]).toMatchObject({ type: "started", provider: "second" });
  });

  const commits: [string, Step][] = [
    ["a delta with text", delta("x")],
    ["a tool call", { type: "part_started", index: 1, part: { kind: "tool_call", id: "t", name: "f" } }],
    [
      "an opaque part",
      { type: "part_started", index: 1, part: { kind: "opaque", vendor: "v", type: "t", json: 1 } },
    ],
  ];
  it.each(commits)("is committed by %s: what fails later reaches the caller as an error", async (_, step) => {
    const first = createScriptedProvider({ steps: [started, textStarted, step, failing("unavailable")] });
    const second = createScriptedProvider(textScript("never asked"));
    const { gateway, ledger } = createTestGateway({ providers: { first, second } });
    const { events, error } = await collect((await gateway.stream(request)).events);
    expect(events.some(({ type }) => type === "finished")).toBe(false);
    expect(error).toMatchObject({ code: "all_providers_failed", attempts: [{ provider: "first" }] });
    expect(second.calls).toEqual([]);
    expect(ledger.settled).toMatchObject([{ status: "failed", errorCode: "all_providers_failed" }]);
  });

  it("does not commit a unary call before it is complete", async () => {
    const first = createScriptedProvider({
      steps: [started, textStarted, delta("half"), failing("unavailable")],
    });
    const second = createScriptedProvider(textScript("whole"));
    const { gateway } = createTestGateway({ providers: { first, second } });
    const reply = await gateway.chat(request);
    expect(reply.parts).toEqual([{ kind: "text", text: "whole", logprobs: undefined }]);
  });

  it("takes a stream that stops without its end for broken, never for finished", async () => {
    const first = createScriptedProvider({ steps: [started, textStarted, delta("half")] });
    const { gateway, ledger } = createTestGateway({ providers: { first } });
    const { events, error } = await collect((await gateway.stream(request)).events);
    expect(events.at(-1)?.type).toBe("part_delta");
    expect(error).toMatchObject({ code: "all_providers_failed" });
    expect(ledger.attempts).toMatchObject([{ status: "failed", failure: "broken_reply" }]);
  });

  it("takes an adapter's own error for a broken reply and keeps its text from the caller", async () => {
    const first = createScriptedProvider({ steps: [started, new TypeError("secret-1")] });
    const { gateway, faults } = createTestGateway({ providers: { first } });
    const error = await errorOf(gateway.stream(request));
    expect(error.code).toBe("all_providers_failed");
    expect(faults).toMatchObject([{ message: "secret-1" }]);
    expect(JSON.stringify([error.message, error.attempts, error.meta])).not.toContain("secret-1");
  });

  it("holds back a bounded number of empty events", async () => {
    const empty = Array.from({ length: 1_000 }, () => delta(""));
    const first = createScriptedProvider({ steps: [started, textStarted, ...empty, "hang"] });
    const { gateway } = createTestGateway({ providers: { first } });
    const reply = await gateway.stream(request);
    expect(first.yielded).toBe(256);
    await reply.events[Symbol.asyncIterator]().return?.();
  });
});

describe("a call's end", () => {
  it("is its deadline: the provider's signal is aborted and the caller is told", async () => {
    const clock = createManualClock();
    const first = createScriptedProvider({ steps: [started, "hang"] });
    const second = createScriptedProvider(textScript("never asked"));
    const { gateway, ledger } = createTestGateway({ providers: { first, second }, clock });
    const pending = errorOf(gateway.stream(request, { timeoutMs: 500 }));
    await Promise.resolve();
    clock.advance(500);
    const error = await pending;
    expect(error.code).toBe("deadline_exceeded");
    expect(first.calls[0]?.context.signal.aborted).toBe(true);
    expect(second.calls).toEqual([]);
    expect(ledger.settled).toMatchObject([
      { status: "failed", errorCode: "deadline_exceeded", latencyMs: 500 },
    ]);
    expect(ledger.attempts).toMatchObject([{ status: "cancelled" }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("is a reader that leaves: the provider's signal is aborted at once", async () => {
    const first = createScriptedProvider({ steps: [started, textStarted, delta("x"), "hang"] });
    const { gateway, ledger } = createTestGateway({ providers: { first } });
    const reply = await gateway.stream(request);
    const iterator = reply.events[Symbol.asyncIterator]();
    for (let i = 0; i < 3; i += 1) await iterator.next();
    const waiting = iterator.next();
    await iterator.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(first.calls[0]?.context.signal.aborted).toBe(true);
    expect(first.ended).toBe(1);
    expect(ledger.settled).toMatchObject([{ status: "cancelled", errorCode: "cancelled" }]);
  });

  it("is a caller that goes away before anyone reads the reply", async () => {
    const caller = new AbortController();
    const first = createScriptedProvider({ steps: [started, textStarted, delta("x"), "hang"] });
    const { gateway, ledger } = createTestGateway({ providers: { first } });
    await gateway.stream(request, { signal: caller.signal });
    caller.abort();
    expect(ledger.settled).toMatchObject([{ status: "cancelled", replyBody: { parts: [] } }]);
  });

  it("leaves no timer behind when the call went well", async () => {
    const clock = createManualClock();
    const { gateway } = createTestGateway({
      providers: { first: createScriptedProvider(textScript("hi")) },
      clock,
    });
    await gateway.chat(request);
    expect(clock.pendingTimers).toBe(0);
  });

  it("is the gateway's stop: open calls end with unavailable", async () => {
    const first = createScriptedProvider({ steps: [started, textStarted, delta("x"), "hang"] });
    const { gateway } = createTestGateway({ providers: { first } });
    const reply = await gateway.stream(request);
    const reading = collect(reply.events);
    await gateway.close();
    expect((await reading).error).toMatchObject({ code: "unavailable" });
  });
});

describe("sequence numbers", () => {
  it("count from 0 over what the caller sees", async () => {
    const first = createScriptedProvider({ steps: [started, textStarted, failing("timeout")] });
    const second = createScriptedProvider(textScript("a b c"));
    const { gateway } = createTestGateway({ providers: { first, second } });
    const reply = await gateway.stream(request);
    const sequences: number[] = [];
    for await (const event of reply.events) sequences.push(event.sequence);
    expect(sequences).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

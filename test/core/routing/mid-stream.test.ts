import { describe, expect, it } from "vitest";
import type { ChatEvent } from "../../../src/core/chat/events.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { Price } from "../../../src/core/pricing/price.ts";
import type { MidStreamPolicy } from "../../../src/core/snapshot.ts";
import {
  collect,
  delta,
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
  type Step,
} from "../../support/scripted-provider.ts";
import { createTestGateway, type TestGatewayOptions } from "../../support/test-gateway.ts";
import { turn } from "../../support/turn.ts";

const price: Price = { version: "test-1", inputPicos: 1_000_000n, outputPicos: 1_000_000n };
const cut = failing("unavailable", { message: "The connection was cut." });
const startedCounting: Step = {
  type: "started",
  model: "scripted-1",
  usage: { input: { total: 10 }, output: { total: 1 }, source: "reported" },
};

/** A text of which a part comes before the stream breaks. */
const breaking = (text: string, ...more: readonly Step[]): Script => ({
  steps: [started, textStarted, delta(text), ...more, cut],
});
const whole = (...texts: readonly string[]): Script => ({
  steps: [started, textStarted, ...texts.map((text) => delta(text)), partFinished, usage(7, 3), finished],
});

function routed(
  providers: Readonly<Record<string, ScriptedProvider>>,
  midStream: MidStreamPolicy,
  options: Partial<Omit<TestGatewayOptions, "clock">> = {},
) {
  const clock = createManualClock();
  const made = createTestGateway({
    providers,
    routePolicy: { midStream },
    continuing: Object.keys(providers),
    prices: { find: () => price },
    ...options,
    clock,
  });
  return { ...made, clock };
}

/** Events in short: their kind, with index and text. */
function short(event: ChatEvent): string {
  switch (event.type) {
    case "part_started":
      return `${event.part.kind}[${event.index}]`;
    case "part_delta":
      return `${event.index}:${event.text}`;
    case "part_finished":
      return `end[${event.index}]`;
    case "seam":
      return `seam ${event.policy} ${event.provider}/${event.model}`;
    case "usage":
      return `usage ${event.usage.input.total}+${event.usage.output.total}`;
    case "started":
    case "finished":
      return event.type;
  }
}

async function streamed(
  gateway: { stream: ReturnType<typeof createTestGateway>["gateway"]["stream"] },
  asked: ChatRequest = request,
) {
  const { events } = await gateway.stream(asked);
  const told = await collect(events);
  expect(told.events.map((event) => ("sequence" in event ? event.sequence : undefined))).toEqual(
    told.events.map((_, i) => i),
  );
  return { ...told, order: told.events.map(short) };
}

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
    expect(events.at(-1)).toMatchObject({ meta: { provider: "second", attempts: 2, costNanos: 21_000n } });
    expect(second.calls[0]?.request).toEqual(request);
    expect(ledger.attempts).toMatchObject([
      { number: 1, provider: "first", reason: "primary", status: "failed", costNanos: 11_000n },
      { number: 2, provider: "second", reason: "restart", status: "ok", costNanos: 10_000n },
    ]);
    expect(ledger.settled).toMatchObject([
      {
        status: "ok",
        provider: "second",
        attempts: 2,
        costNanos: 21_000n,
        usage: { input: { total: 17 }, output: { total: 4 } },
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

  it("is tried at the same target where there is no other", async () => {
    const first = createScriptedProvider(breaking("a"), whole("again"));
    const { gateway } = routed({ first }, "restart");
    expect((await streamed(gateway)).order).toContain("seam restart first/m");
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

  it("tells the usage of the broken answer once, before the error, where nobody went on", async () => {
    const first = createScriptedProvider(breaking("a", partFinished, usage(4, 2)), refusing("timeout"));
    const { gateway } = routed({ first }, "restart");
    const { order, error } = await streamed(gateway);
    expect(order).toEqual(["started", "text[0]", "0:a", "end[0]", "usage 4+2"]);
    expect(error).toMatchObject({ code: "all_providers_failed" });
  });
});

describe("a stream that breaks under `continue`", () => {
  it("goes on from the text so far under the same index, with new parts after all earlier ones", async () => {
    const reasoning: readonly Step[] = [
      { type: "part_started", index: 0, part: { kind: "reasoning" } },
      delta("hm", 0),
      { type: "part_finished", index: 0 },
    ];
    const text: Step = { type: "part_started", index: 1, part: { kind: "text" } };
    const first = createScriptedProvider({
      steps: [startedCounting, ...reasoning, text, delta("Hello, ", 1), cut],
    });
    const second = createScriptedProvider({
      steps: [
        started,
        textStarted,
        delta(" wor"),
        delta("ld"),
        partFinished,
        { type: "part_started", index: 1, part: { kind: "text" } },
        delta("more", 1),
        { type: "part_finished", index: 1 },
        usage(12, 3),
        finished,
      ],
    });
    const { gateway, ledger, clock } = routed({ first, second }, "continue");
    const { order, error } = await streamed(gateway);
    expect(error).toBeUndefined();
    expect(order).toEqual([
      "started",
      "reasoning[0]",
      "0:hm",
      "end[0]",
      "text[1]",
      "1:Hello, ",
      "seam continue second/m",
      // The white space at the joint is not told twice.
      "1:wor",
      "1:ld",
      "end[1]",
      "text[2]",
      "2:more",
      "end[2]",
      "usage 12+3",
      "finished",
    ]);
    expect(second.calls[0]?.request.messages.at(-1)).toEqual({
      role: "assistant",
      parts: [{ type: "text", text: "Hello," }],
    });
    expect(ledger.attempts).toMatchObject([
      { reason: "primary", status: "failed", costNanos: 11_000n },
      { reason: "continue", status: "ok", costNanos: 15_000n },
    ]);
    expect(ledger.settled).toMatchObject([
      {
        costNanos: 26_000n,
        usage: { input: { total: 22 }, output: { total: 4 } },
        replyBody: {
          parts: [
            { kind: "reasoning", text: "hm" },
            { kind: "text", text: "Hello, world" },
            { kind: "text", text: "more" },
          ],
        },
      },
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("tells usage once: of both halves where the broken one had told its own", async () => {
    const first = createScriptedProvider(breaking("one ", usage(5, 2)));
    const second = createScriptedProvider(whole("two"));
    const { gateway, ledger } = routed({ first, second }, "continue");
    const { order } = await streamed(gateway);
    expect(order.filter((each) => each.startsWith("usage"))).toEqual(["usage 5+5"]);
    expect(ledger.settled).toMatchObject([{ usage: { input: { total: 12 }, output: { total: 5 } } }]);
  });

  it("goes on twice where the second breaks, too", async () => {
    const first = createScriptedProvider(breaking("one "));
    const second = createScriptedProvider(breaking("two "));
    const third = createScriptedProvider(whole("three"));
    const { gateway, clock } = routed({ first, second, third }, "continue");
    const { order, events, error } = await streamed(gateway);
    expect(error).toBeUndefined();
    expect(textOf(events)).toBe("one two three");
    expect(order.filter((each) => /^(text|end|seam)/.test(each))).toEqual([
      "text[0]",
      "seam continue second/m",
      "seam continue third/m",
      "end[0]",
    ]);
    expect(third.calls[0]?.request.messages.at(-1)).toMatchObject({ parts: [{ text: "one two" }] });
    expect(clock.pendingTimers).toBe(0);
  });

  it("passes over targets that cannot go on, and says so on record", async () => {
    const first = createScriptedProvider(breaking("one "), whole("two"));
    const second = createScriptedProvider(whole("never asked"));
    const { gateway, ledger } = routed({ first, second }, "continue", { continuing: ["first"] });
    const { order } = await streamed(gateway);
    expect(order).toContain("seam continue first/m");
    expect(ledger.attempts).toMatchObject([
      { provider: "first", status: "failed" },
      { provider: "second", status: "skipped", skipCause: "cannot_continue", reason: "continue" },
      { provider: "first", status: "ok", reason: "continue" },
    ]);
  });

  it("waits for the last target that can go on, whatever others there are", async () => {
    const first = createScriptedProvider(
      breaking("one "),
      refusing("overloaded", { retryAfterMs: 3_000 }),
      whole("two"),
    );
    const second = createScriptedProvider(whole("never asked"));
    const { gateway, clock } = routed({ second, first }, "continue", {
      continuing: ["first"],
      targets: { first: { priority: 1 } },
      retries: 1,
    });
    const told = streamed(gateway);
    await turn();
    clock.advance(3_000);
    expect(textOf((await told).events)).toBe("one two");
  });

  const toolCall: Step = {
    type: "part_started",
    index: 1,
    part: { kind: "tool_call", id: "t1", name: "send" },
  };
  const reasoningStarted: Step = { type: "part_started", index: 0, part: { kind: "reasoning" } };
  const obstacles: readonly (readonly [string, readonly Step[], Partial<ChatRequest>])[] = [
    [
      "The answer holds a tool call.",
      [started, textStarted, delta("x"), partFinished, toolCall, delta("{", 1), cut],
      {},
    ],
    ["The reasoning is not finished.", [started, reasoningStarted, delta("hm"), cut], {}],
    ["No text is under way.", [started, textStarted, delta("x"), partFinished, cut], {}],
    ["There is no text yet.", [started, textStarted, delta("\n "), cut], {}],
    [
      "The answer is held to JSON, which vendors check from the answer's beginning.",
      [started, textStarted, delta("{"), cut],
      { responseFormat: { type: "json" } },
    ],
  ];
  it.each(obstacles)("ends with an error that says why not: %s", async (obstacle, steps, more) => {
    const first = createScriptedProvider({ steps });
    const second = createScriptedProvider(whole("never asked"));
    const { gateway, clock } = routed({ first, second }, "continue");
    const { error } = await streamed(gateway, { ...request, ...more });
    expect(error).toMatchObject({
      code: "all_providers_failed",
      message: `The answer of first/m broke off and is not complete: The connection was cut. No other target could go on with it: ${obstacle}`,
    });
    expect(second.calls).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
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

import { describe, expect, it } from "vitest";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import {
  delta,
  finished,
  partFinished,
  refusing,
  request,
  started,
  textOf,
  textStarted,
  usage,
} from "../../support/chat-scripts.ts";
import { createScriptedProvider, type Step } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import { breaking, cut, routed, startedCounting, streamed, whole } from "./broken-streams.ts";

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
      { reason: "primary", status: "failed", costNanos: 13_000n },
      { reason: "continue", status: "ok", costNanos: 15_000n },
    ]);
    expect(ledger.settled).toMatchObject([
      {
        costNanos: 28_000n,
        usage: { input: { total: 22 }, output: { total: 6 }, source: "estimated" },
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

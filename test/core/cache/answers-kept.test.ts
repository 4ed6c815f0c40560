// Which answers are kept, and how those come back that are long, or of two targets, or vectors.

import { describe, expect, it } from "vitest";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { ChatReply } from "../../../src/core/chat/gather.ts";
import {
  collect,
  delta,
  failing,
  finished,
  partFinished,
  started,
  textOf,
  textStarted,
  usage,
} from "../../support/chat-scripts.ts";
import { createScriptedEmbedder, vectorsOf } from "../../support/scripted-embedder.ts";
import { createScriptedProvider, type Step } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import { asked, cachingGateway, settledOf, StreamReader } from "./caching-gateway.ts";
import { wholeScript, wholeText } from "./gated-answer.ts";

const textIn = ({ parts }: ChatReply): string =>
  parts.map((part) => ("text" in part ? part.text : "")).join("");

const ended = (reason: "length" | "content_filter" | "refusal"): ProviderChatEvent => ({
  type: "finished",
  reason,
});
const half: readonly Step[] = [started, textStarted, delta("half "), partFinished, usage(5, 1)];

describe("an answer is not kept", () => {
  it.each<[string, readonly Step[]]>([
    ["that was cut off by its model", [...half, ended("length")]],
    ["that was filtered", [...half, ended("content_filter")]],
    ["that refuses", [...half, ended("refusal")]],
    [
      "with a refusal in it",
      [
        started,
        { type: "part_started", index: 0, part: { kind: "refusal" } },
        delta("No."),
        partFinished,
        finished,
      ],
    ],
    ["that broke off", [...half, failing("unavailable")]],
  ])("%s", async (_, steps) => {
    const provider = createScriptedProvider({ steps }, wholeScript);
    const { gateway, memory, expectNothingHeld } = cachingGateway({ providers: { first: provider } });
    await collect((await gateway.stream(asked)).events);
    expect(memory.size).toBe(0);
    const next = await gateway.chat(asked);
    expect([textIn(next), next.meta.cacheStatus]).toEqual([wholeText, "miss"]);
    expectNothingHeld();
  });

  it("that its caller left", async () => {
    const provider = createScriptedProvider({ steps: [...half, "hang"] }, wholeScript);
    const { gateway, memory, expectNothingHeld } = cachingGateway({ providers: { first: provider } });
    const reader = new StreamReader(gateway);
    await reader.read();
    reader.leave();
    await turn();
    expect(memory.size).toBe(0);
    expectNothingHeld();
  });

  it("that is larger than may be", async () => {
    const provider = createScriptedProvider(wholeScript);
    const made = cachingGateway({ providers: { first: provider }, answerMaxBytes: 1_000 });
    await made.gateway.chat(asked);
    expect(made.memory.size).toBe(0);
    made.expectNothingHeld();
  });
});

describe("a kept answer", () => {
  it("that was cut off where its caller wanted is kept", async () => {
    const provider = createScriptedProvider({ steps: [...half, ended("length")] });
    const { gateway } = cachingGateway({ providers: { first: provider } });
    const cut = { ...asked, maxOutputTokens: 1 };
    await gateway.chat(cut);
    expect(await gateway.chat(cut)).toMatchObject({ finishReason: "length", meta: { cacheStatus: "hit" } });
  });

  it("of 10 MiB comes back whole, and in one piece", async () => {
    const piece = "abcdefghij klmno".repeat(4_096);
    const pieces = Array.from({ length: 160 }, () => delta(piece));
    const provider = createScriptedProvider({
      steps: [started, textStarted, ...pieces, partFinished, usage(5, 9), finished],
    });
    const made = cachingGateway({
      providers: { first: provider },
      maxBytes: 256 * 1_048_576,
      answerMaxBytes: 32 * 1_048_576,
    });
    const readers = [1, 2].map(() => new StreamReader(made.gateway).readAll());
    await Promise.all(readers.map(({ done }) => done));
    const again = await made.gateway.chat(asked);
    expect(provider.calls).toHaveLength(1);
    expect(textIn(again)).toHaveLength(10 * 1_048_576);
    for (const { events } of readers) expect(textOf(events) === textIn(again)).toBe(true);
    expect(again.meta.cacheStatus).toBe("hit");
    made.expectNothingHeld();
  });

  it.each(["restart", "continue"] as const)(
    "that went over to another target by %s is the last one's",
    async (policy) => {
      const first = createScriptedProvider({
        steps: [started, textStarted, delta("one "), failing("unavailable")],
      });
      const second = createScriptedProvider({
        steps: [
          { type: "started", model: "other-1" },
          textStarted,
          delta(policy === "restart" ? wholeText : "two three"),
          partFinished,
          usage(5, 3),
          finished,
        ],
      });
      const made = cachingGateway({
        providers: { first, second },
        routePolicy: { midStream: policy },
        continuing: ["first", "second"],
      });
      const readers = [1, 2].map(() => new StreamReader(made.gateway).readAll());
      await Promise.all(readers.map(({ done }) => done));
      const [leader, follower] = readers;
      expect(follower?.error).toBeUndefined();
      expect(follower?.events.map(({ type }) => type)).toEqual(leader?.events.map(({ type }) => type));
      expect(follower?.events.some(({ type }) => type === "seam")).toBe(true);
      expect(settledOf(made, made.ledger.opened[1]?.id)).toMatchObject({
        provider: "second",
        modelServed: "other-1",
        costNanos: 0n,
      });
      const again = await made.gateway.stream(asked);
      const { events } = await collect(again.events);
      expect(events.some(({ type }) => type === "seam")).toBe(false);
      expect(textOf(events)).toBe(wholeText);
      expect(events[0]).toMatchObject({
        provider: "second",
        meta: { provider: "second", cacheStatus: "hit" },
      });
      expect([first.calls.length, second.calls.length]).toEqual([1, 1]);
      made.expectNothingHeld();
    },
  );
});

describe("kept vectors", () => {
  const embedding = { inputs: ["a", "b"] };

  it("serve equal calls, at a time and later", async () => {
    const provider = createScriptedEmbedder();
    const made = cachingGateway({ providers: { first: provider } });
    const replies = await Promise.all([1, 2, 3].map(() => made.gateway.embed(embedding)));
    replies.push(await made.gateway.embed(embedding));
    expect(provider.embedCalls).toHaveLength(1);
    expect(replies.map(({ vectors }) => vectors)).toEqual(replies.map(() => vectorsOf(embedding).vectors));
    expect(replies.map(({ meta }) => [meta.cacheStatus, meta.costNanos, meta.attempts])).toEqual([
      ["miss", 16_000n, 1],
      ["hit", 0n, 0],
      ["hit", 0n, 0],
      ["hit", 0n, 0],
    ]);
    expect(new Set(replies.map(({ id }) => id)).size).toBe(4);
    expect(made.ledger.settled.map(({ savedNanos }) => savedNanos)).toEqual([
      undefined,
      16_000n,
      16_000n,
      16_000n,
    ]);
    made.expectNothingHeld();
  });

  it("are each caller's own: what one does to its vectors nobody else sees", async () => {
    const made = cachingGateway({ providers: { first: createScriptedEmbedder() } });
    const seen: string[] = [];
    const usedUp = async () => {
      const { vectors } = await made.gateway.embed(embedding);
      seen.push(JSON.stringify(vectors));
      vectors[0]?.fill(0);
    };
    await Promise.all([usedUp(), usedUp(), usedUp()]);
    expect(new Set(seen)).toEqual(new Set([JSON.stringify(vectorsOf(embedding).vectors)]));
    const later = await made.gateway.embed(embedding);
    later.vectors[0]?.fill(0);
    expect((await made.gateway.embed(embedding)).vectors).toEqual(vectorsOf(embedding).vectors);
  });
});

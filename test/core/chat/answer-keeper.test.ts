import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  ChatEvent,
  FinishReason,
  PartDelta,
  PartStart,
  ProviderChatEvent,
} from "../../../src/core/chat/events.ts";
import { type ChatReply, gatherReply } from "../../../src/core/chat/gather.ts";
import { longestDelta } from "../../../src/core/chat/joined-deltas.ts";
import { chatOperation } from "../../../src/core/chat/operation.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { KeptEvents } from "../../../src/core/operation.ts";
import type { ReplyMeta } from "../../../src/core/reply.ts";
import { heldBytes } from "../../support/held-bytes.ts";
import { continued, restarted, restartedCall, restartedRefusal } from "../../support/seam-events.ts";
import { anyWholeStream } from "./any-chat-events.ts";

const request: ChatRequest = { messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] };
const meta: ReplyMeta = { requestId: "r", attempts: 1, cacheStatus: "miss", losses: [] };
const stamp = {
  callId: "later",
  provider: "kept",
  model: "asked",
  createdAtMs: 2,
  meta: () => meta,
  wholeMeta: () => meta,
};

interface Keeping {
  readonly asked?: ChatRequest;
  readonly maxBytes?: number;
}

function keptOf(
  events: readonly ChatEvent[],
  { asked = request, maxBytes = 100_000_000 }: Keeping = {},
): KeptEvents<ProviderChatEvent> | undefined {
  const keeper = chatOperation.keeper(asked, maxBytes);
  for (const event of events) keeper.add(event);
  return keeper.kept();
}

async function* stream(events: readonly ChatEvent[]): AsyncIterable<ChatEvent> {
  yield* events;
}

/** What a caller has of an answer. */
async function answerOf(events: readonly ChatEvent[]): Promise<Partial<ChatReply>> {
  const { model, parts, finishReason, rawReason, stopSequence, usage } = await gatherReply({
    meta,
    events: stream(events),
  });
  return { model, parts, finishReason, rawReason, stopSequence, usage };
}

const started: ChatEvent = { type: "started", id: "r", provider: "p", model: "m", createdAtMs: 0, meta };
const begun = (index: number, part: PartStart = { kind: "text" }): ChatEvent => ({
  type: "part_started",
  index,
  part,
});
const delta = (text: string, index = 0): PartDelta => ({ type: "part_delta", index, text });
const done = (index = 0): ChatEvent => ({ type: "part_finished", index });
const seam = (policy: "restart" | "continue"): ChatEvent => ({
  type: "seam",
  provider: "q",
  model: "n",
  policy,
  losses: [],
});
const finished = (reason: FinishReason = "stop"): ChatEvent => ({ type: "finished", reason, meta });
const saying = (...texts: readonly string[]): readonly ChatEvent[] => [
  started,
  begun(0),
  ...texts.map((text) => delta(text)),
  done(),
  finished(),
];
const deltasIn = (kept: KeptEvents<ProviderChatEvent> | undefined): readonly string[] =>
  (kept?.events ?? []).flatMap((event) => (event.type === "part_delta" ? [event.text] : []));

describe("a kept answer", () => {
  it("is the same answer to whom it is given", async () => {
    await fc.assert(
      fc.asyncProperty(anyWholeStream, async (events) => {
        const kept = keptOf(events)?.events ?? [];
        const stamped = kept.map((event) => chatOperation.stamp(event, stamp));
        expect(await answerOf(stamped)).toEqual(await answerOf(events));
      }),
      { numRuns: 300 },
    );
  });

  it("is what a provider may yield: begun once, parts within their bounds, ended once", () => {
    fc.assert(
      fc.property(anyWholeStream, (events) => {
        const kept = keptOf(events)?.events ?? [];
        expect(kept[0]?.type).toBe("started");
        expect(kept.at(-1)?.type).toBe("finished");
        expect(kept.filter(({ type }) => type === "usage").length).toBeLessThanOrEqual(1);
        expectValidParts(kept);
      }),
    );
  });

  it.each([
    ["continued", continued],
    ["restarted", restarted],
    ["a restarted call", restartedCall],
    ["a text after half a refusal", restartedRefusal],
  ])("has no seam: %s", async (_, events) => {
    const kept = keptOf(events)?.events ?? [];
    expect(kept[0]).toEqual({ type: "started", model: "m-2-2026" });
    expect(JSON.stringify(kept)).not.toMatch(/seam|second|requestId|01890a5d/);
    const stamped = kept.map((event) => chatOperation.stamp(event, stamp));
    expect(await answerOf(stamped)).toEqual(await answerOf(events));
  });

  it("has nothing of the call it was made for, its sequence included", () => {
    const numbered = saying("a").map((event, sequence) => Object.assign({}, event, { sequence }));
    expect(keptOf(numbered)?.events).toEqual([
      { type: "started", model: "m" },
      { type: "part_started", index: 0, part: { kind: "text" } },
      { type: "part_delta", index: 0, text: "a" },
      { type: "part_finished", index: 0 },
      { type: "finished", reason: "stop" },
    ]);
  });
});

/** Each part is begun once, before its deltas, and finished once, after them. */
function expectValidParts(events: readonly ProviderChatEvent[]): void {
  const standing = new Map<number, "open" | "finished">();
  for (const event of events) {
    if (event.type === "part_started") {
      expect(standing.get(event.index)).toBeUndefined();
      standing.set(event.index, "open");
    } else if (event.type === "part_delta") {
      expect(standing.get(event.index)).toBe("open");
      expect(event.logprobs !== undefined || event.text.length <= longestDelta).toBe(true);
    } else if (event.type === "part_finished") {
      expect(standing.get(event.index)).toBe("open");
      standing.set(event.index, "finished");
    }
  }
  expect([...standing.values()]).not.toContain("open");
}

describe("deltas of a kept answer", () => {
  it("are joined where they follow each other", () => {
    expect(deltasIn(keptOf(saying("One", ", ", "", "two")))).toEqual(["One, two"]);
  });

  it("stay apart where another part's stand between them, or log probabilities are with them", () => {
    const events = [
      started,
      begun(0),
      begun(1),
      delta("a"),
      delta("b"),
      delta("x", 1),
      delta("c"),
      { ...delta("d"), logprobs: [1] },
      { ...delta("e"), logprobs: [2] },
      delta("f"),
      done(0),
      done(1),
      finished(),
    ];
    expect(deltasIn(keptOf(events))).toEqual(["ab", "x", "c", "d", "e", "f"]);
  });

  it("are never cut within a character, however long", () => {
    const text = `x${"😀".repeat(50_000)}`;
    for (const pieces of [[text], Array.from(text), text.match(/[\s\S]{1,777}/g) ?? []]) {
      const kept = deltasIn(keptOf(saying(...pieces)));
      expect(kept.join("")).toBe(text);
      expect(kept.length).toBe(Math.ceil(text.length / (longestDelta - 1)));
      for (const piece of kept) {
        expect(piece.length).toBeLessThanOrEqual(longestDelta);
        expect(piece.isWellFormed()).toBe(true);
      }
    }
  });
});

describe("an answer that is not kept", () => {
  const limited: ChatRequest = { ...request, maxOutputTokens: 5 };

  it.each<[FinishReason, ChatRequest, boolean]>([
    ["stop", request, true],
    ["tool_calls", request, true],
    ["length", limited, true],
    ["length", request, false],
    ["content_filter", limited, false],
    ["refusal", limited, false],
  ])("by its end: %s", (reason, asked, isKept) => {
    const events = [started, begun(0), delta("a"), done(), finished(reason)];
    expect(keptOf(events, { asked }) !== undefined).toBe(isKept);
  });

  it("by its missing end", () => {
    expect(keptOf(saying("a").slice(0, -1))).toBeUndefined();
  });

  it("by a refusal in it", () => {
    const refused = [started, begun(0, { kind: "refusal" }), delta("No."), done(), finished()];
    expect(keptOf(refused)).toBeUndefined();
    const later = [started, begun(0), done(), begun(1, { kind: "refusal" }), done(1), finished()];
    expect(keptOf(later)).toBeUndefined();
  });

  it("by its size, whatever it is that is large", () => {
    const large = "x".repeat(10_000);
    const opaque: PartStart = { kind: "opaque", vendor: "v", type: "t", json: [{ large }] };
    const image: PartStart = { kind: "image", source: { data: large, mediaType: "image/png" } };
    const maxBytes = 10_000;
    expect(keptOf(saying("x"), { maxBytes })).toBeDefined();
    for (const middle of [
      Array.from(large, (char) => delta(char)),
      [{ ...delta("x"), logprobs: { large } }],
      Array.from({ length: 100 }, (): ChatEvent => ({ ...delta(""), logprobs: null })),
      [done(), begun(1, opaque)],
      [done(), begun(1, image)],
      [{ type: "part_finished", index: 0, signature: large }] as const,
    ]) {
      const events = [started, begun(0), ...middle, finished()];
      expect(keptOf(events, { maxBytes })).toBeUndefined();
      expect(keptOf(events, { maxBytes: 100_000 })).toBeDefined();
    }
  });

  it("is forgotten where the answer begins anew", () => {
    const void0 = [started, begun(0), delta("x".repeat(10_000)), begun(1, { kind: "refusal" })];
    const events = [...void0, seam("restart"), begun(0), delta("a"), done(), finished()];
    expect(deltasIn(keptOf(events, { maxBytes: 2_000 }))).toEqual(["a"]);
    const goesOn = [...void0, seam("continue"), delta("a"), done(), finished()];
    expect(keptOf(goesOn, { maxBytes: 2_000 })).toBeUndefined();
  });
});

const keepersOf = (count: number, events: () => readonly ChatEvent[], maxBytes: number) =>
  Array.from({ length: count }, () => {
    const keeper = chatOperation.keeper(request, maxBytes);
    for (const event of events()) keeper.add(event);
    return keeper;
  });

/** A text of its own each time, as it comes from a socket. */
const piece = (text: string): string => JSON.parse(JSON.stringify(text));

const longText = (): readonly ChatEvent[] =>
  saying(...Array.from({ length: 2_000 }, (_, i) => piece(`słowo ${i} `)));

describe("the memory that a kept answer takes", () => {
  it.each<[string, () => readonly ChatEvent[]]>([
    ["a long text", longText],
    [
      "many events",
      () => [
        started,
        ...Array.from({ length: 50 }, (_, i) => [
          begun(i, { kind: "tool_call", id: piece(`call_${i}`), name: piece(`tool_${i}`) }),
          delta(piece(`{"a":${i}}`), i),
          done(i),
        ]).flat(),
        finished(),
      ],
    ],
    [
      "log probabilities",
      () => [
        started,
        begun(0),
        ...Array.from({ length: 50 }, (_, i) => ({
          ...delta(piece(`word ${i}`)),
          logprobs: JSON.parse(
            `[{"token":"word ${i}","logprob":-0.${i}1,"bytes":[1,2,3],"top_logprobs":[]}]`,
          ),
        })),
        done(),
        finished(),
      ],
    ],
  ])("is about what it says: %s", async (_, events) => {
    keepersOf(2, events, 1_000_000);
    const before = await heldBytes();
    const keepers = keepersOf(100, events, 1_000_000);
    const kept = keepers.map((keeper) => keeper.kept());
    const held = (await heldBytes()) - before;
    const said = kept.reduce((sum, answer) => sum + (answer?.bytes ?? 0), 0);
    expect(said).toBeGreaterThan(held * 0.7);
    expect(said).toBeLessThan(held * 3);
  });

  it("is nothing once it is more than was allowed", async () => {
    keepersOf(2, longText, 5_000);
    const before = await heldBytes();
    const keepers = keepersOf(100, longText, 5_000);
    const held = (await heldBytes()) - before;
    expect(keepers[0]?.kept()).toBeUndefined();
    expect(held).toBeLessThan(100 * 1_500);
  });
});

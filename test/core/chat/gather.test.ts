import { describe, expect, it } from "vitest";
import type { ChatEvent, PartStart, Seam } from "../../../src/core/chat/events.ts";
import { createPartGatherer, gatherReply } from "../../../src/core/chat/gather.ts";
import type { ReplyMeta } from "../../../src/core/reply.ts";

const meta: ReplyMeta = { requestId: "r", attempts: 2, cacheStatus: "miss", losses: [] };
const begun = (index: number, part: PartStart = { kind: "text" }): ChatEvent => ({
  type: "part_started",
  index,
  part,
});
const delta = (index: number, text: string): ChatEvent => ({ type: "part_delta", index, text });
const seam = (policy: Seam["policy"]): ChatEvent => ({
  type: "seam",
  provider: "second",
  model: "m-2",
  policy,
  losses: [],
});
const started: ChatEvent = {
  type: "started",
  id: "r",
  provider: "first",
  model: "m-1",
  createdAtMs: 0,
  meta,
};
const finished: ChatEvent = { type: "finished", reason: "stop", meta };

async function* stream(events: readonly ChatEvent[]): AsyncIterable<ChatEvent> {
  yield* events;
}

describe("a gathered answer", () => {
  it("goes on with the open part after a seam that continues it", async () => {
    const events = [started, begun(0), delta(0, "One"), seam("continue"), delta(0, ", two"), finished];
    expect(await gatherReply({ meta, events: stream(events) })).toMatchObject({
      id: "r",
      provider: "second",
      model: "m-2",
      parts: [{ kind: "text", text: "One, two" }],
    });
  });

  it("is the new one alone after a seam that restarts it", async () => {
    const tool: PartStart = { kind: "tool_call", id: "1", name: "f" };
    const voided = [begun(0), delta(0, "One"), begun(1, tool), delta(1, "{")];
    const events = [started, ...voided, seam("restart"), begun(0), delta(0, "Eins"), finished];
    const reply = await gatherReply({ meta, events: stream(events) });
    expect(reply.parts).toEqual([{ kind: "text", text: "Eins", logprobs: undefined }]);
    expect(reply.provider).toBe("second");
  });

  it("counts the characters that still count", () => {
    const gatherer = createPartGatherer();
    for (const event of [begun(0), delta(0, "One"), seam("continue"), delta(0, "12")]) gatherer.add(event);
    expect(gatherer.chars()).toBe(5);
    for (const event of [seam("restart"), begun(0), delta(0, "1234")]) gatherer.add(event);
    expect(gatherer.chars()).toBe(4);
  });

  it("holds nothing where nothing is kept, and counts all the same", () => {
    const gatherer = createPartGatherer(0);
    for (const event of [begun(0), delta(0, "12345"), begun(1), delta(1, "67")]) gatherer.add(event);
    expect(gatherer.chars()).toBe(7);
    expect(gatherer.parts()).toEqual([]);
  });

  it("holds no more of what is too long than shows that it is", () => {
    const keepMaxChars = 100;
    const gatherer = createPartGatherer(keepMaxChars);
    for (let index = 0; index < 50; index += 1) {
      gatherer.add(begun(index));
      for (let i = 0; i < 1_000; i += 1) gatherer.add(delta(index, "0123456789"));
    }
    const kept = JSON.stringify(gatherer.parts());
    expect(gatherer.chars()).toBe(500_000);
    expect(kept.length).toBeGreaterThan(keepMaxChars);
    expect(kept.length).toBeLessThan(2 * keepMaxChars);
    gatherer.add(seam("restart"));
    for (const event of [begun(0), delta(0, "anew")]) gatherer.add(event);
    expect(gatherer.parts()).toMatchObject([{ text: "anew" }]);
  });
});

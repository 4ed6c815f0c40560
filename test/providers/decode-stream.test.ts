import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { ProviderChatEvent } from "../../src/core/chat/events.ts";
import { pulledEvents } from "../../src/core/pulled-events.ts";
import { decodeStream, type StreamDecoder } from "../../src/providers/decode-stream.ts";

const delta = (text: string): ProviderChatEvent => ({ type: "part_delta", index: 0, text });
const usage: ProviderChatEvent = { type: "usage", usage: { input: {}, output: {}, source: "reported" } };

/** Of frames that are texts: "" says nothing, "[DONE]" ends, "!" is no frame of the format. */
function createTextDecoder(counted = false): StreamDecoder<string> {
  let complete = false;
  return {
    decode(frame) {
      if (frame === "!") throw new Error("no frame");
      complete = frame === "[DONE]";
      return frame === "" || complete ? [] : Array.from(frame, delta);
    },
    isComplete: () => complete,
    untoldUsage: () => (counted && usage.type === "usage" ? usage : undefined),
  };
}

/** The batches as they are asked for; `later` says which of them take a turn of the loop. */
function batchesOf(batches: readonly (readonly string[])[], later: (at: number) => boolean = () => false) {
  let next = 0;
  let left = 0;
  const events = pulledEvents<readonly string[]>({
    pull(reader) {
      const at = next;
      next += 1;
      const batch = batches[at];
      const tell = () => (batch === undefined ? reader.end() : reader.event(batch));
      if (later(at)) setImmediate(tell);
      else tell();
    },
    leave() {
      left += 1;
    },
  });
  return { events, left: () => left };
}

async function read(events: AsyncIterable<ProviderChatEvent>): Promise<readonly string[]> {
  const seen: string[] = [];
  try {
    for await (const event of events) seen.push(event.type === "part_delta" ? event.text : event.type);
  } catch (error) {
    seen.push(error instanceof Error ? error.message : "?");
  }
  return seen;
}

describe("decodeStream", () => {
  it("hands out the events of each frame, and lets the body go once the reply is whole", async () => {
    const { events, left } = batchesOf([["ab", ""], [], ["c", "[DONE]", "d"], ["e"]]);
    expect(await read(decodeStream(events, createTextDecoder()))).toEqual(["a", "b", "c"]);
    expect(left()).toBe(1);
  });

  it("reads on over any number of batches that say nothing", async () => {
    const silent = Array.from({ length: 100_000 }, () => [""]);
    const { events } = batchesOf([...silent, ["a", "[DONE]"]]);
    expect(await read(decodeStream(events, createTextDecoder()))).toEqual(["a"]);
  });

  it("tells what was counted before the failure of a stream that is cut or broken", async () => {
    const ended = "The provider's stream ended before its terminal event.";
    const cut = decodeStream(batchesOf([["a"]]).events, createTextDecoder(true));
    expect(await read(cut)).toEqual(["a", "usage", ended]);
    const broken = batchesOf([["a", "!", "b"]]);
    expect(await read(decodeStream(broken.events, createTextDecoder(true)))).toEqual([
      "a",
      "usage",
      "no frame",
    ]);
    expect(broken.left()).toBe(1);
  });

  it("ends a reader that waits when the stream is left", async () => {
    const silent = pulledEvents<readonly string[]>({ pull() {}, leave() {} });
    const stream = decodeStream(silent, createTextDecoder());
    const waiting = stream.next();
    await stream.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

test("however batches are cut and whenever they come, the events are the same", async () => {
  const batches = fc.array(fc.array(fc.constantFrom("", "a", "bc", "[DONE]"), { maxLength: 4 }));
  await fc.assert(
    fc.asyncProperty(batches, fc.infiniteStream(fc.boolean()), async (cut, comesLater) => {
      const later = () => comesLater.next().value === true;
      const [whole, pieces] = await Promise.all([
        read(decodeStream(batchesOf([cut.flat()]).events, createTextDecoder())),
        read(decodeStream(batchesOf(cut, later).events, createTextDecoder())),
      ]);
      expect(pieces).toEqual(whole);
    }),
    { numRuns: 200 },
  );
});

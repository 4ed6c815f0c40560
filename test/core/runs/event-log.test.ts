import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../src/core/errors.ts";
import { pulledEvents } from "../../../src/core/pulled-events.ts";
import { createEventLog, type EventLogOptions } from "../../../src/core/runs/event-log.ts";
import type { LogOutcome } from "../../../src/core/runs/log-source.ts";
import { heldBytes } from "../../support/held-bytes.ts";
import { turn } from "../../support/turn.ts";
import { GivenEvents } from "./given-events.ts";
import { numbersFrom, readFrom, type SizedEvent, type TestReader } from "./log-readers.ts";

const sized = (n: number, size = 1): SizedEvent => ({ n, size });

function startLog(more: Partial<EventLogOptions<SizedEvent>> = {}) {
  const source = new GivenEvents<SizedEvent>();
  const outcomes: LogOutcome[] = [];
  const log = createEventLog<SizedEvent>({
    events: source,
    maxBytes: 100,
    bytesOf: ({ size }) => size,
    onOver: (outcome) => void outcomes.push(outcome),
    ...more,
  });
  const give = (first: number, end: number, size = 1): void => {
    for (const n of numbersFrom(first, end)) source.give(sized(n, size));
  };
  return { source, log, outcomes, give };
}

async function* generated(count: number, end: () => void): AsyncGenerator<SizedEvent, void> {
  try {
    for (let n = 0; n < count; n += 1) yield sized(n);
  } finally {
    end();
  }
}

describe("a log of events", () => {
  it("asks no further than the fastest reader does, and gives each all of them", () => {
    const { source, log, give, outcomes } = startLog();
    give(0, 5);
    expect(source.asked).toBe(0);
    const [fast, slow] = [readFrom(log, 0), readFrom(log, 0)];
    fast.ask();
    fast.ask();
    slow.ask();
    expect([source.asked, fast.seen, slow.seen]).toEqual([2, [0, 1], [0]]);
    fast.askForAll();
    source.end();
    expect([fast.seen, fast.told, outcomes]).toEqual([
      numbersFrom(0, 5),
      [{ type: "end" }],
      [{ type: "ended" }],
    ]);
    expect(slow.askForAll().seen).toEqual(numbersFrom(0, 5));
    expect(slow.told).toEqual([{ type: "end" }]);
    expect(readFrom(log, 3).askForAll().seen).toEqual([3, 4]);
    expect(readFrom(log, 5).askForAll().told).toEqual([{ type: "end" }]);
    expect(log.readers).toBe(0);
    expect(log.eventsIfWhole()?.map(({ n }) => n)).toEqual(numbersFrom(0, 5));
  });

  it("tells what it no longer has from what has not come", () => {
    const { log, give } = startLog({ maxBytes: 3 });
    give(0, 10);
    expect(log.read(1)).toEqual({ type: "future", nextIndex: 0 });
    readFrom(log, 0).askForAll();
    expect([log.firstIndex, log.nextIndex, log.bytes]).toEqual([8, 10, 2]);
    expect(log.read(7)).toEqual({ type: "trimmed", firstIndex: 8 });
    expect(log.read(-1)).toEqual({ type: "trimmed", firstIndex: 8 });
    expect(log.read(11)).toEqual({ type: "future", nextIndex: 10 });
    expect(log.read(Number.NaN).type).toBe("future");
    expect(readFrom(log, 8).askForAll().seen).toEqual([8, 9]);
    expect(log.eventsIfWhole()).toBeUndefined();
  });

  it("is over by its last event before its source is left", () => {
    const order: string[] = [];
    const source = new GivenEvents<SizedEvent>();
    const events: AsyncIterable<SizedEvent> = {
      [Symbol.asyncIterator]: () =>
        pulledEvents<SizedEvent>({
          pull: (reader) => source.pull(reader),
          leave: () => order.push("left"),
        }),
    };
    const { log } = startLog({ events, isLast: ({ n }) => n === 0, onOver: () => void order.push("over") });
    const reader = readFrom(log, 0).askForAll();
    source.give(sized(0));
    expect([order, reader.told]).toEqual([["over", "left"], [{ type: "end" }]]);
  });

  it("waits for the slowest reader where it is full, until that moves on or leaves", () => {
    const { source, log, give } = startLog({ maxBytes: 4 });
    const [fast, slow] = [readFrom(log, 0), readFrom(log, 0)];
    give(0, 20, 2);
    fast.askForAll();
    expect([fast.seen, log.bytes, source.asked]).toEqual([[0, 1], 4, 2]);
    slow.ask();
    expect([fast.seen, log.firstIndex]).toEqual([[0, 1, 2], 1]);
    slow.leave();
    expect(fast.seen).toEqual(numbersFrom(0, 20));
  });

  it("lets one event through that is larger than all it may hold", () => {
    const { log, source, give } = startLog({ maxBytes: 10 });
    const reader = readFrom(log, 0).askForAll();
    source.give(sized(0, 5_000));
    expect(log.firstIndex).toBe(1);
    give(1, 3);
    expect([reader.seen, log.bytes]).toEqual([[0, 1, 2], 2]);
  });

  it("asks by itself as far as it has room, when it is to keep going", () => {
    const { source, log, give } = startLog({ maxBytes: 10 });
    const gone = readFrom(log, 0);
    gone.ask();
    give(0, 100);
    log.keepGoing();
    gone.leave();
    expect([log.nextIndex, source.asked]).toEqual([10, 10]);
    const back = readFrom(log, 0).askForAll();
    expect(back.seen).toEqual(numbersFrom(0, 100));
  });

  it("counts those who read it, until they have left or read its end", () => {
    const { source, log } = startLog();
    const [one, other] = [readFrom(log, 0), readFrom(log, 0)];
    one.ask();
    one.leave();
    expect([one.told, log.readers]).toEqual([[{ type: "end" }], 1]);
    other.leave();
    other.leave();
    readFrom(log, 0).leave();
    expect([log.readers, log.ended]).toEqual([0, false]);
    source.end();
    const last = readFrom(log, 0);
    last.ask();
    last.leave();
    expect([log.readers, log.ended]).toEqual([0, true]);
  });

  it("tells every reader of the source's own error, after what has come", () => {
    const { source, log, give, outcomes } = startLog();
    const error = new Error("broken");
    const early = readFrom(log, 0).askForAll();
    give(0, 2);
    source.end({ type: "failed", error });
    const late = readFrom(log, 1).askForAll();
    expect([early.seen, late.seen]).toEqual([[0, 1], [1]]);
    for (const { told } of [early, late]) {
      expect(told).toHaveLength(1);
      expect(told[0]).toEqual({ type: "fail", error });
    }
    expect([log.ended, log.error, outcomes]).toEqual([true, error, [{ type: "failed", error }]]);
    // As iterators do: thrown once, then over.
    early.ask();
    expect(early.told[1]).toEqual({ type: "end" });
  });

  it("ends early with its owner's error, and hears nothing of its source then", async () => {
    const { source, log, give, outcomes } = startLog();
    const error = new Error("too late");
    const slow = readFrom(log, 0);
    const fast = readFrom(log, 0).askForAll();
    give(0, 3);
    log.end(error);
    log.end(new Error("once only"));
    give(3, 5);
    await log.closeSource();
    expect(source.left).toBe(1);
    expect([fast.seen, fast.told]).toEqual([[0, 1, 2], [{ type: "fail", error }]]);
    slow.askForAll();
    expect([slow.seen, slow.told]).toEqual([[0, 1, 2], [{ type: "fail", error }]]);
    expect(outcomes).toEqual([{ type: "failed", error }]);
  });

  it("fails as cancelled where its source is closed before the end", async () => {
    const { log, give } = startLog();
    const reader = readFrom(log, 0).askForAll();
    give(0, 1);
    await log.closeSource();
    expect(log.error).toBeInstanceOf(GatewayError);
    expect(reader.told).toEqual([{ type: "fail", error: log.error }]);
  });

  it("closes any source, also one that nobody has asked", async () => {
    const unread = startLog();
    await unread.log.closeSource();
    expect([unread.source.asked, unread.source.left]).toEqual([0, 1]);
    let ends = 0;
    const count = (): void => void (ends += 1);
    const { log } = startLog({ events: generated(3, count) });
    await log.closeSource();
    await log.closeSource();
    expect(ends).toBe(1);
  });

  it("reads a generator, and is read by `for await`", async () => {
    let ends = 0;
    const { log } = startLog({ events: generated(5, () => void (ends += 1)), maxBytes: 2 });
    const read = log.read(0);
    const seen: number[] = [];
    if (read.type === "events") for await (const { n } of read.events) seen.push(n);
    expect([seen, ends]).toEqual([numbersFrom(0, 5), 1]);
  });

  it("lets readers join and leave while events are handed out", () => {
    const { log, give, source } = startLog();
    const first = readFrom(log, 0);
    const joined: TestReader[] = [];
    first.onEvent = () => {
      if (first.seen.length === 2) joined.push(readFrom(log, 0).askForAll());
      if (first.seen.length === 3) first.leave();
    };
    const second = readFrom(log, 0);
    second.onEvent = () => {
      if (second.seen.length === 1) first.askForAll();
    };
    second.askForAll();
    give(0, 10);
    source.end();
    expect(first.seen).toEqual([0, 1, 2]);
    expect(second.seen).toEqual(numbersFrom(0, 10));
    expect(joined.map(({ seen }) => seen)).toEqual([numbersFrom(0, 10)]);
  });

  it("lets the source be closed while it hands out an event", async () => {
    const { log, source, give } = startLog();
    const only = readFrom(log, 0);
    only.onEvent = () => {
      only.leave();
      void log.closeSource();
    };
    give(0, 3);
    only.ask();
    await turn();
    expect([source.left, log.nextIndex, log.ended]).toEqual([1, 1, true]);
  });

  it("hands out long bursts without growing the stack", () => {
    const { log, give, source } = startLog({ maxBytes: 150_000 });
    give(0, 200_000);
    source.end();
    const readers = [readFrom(log, 0), readFrom(log, 0), readFrom(log, 0)];
    for (const reader of readers) reader.askForAll();
    for (const { seen, told } of readers) {
      expect(seen).toHaveLength(200_000);
      expect(told).toEqual([{ type: "end" }]);
    }
  });

  it("holds nothing but its events when it is over", async () => {
    const logs: unknown[] = [];
    const count = 2_000;
    const before = await heldBytes();
    for (let at = 0; at < count; at += 1) {
      const { log, source, give } = startLog();
      // What only the source holds goes with it.
      Object.assign(source, { ballast: new Uint8Array(20_000) });
      const reader = readFrom(log, 0).askForAll();
      give(0, 10);
      source.end();
      expect(reader.told).toHaveLength(1);
      logs.push(log);
    }
    const each = ((await heldBytes()) - before) / count;
    expect(logs).toHaveLength(count);
    // Ten events of two numbers, their list, and what the log itself is.
    expect(each).toBeLessThan(4_000);
  });
});

import { describe, expect, it } from "vitest";
import { pump } from "../../src/api/pump.ts";
import { pulledEvents } from "../../src/core/pulled-events.ts";

interface Source {
  readonly events: AsyncIterable<number>;
  /** How often its reader left before the end. */
  readonly left: () => number;
}

/** Numbers from 0; then the end, or the failure. */
type SourceOf = (count: number, failure?: Error) => Source;

const generated: SourceOf = (count, failure) => {
  let left = 0;
  async function* numbers(): AsyncGenerator<number, void> {
    let whole = false;
    try {
      for (let i = 0; i < count; i += 1) yield i;
      whole = true;
      if (failure !== undefined) throw failure;
    } finally {
      if (!whole) left += 1;
    }
  }
  return { events: numbers(), left: () => left };
};

const pulled: SourceOf = (count, failure) => {
  let left = 0;
  let next = 0;
  const events = pulledEvents<number>({
    pull(reader) {
      if (next < count) reader.event(next++);
      else if (failure === undefined) reader.end();
      else reader.fail(failure);
    },
    leave() {
      left += 1;
    },
  });
  return { events, left: () => left };
};

const drainedAtOnce = () => Promise.resolve();
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe.each([
  ["an async generator", generated],
  ["events that are there when they are asked for", pulled],
])("pump, from %s", (_, sourceOf) => {
  const { signal } = new AbortController();

  it("writes every event in its order, however many there are", async () => {
    const seen: number[] = [];
    const { events, left } = sourceOf(20_000);
    await pump({ events, write: (event) => seen.push(event) > 0, drained: drainedAtOnce, signal });
    expect(seen).toEqual(upTo(20_000));
    expect(left()).toBe(0);
  });

  it("waits where the socket is full", async () => {
    const log: string[] = [];
    await pump({
      events: sourceOf(3).events,
      write(event) {
        log.push(`write ${event}`);
        return event !== 1;
      },
      async drained() {
        await Promise.resolve();
        log.push("drained");
      },
      signal,
    });
    expect(log).toEqual(["write 0", "write 1", "drained", "write 2"]);
  });

  it("throws what the stream throws", async () => {
    const { events, left } = sourceOf(1, new Error("broke"));
    const pumping = pump({ events, write: () => true, drained: drainedAtOnce, signal });
    await expect(pumping).rejects.toThrow("broke");
    expect(left()).toBe(0);
  });

  it.each([
    ["writing", () => Promise.resolve(), "no socket"],
    ["waiting", () => Promise.reject(new Error("stalled")), "stalled"],
  ])("leaves the stream and throws when %s fails", async (what, drained, message) => {
    const { events, left } = sourceOf(3);
    const write = () => {
      if (what === "writing") throw new Error("no socket");
      return false;
    };
    await expect(pump({ events, write, drained, signal })).rejects.toThrow(message);
    expect(left()).toBe(1);
  });

  it("leaves the stream, and is no failure, when the reader has gone", async () => {
    const gone = new AbortController();
    const seen: number[] = [];
    const { events, left } = sourceOf(5);
    const write = (event: number) => {
      seen.push(event);
      if (event === 1) gone.abort();
      return true;
    };
    await pump({ events, write, drained: drainedAtOnce, signal: gone.signal });
    expect(seen).toEqual([0, 1]);
    expect(left()).toBe(1);
  });
});

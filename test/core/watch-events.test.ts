import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventsAfter, type Watcher, watchEvents } from "../../src/core/watch-events.ts";

async function* numbers(count: number, ended: () => void): AsyncGenerator<number, void> {
  try {
    for (let i = 0; i < count; i += 1) yield i;
  } finally {
    ended();
  }
}

const take = async (source: AsyncGenerator<number, void>): Promise<number[]> => {
  const { value } = await source.next();
  return value === undefined ? [] : [value];
};

const logging = (name: string, log: string[]): Watcher<number, number> => ({
  event(event) {
    log.push(`${name} ${event}`);
    return event * 10;
  },
  ended: () => void log.push(`${name} ended`),
  failed(error) {
    log.push(`${name} failed`);
    return error;
  },
  left: () => void log.push(`${name} left`),
});

describe("watchEvents", () => {
  it("joins watchers over one source, the inner first", async () => {
    const log: string[] = [];
    const inner = watchEvents(
      numbers(2, () => {}),
      logging("inner", log),
    );
    const seen: number[] = [];
    for await (const event of watchEvents(inner, logging("outer", log))) seen.push(event);
    expect(seen).toEqual([0, 100]);
    expect(log).toEqual(["inner 0", "outer 0", "inner 1", "outer 10", "inner ended", "outer ended"]);
  });

  it("tells the watchers of a reader that leaves before the source is asked to end", async () => {
    const log: string[] = [];
    const events = watchEvents(
      numbers(3, () => log.push("source ended")),
      logging("w", log),
    );
    for await (const _ of events) break;
    expect(log).toEqual(["w 0", "w left", "source ended"]);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  it("treats what a watcher throws as the stream's failure, once", async () => {
    const log: string[] = [];
    const broken: Watcher<number, number> = {
      ...logging("broken", log),
      ended() {
        throw new Error("no end");
      },
    };
    const events = watchEvents(
      watchEvents(
        numbers(0, () => {}),
        broken,
      ),
      logging("outer", log),
    );
    await expect(events.next()).rejects.toThrow("no end");
    expect(log).toEqual(["broken failed", "outer failed"]);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });
});

describe("eventsAfter", () => {
  it("gives the held events, then the rest, whatever the cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(8), fc.nat(8), async (held, rest) => {
        const source = numbers(held + rest, () => {});
        const first: number[] = [];
        while (first.length < held) first.push(...(await take(source)));
        const seen: number[] = [];
        for await (const event of eventsAfter(first, source)) seen.push(event);
        expect(seen).toEqual(Array.from({ length: held + rest }, (_, i) => i));
      }),
    );
  });

  it("ends the source when the reader leaves", async () => {
    let ended = false;
    const source = numbers(9, () => {
      ended = true;
    });
    for await (const _ of eventsAfter(await take(source), source)) break;
    expect(ended).toBe(true);
  });
});

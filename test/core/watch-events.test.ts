import { describe, expect, it } from "vitest";
import { type Watcher, watchEvents } from "../../src/core/watch-events.ts";

async function* numbers(count: number, ended: () => void): AsyncGenerator<number, void> {
  try {
    for (let i = 0; i < count; i += 1) yield i;
  } finally {
    ended();
  }
}

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

  it("closes the source when a watcher finds fault with an event", async () => {
    const log: string[] = [];
    const events = watchEvents(
      numbers(3, () => log.push("source ended")),
      {
        ...logging("w", log),
        event() {
          throw new Error("not this one");
        },
      },
    );
    await expect(events.next()).rejects.toThrow("not this one");
    expect(log).toEqual(["w failed", "source ended"]);
  });

  it("closes a source that was never asked, when its reader leaves", async () => {
    const log: string[] = [];
    const events = watchEvents(
      numbers(3, () => log.push("source ended")),
      logging("w", log),
    );
    await events.return?.();
    expect(log).toEqual(["w left", "source ended"]);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });
});

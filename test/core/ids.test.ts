import { getRandomValues } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { createIdSource, epochMsOfId, isUuid7 } from "../../src/core/ids.ts";
import { createManualClock } from "../support/manual-clock.ts";

const fillRandom = (bytes: Uint8Array) => void getRandomValues(bytes);

describe("createIdSource", () => {
  it("makes UUIDs of version 7 and variant 10", () => {
    const newId = createIdSource({ clock: createManualClock(), fillRandom });
    for (let i = 0; i < 1_000; i += 1) {
      expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it("leaves to chance all that is neither time, counter, version nor variant", () => {
    const newId = createIdSource({ clock: createManualClock(), fillRandom });
    const ids = Array.from({ length: 1_000 }, newId);
    const digitsAt = (place: number) => new Set(ids.map((id) => id[place])).size;
    expect(digitsAt(19)).toBe(4);
    for (let place = 20; place < 36; place += 1) expect(digitsAt(place)).toBe(place === 23 ? 1 : 16);
  });

  it("carries the time of the clock", () => {
    const clock = createManualClock(1_760_000_000_123);
    expect(epochMsOfId(createIdSource({ clock, fillRandom })())).toBe(1_760_000_000_123);
  });

  it("never goes back, in one millisecond or when the clock does", () => {
    let nowMs = 1_760_000_000_000;
    const clock = { ...createManualClock(), epochMs: () => nowMs };
    const newId = createIdSource({ clock, fillRandom });
    const ids = Array.from({ length: 10_000 }, (_, i) => {
      if (i === 5_000) nowMs -= 1_000;
      return newId();
    });
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test("however the clock goes, ids are UUIDs of version 7 that only grow", () => {
  const anyTimes = fc.array(fc.integer({ min: 0, max: 2 ** 47 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(anyTimes, (timesMs) => {
      let nowMs = 0;
      const newId = createIdSource({ clock: { ...createManualClock(), epochMs: () => nowMs }, fillRandom });
      const ids = timesMs.map((timeMs) => {
        nowMs = timeMs;
        return newId();
      });
      expect(ids).toEqual(ids.toSorted());
      expect(new Set(ids).size).toBe(ids.length);
      for (const id of ids) expect(isUuid7(id)).toBe(true);
      expect(epochMsOfId(ids.at(-1) ?? "")).toBe(Math.max(...timesMs));
    }),
  );
});

import { describe, expect, it } from "vitest";
import { createMemoryLimits } from "../../../src/stores/memory/memory-limits.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { limitContract } from "../limit-contract.ts";

limitContract("limits in memory", () => {
  const clock = createManualClock();
  const store = createMemoryLimits({ clock });
  return Promise.resolve({ store, advance: (ms) => clock.advance(ms), close: () => store.close() });
});

const takeOf = (key: string) => [{ bucket: { key, limit: 600 }, cost: 1 }];

describe("limits in memory", () => {
  it("forget whose buckets are full again: a million names leave no more than come in a moment", () => {
    const clock = createManualClock();
    const store = createMemoryLimits({ clock });
    let most = 0;
    for (let n = 0; n < 1_000_000; n += 1) {
      // A hundred in each millisecond, each of which is full again after a tenth of a second.
      if (n % 100 === 0) clock.advance(1);
      store.take(takeOf(`rpm:{t${n}}`));
      most = Math.max(most, store.size);
    }
    expect(most).toBeLessThan(25_000);
    clock.advance(1_000);
    for (let n = 0; n < most; n += 1) store.take(takeOf("rpm:{one}"));
    expect(store.size).toBeLessThan(4);
  });

  it("forget nothing that is not full", () => {
    const clock = createManualClock();
    const store = createMemoryLimits({ clock });
    for (let n = 0; n < 600; n += 1) store.take(takeOf("rpm:{slow}"));
    for (let n = 0; n < 10_000; n += 1) store.take(takeOf(`rpm:{t${n}}`));
    expect(store.take(takeOf("rpm:{slow}")).allowed).toBe(false);
  });
});

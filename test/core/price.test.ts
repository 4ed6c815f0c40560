import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costNanos, type Price } from "../../src/core/pricing/price.ts";

// gpt-4o-mini in 2024: 0.15 dollars a million tokens in, 0.075 cached, 0.60 out.
const price: Price = {
  version: "by hand",
  inputPicos: 150_000n,
  outputPicos: 600_000n,
  cacheReadPicos: 75_000n,
};

describe("costNanos", () => {
  it("is Σ tokens × price: 1000 in of which 400 cached, 200 out", () => {
    const usage = {
      input: { total: 1_000, uncached: 600, cacheRead: 400 },
      output: { total: 200 },
      source: "reported",
    } as const;
    // 600 × 150 000 + 400 × 75 000 + 200 × 600 000 = 240 000 000 picos
    expect(costNanos(usage, price)).toBe(240_000n);
  });

  const rounding: [bigint, bigint][] = [
    [499n, 0n],
    [500n, 0n],
    [501n, 1n],
    [1_499n, 1n],
    [1_500n, 2n],
    [2_500n, 2n],
    [2_501n, 3n],
  ];
  it.each(rounding)("rounds %i picos half-even to %i nanos", (picos, nanos) => {
    const usage = { input: { total: 1 }, output: { total: 0 }, source: "reported" } as const;
    expect(costNanos(usage, { version: "", inputPicos: picos, outputPicos: 0n })).toBe(nanos);
  });

  it("is unknown where a total is absent, no count, or less than its cached part", () => {
    const source = "reported" as const;
    expect(costNanos({ input: {}, output: { total: 1 }, source }, price)).toBeUndefined();
    expect(costNanos({ input: { total: 1 }, output: {}, source }, price)).toBeUndefined();
    expect(costNanos({ input: { total: -1 }, output: { total: 1 }, source }, price)).toBeUndefined();
    expect(costNanos({ input: { total: 1.5 }, output: { total: 1 }, source }, price)).toBeUndefined();
    expect(
      costNanos({ input: { total: 1, cacheRead: 2 }, output: { total: 1 }, source }, price),
    ).toBeUndefined();
  });

  it("agrees with exact arithmetic to half a nano for any counts", () => {
    const count = fc.nat(10_000_000);
    fc.assert(
      fc.property(count, count, count, fc.bigInt(0n, 10n ** 9n), (uncached, cached, out, picos) => {
        const exact = BigInt(uncached + cached) * picos + BigInt(out) * 600_000n;
        const cost = costNanos(
          {
            input: { total: uncached + cached, cacheRead: cached },
            output: { total: out },
            source: "reported",
          },
          { version: "", inputPicos: picos, outputPicos: 600_000n },
        );
        const distance = (cost ?? -1n) * 1_000n - exact;
        expect(distance >= -500n && distance <= 500n).toBe(true);
      }),
    );
  });
});

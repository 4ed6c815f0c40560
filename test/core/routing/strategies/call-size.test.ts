import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chatOperation } from "../../../../src/core/chat/operation.ts";
import { embedOperation } from "../../../../src/core/embed/operation.ts";
import type { Price } from "../../../../src/core/pricing/price.ts";
import { expectedNanos, expectedSize } from "../../../../src/core/routing/strategies/call-size.ts";

const sizeOf = (inputChars: number, maxOutputTokens?: number, usual?: number) =>
  expectedSize({ inputChars, maxOutputTokens }, usual);

describe("what a call is expected to", () => {
  it("read is a quarter of its characters, one token at least", () => {
    expect([0, 1, 4, 5, 4_000].map((chars) => sizeOf(chars).inputTokens)).toEqual([1, 1, 1, 2, 1_000]);
  });

  it("write is what answers usually have, 256 tokens before the first", () => {
    expect([undefined, 100.4, 0.2].map((usual) => sizeOf(0, undefined, usual).outputTokens)).toEqual([
      256, 100, 1,
    ]);
  });

  it("write is no more than it allows", () => {
    expect(sizeOf(0, 10).outputTokens).toBe(10);
    expect(sizeOf(0, 1_000, 300).outputTokens).toBe(300);
  });

  it("write is nothing for embeddings", () => {
    const size = embedOperation.size({ inputs: ["12345678"] });
    expect(expectedSize(size, 300)).toEqual({ inputTokens: 2, outputTokens: 0 });
  });

  it("write follows the chat's own limit", () => {
    const size = chatOperation.size({
      messages: [{ role: "user", parts: [{ type: "text", text: "x".repeat(40) }] }],
      maxOutputTokens: 7,
    });
    expect(expectedSize(size, undefined)).toEqual({ inputTokens: 10, outputTokens: 7 });
  });
});

describe("what a call is expected to cost", () => {
  // 1 dollar per million tokens read is 1 000 000 picos a token, 2 dollars written 2 000 000.
  const price: Price = { version: "v", inputPicos: 1_000_000n, outputPicos: 2_000_000n };

  it("is its expected tokens at the price", () => {
    // 1000 × 1 000 000 + 256 × 2 000 000 = 1 512 000 000 picos = 1 512 000 nanos.
    expect(expectedNanos(sizeOf(4_000), price)).toBe(1_512_000);
  });

  it("is not known where the price does not tell", () => {
    expect(expectedNanos(sizeOf(4_000), { version: "v", inputPicos: 1n })).toBeUndefined();
  });

  it("is a number for any size", () => {
    fc.assert(
      fc.property(
        fc.nat(1e9),
        fc.option(fc.integer({ min: 1, max: 2 ** 31 - 1 }), { nil: undefined }),
        (chars, max) => {
          const nanos = expectedNanos(sizeOf(chars, max, 1e9), price);
          expect(nanos).toBeGreaterThan(0);
          expect(Number.isFinite(nanos)).toBe(true);
        },
      ),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesPattern } from "../../../src/core/access/pattern.ts";

const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", ".", "/"), maxLength: 12 });
const text = fc.string({ unit: fc.constantFrom("a", "b", ".", "/"), maxLength: 12 });

/** What a pattern means, told by the language's own matcher. */
const asExpression = (pattern: string) =>
  new RegExp(`^${pattern.replaceAll(/[./]/g, String.raw`\$&`).replaceAll("*", "[^]*")}$`);

describe("a pattern", () => {
  it("is of a text as its meaning says", () => {
    fc.assert(
      fc.property(letters, text, (pattern, of) => {
        expect(matchesPattern(pattern, of)).toBe(asExpression(pattern).test(of));
      }),
      { numRuns: 2000 },
    );
  });

  it("without a star is of itself alone", () => {
    expect(matchesPattern("gpt-5", "gpt-5")).toBe(true);
    expect(matchesPattern("gpt-5", "gpt-5-mini")).toBe(false);
    expect(matchesPattern("gpt-5", "xgpt-5")).toBe(false);
    expect(matchesPattern("", "")).toBe(true);
    expect(matchesPattern("", "a")).toBe(false);
  });

  it("that is made to be slow is not", () => {
    expect(matchesPattern(`${"*a".repeat(99)}*b`, "a".repeat(256))).toBe(false);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { disagreement } from "../../../../src/core/cache/semantic/guards.ts";
import { agreeing, differing } from "./question-pairs.ts";

const questions = [...agreeing, ...differing].flatMap(([one, other]) => [one, other]);

const anyQuestion = fc.oneof(
  fc.constantFrom(...questions),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom("what", "is", "the", "Paris", "not", '"a b"', "`x`", "5", "1,000", "km", "one", "of"),
        fc.constantFrom(
          "first",
          "second",
          "3rd",
          "million",
          "March",
          "to",
          "US",
          "us",
          "?",
          "-",
          "'",
          "don't",
        ),
        fc.integer().map(String),
        fc.string({ unit: fc.constantFrom(...Array.from("abcABC123.,-$%'\"`!?")), maxLength: 8 }),
      ),
      { maxLength: 12 },
    )
    .map((words) => words.join(" ")),
);

describe("guards", () => {
  it.each(agreeing)("let pass: %s | %s", (one, other) => {
    expect(disagreement(one, other)).toBeUndefined();
  });

  it.each(differing)("hold apart: %s | %s: %s", (one, other, why) => {
    expect(disagreement(one, other)).toBe(why);
  });

  it("say the same whichever comes first", () => {
    fc.assert(
      fc.property(anyQuestion, anyQuestion, (one, other) => {
        expect(disagreement(one, other)).toBe(disagreement(other, one));
      }),
      { numRuns: 1_000 },
    );
  });

  it("let equal questions pass, whatever they are", () => {
    fc.assert(
      fc.property(anyQuestion, (question) => {
        expect(disagreement(question, question)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it("hold apart what differs in one digit", () => {
    const withDigit = fc
      .tuple(anyQuestion, fc.integer({ min: 0, max: 999_999 }), anyQuestion)
      .map(([before, number, after]) => `${before} ${number} ${after}`);
    fc.assert(
      fc.property(withDigit, fc.nat(), fc.integer({ min: 1, max: 9 }), (question, which, by) => {
        const digits = [...question.matchAll(/\d/g)];
        const digit = digits[which % digits.length];
        fc.pre(digit !== undefined);
        const changed = String((Number(digit[0]) + by) % 10);
        const other = question.slice(0, digit.index) + changed + question.slice(digit.index + 1);
        expect(disagreement(question, other)).toBeDefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(["not", "never", "no", "without", "nicht", "jamais", "nunca"])(
    "hold apart what has a %s more",
    (word) => {
      fc.assert(
        fc.property(anyQuestion, fc.nat(), (question, where) => {
          const spaces = [...question.matchAll(/(?<=\S)\s(?=\S)/g)];
          const space = spaces[where % Math.max(spaces.length, 1)];
          fc.pre(space !== undefined);
          const other = `${question.slice(0, space.index + 1)}${word} ${question.slice(space.index + 1)}`;
          expect(disagreement(question, other)).toBeDefined();
        }),
        { numRuns: 300 },
      );
    },
  );

  it("take little time over the longest questions", () => {
    const marks = ['"', "`", "“", "'", "«", "((", "-", "a'", "1,", "!", "?", "five ", " ", "\t", "\n", "_"];
    for (const mark of marks) {
      const long = mark.repeat(2_000 / mark.length);
      for (const one of [long, `${long}x`, `x${long}`]) {
        const startMs = performance.now();
        disagreement(one, `${long}y`);
        expect(performance.now() - startMs).toBeLessThan(500);
      }
    }
  });
});

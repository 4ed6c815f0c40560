import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalisedQuestion } from "../../../../src/core/cache/semantic/normalised-question.ts";

const kept = (question: string) => question.match(/[\d+*/=<>%^²-]/g);

describe("the normalised question", () => {
  it.each([
    ["  What  is\tthis? ", "what is this"],
    ["What is this.", "what is this"],
    ["What is this?!", "what is this"],
    ["Ｗｈａｔ is １ ＋ １?", "what is 1 + 1"],
    ["CAFE\u0301", "café"],
    ["ﬁnd it", "find it"],
    ["a\r\nb  \n\n\n\nc", "a\nb\n\nc"],
    ["if x:\n  y", "if x:\n  y"],
    ['Say  "Hello  World."', 'say "Hello  World."'],
    ["Run `A  b?`", "run `A  b?`"],
    ["Run\n```\nA  b?", "run\n```\nA  b?"],
    ["It's 'So  Fine' it's", "it's 'So  Fine' it's"],
    ['What is "A"?', 'what is "A"'],
  ])("of %j is %j", (question, normalised) => {
    expect(normalisedQuestion(question)).toBe(normalised);
  });

  it.each([
    ["10²", "102"],
    ["10⁻²", "10-2"],
    ["5½", "51/2"],
    ["What is n!", "What is n"],
    ["What is 5!", "What is 5"],
    ["the operator ??", "the operator ?"],
    ["1.5", "15"],
    ["-5", "5"],
    ["1 000", "1000"],
    ["a + b", "a - b"],
    ['"A"', '"a"'],
    ["`A`", "`a`"],
    ["if x:\n  y", "if x:\ny"],
    ["ab c", "a bc"],
  ])("holds apart %j and %j", (one, other) => {
    expect(normalisedQuestion(one)).not.toBe(normalisedQuestion(other));
  });

  const text = fc.oneof(
    fc.string({ unit: "grapheme-ascii", maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(...Array.from("aBİß1.?! \n\t\"'`“”,-")), maxLength: 40 }),
  );

  it("keeps every digit and sign in its order", () => {
    fc.assert(
      fc.property(text, (question) => {
        expect(kept(normalisedQuestion(question))).toEqual(kept(question));
      }),
    );
  });

  it("is the same whatever the case and the space between words", () => {
    const words = fc.array(fc.constantFrom("What", "is", "Paris", "5", "a+b", "the", "x-1"), {
      minLength: 1,
    });
    fc.assert(
      fc.property(words, fc.constantFrom(" ", "  ", "\t", " \t "), (words, space) => {
        const one = normalisedQuestion(words.join(" "));
        expect(normalisedQuestion(` ${words.join(space).toUpperCase()}${space}`)).toBe(one);
        expect(normalisedQuestion(one)).toBe(one);
      }),
    );
  });
});

import * as fc from "fast-check";
import { expect, test } from "vitest";

import { countTokens, splitFragments, splitTokens, stretchTokens } from "../../src/demo/token-text.ts";

test("words keep the white space before them", () => {
  expect(splitTokens("Hello big  world\n")).toEqual(["Hello", " big", "  world", "\n"]);
});

test("text without spaces is cut into pieces, never inside a code point", () => {
  expect(splitTokens("ゲートウェイを通ってモデルに届く")).toEqual(["ゲートウェイを通ってモデ", "ルに届く"]);
  expect(splitTokens("👩‍👩‍👧‍👦".repeat(3)).every((token) => token.isWellFormed())).toBe(true);
});

test("tokens and fragments joined are the text again", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      expect(splitTokens(text).join("")).toBe(text);
      expect(splitFragments(text).join("")).toBe(text);
      expect(countTokens(text)).toBe(splitTokens(text).length);
    }),
  );
});

test("a stretched text has as many tokens as asked for", () => {
  expect(stretchTokens("one two", 5).join("")).toBe("one two one two one");
  expect(stretchTokens("", 3)).toEqual(["demo", " demo", " demo"]);
});

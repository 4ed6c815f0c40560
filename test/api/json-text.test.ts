// A body that is long for its many small values costs little: it is refused before it is parsed.

import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonText, maxJsonEntries } from "../../src/api/json-text.ts";

const most = maxJsonEntries;
const tooMany = /^body: has more than 250000 objects, lists and members; send fewer/;

test.each([
  ["lists", `[${"[],".repeat(most)}[]]`],
  ["objects", `[${"{},".repeat(most)}{}]`],
  ["members", `{${'"a":1,'.repeat(most)}"a":1}`],
  ["a deep nest", "[".repeat(most + 1)],
  ["after a text that ends in a backslash", `["\\\\",${"[],".repeat(most)}[]]`],
])("too many are refused: %s", (_, text) => {
  expect(() => jsonText(Buffer.from(text))).toThrow(tooMany);
});

test.each([
  ["as many as are allowed", `[${"[],".repeat(most - 2)}[]]`],
  ["within a text", `["${"[{:".repeat(most)}"]`],
  ["within a text with quotes", `["\\"${"[{:".repeat(most)}\\\\\\""]`],
  ["numbers", `[${"1,".repeat(2 * most)}1]`],
  ["a text without an end", `["${"[".repeat(2 * most)}`],
])("what is no more is handed on: %s", (_, text) => {
  expect(jsonText(Buffer.from(text))).toBe(text);
});

test("any text is handed on as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const padded = JSON.stringify([text, " ".repeat(most)]);
      expect(jsonText(Buffer.from(padded))).toBe(padded);
    }),
    { numRuns: 50 },
  );
});

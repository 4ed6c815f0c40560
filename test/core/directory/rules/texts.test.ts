import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nameFault, textFault } from "../../../../src/core/directory/rules/text.ts";
import { patternFaults } from "../../../../src/core/directory/rules/patterns.ts";
import { slugFault } from "../../../../src/core/directory/rules/ids.ts";

describe("a name", () => {
  it.each([
    "Acme",
    "Zoë Müller-Ölmez",
    "株式会社",
    "Robert'); DROP TABLE users;--",
    "<script>alert(1)</script>",
    "علی\u200cرضا",
    "🚀 rockets",
    "x".repeat(200),
    "🚀".repeat(200),
  ])("may be %j", (name) => expect(nameFault(name)).toBeUndefined());

  it.each([
    ["", /1 to 200/],
    ["   ", /1 to 200/],
    ["\u00a0", /1 to 200/],
    ["x".repeat(201), /more than 200/],
    ["🚀".repeat(201), /more than 200/],
    ["two\nlines", /U\+000A/],
    ["two\r\nlines", /U\+000D/],
    ["two\u2028lines", /U\+2028/],
    ["a\0b", /U\+0000/],
    ["\u001b[31mred", /U\+001B/],
    ["\u202egpj.exe", /U\+202E/],
    ["a\u200fb", /U\+200F/],
    ["ad\u200bmin", /U\+200B/],
    ["\ufeffadmin", /begin|U\+FEFF/],
    ["a\u200cb c\u200c", /U\+200C/],
    ["half \ud83d", /U\+D83D/],
    ["\ue000", /U\+E000/],
    [" Acme", /space/],
    ["Acme ", /space/],
  ])("may not be %j", (name, told) => expect(nameFault(name)).toMatch(told));

  it("never tells what is wrong by a character that cannot be seen", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 30 }), (text) => {
        expect(textFault(text, 200) ?? "").not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it("that is taken is one line that shows itself as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        fc.pre(nameFault(text) === undefined);
        expect(text).toBe(text.trim());
        expect(text).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
        expect(text.isWellFormed()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

const told = (patterns: readonly string[] | null) => patternFaults("allowedModels", patterns);

describe("allowed lists", () => {
  it.each([[null], [[]], [["*"]], [["groq", "my-*", "groq/llama-*", "*/gpt-4o"]], [Array(200).fill("a")]])(
    "may be %j",
    (patterns) => expect(told(patterns)).toEqual([]),
  );

  it("tell each pattern that is wrong", () => {
    const patterns = ["ok", "", "x".repeat(201), "a\nb", "*"];
    expect(told(patterns).map(({ field }) => field)).toEqual([1, 2, 3].map((i) => `allowedModels[${i}]`));
  });

  it("have at most 200", () => {
    expect(told(Array(201).fill("a"))).toEqual([
      { field: "allowedModels", message: "has 201 patterns; 200 are allowed" },
    ]);
  });
});

describe("a tenant's id", () => {
  it.each(["a", "acme", "acme-2", "-", "0".repeat(63)])("may be %j", (id) =>
    expect(slugFault(id)).toBeUndefined(),
  );

  it.each(["", "Acme", "acme_2", "acme.eu", "a b", "аcme", "a\n", "a\0", "0".repeat(64), "platform"])(
    "may not be %j",
    (id) => expect(slugFault(id)).toBeDefined(),
  );
});

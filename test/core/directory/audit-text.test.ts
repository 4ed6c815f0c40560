import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auditJson, auditText } from "../../../src/core/directory/audit-text.ts";

describe("a text of the audit trail", () => {
  it.each([
    ["as it is", "as it is"],
    ["äöü 株式会社 🚀", "äöü 株式会社 🚀"],
    ["two\nlines", "two\\u{000a}lines"],
    ['"}\r\n{"level":"error"', '"}\\u{000d}\\u{000a}{"level":"error"'],
    ["\u001b[2Jcleared", "\\u{001b}[2Jcleared"],
    ["nul\0", "nul\\u{0000}"],
    ["\u202egpj.exe", "\\u{202e}gpj.exe"],
    ["a\u2028b", "a\\u{2028}b"],
    ["half \ud83d", "half \\u{d83d}"],
    ["x".repeat(500), "x".repeat(500)],
    ["x".repeat(501), `${"x".repeat(499)}…`],
    [`${"x".repeat(498)}🚀y`, `${"x".repeat(498)}…`],
  ])("%.20j", (text, kept) => expect(auditText(text)).toBe(kept));

  it("is one line of at most 500 characters, whatever it was, and stays what it is", () => {
    const anyText = fc
      .string({ unit: "binary", maxLength: 20 })
      .chain((text) => fc.integer({ min: 1, max: 60 }).map((times) => text.repeat(times)));
    fc.assert(
      fc.property(anyText, (text) => {
        const kept = auditText(text);
        expect(kept.length).toBeLessThanOrEqual(500);
        expect(kept).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(auditText(kept)).toBe(kept);
      }),
    );
  });
});

describe("JSON of the audit trail", () => {
  it("is fit to be read, keys too", () => {
    expect(auditJson({ "a\n": ["b\n", { c: "\0" }], n: 1, t: true, z: null })).toEqual({
      "a\\u{000a}": ["b\\u{000a}", { c: "\\u{0000}" }],
      n: 1,
      t: true,
      z: null,
    });
  });

  it("is neither deep nor long", () => {
    let deep = {};
    for (let i = 0; i < 10_000; i += 1) deep = { deep };
    expect(JSON.stringify(auditJson(deep)).length).toBeLessThan(200);
    const long = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, i]));
    expect(Object.keys(auditJson(long))).toHaveLength(1_000);
  });
});

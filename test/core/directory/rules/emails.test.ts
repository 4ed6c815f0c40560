import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emailFault, emailOf } from "../../../../src/core/directory/rules/email.ts";

const local64 = "l".repeat(64);
const label63 = "d".repeat(63);
const longest = `${local64}@${label63}.${label63}.${"d".repeat(61)}`;

describe("an email", () => {
  it.each([
    "ada@example.com",
    "Ada.Lovelace+llm@Example.COM",
    "o'brien@example.com",
    "a@b",
    "admin@localhost",
    "x!#$%&'*+/=?^_`{|}~-y@example.com",
    "ada@xn--bcher-kva.example",
    `${local64}@example.com`,
    longest,
  ])("may be %j", (email) => expect(emailFault(email)).toBeUndefined());

  it.each([
    ["", "empty"],
    ["ada", "no @"],
    ["@example.com", "nothing before the @"],
    ["ada@", "nothing after it"],
    ["ada@@example.com", "two"],
    ["a@b@example.com", "two"],
    [".ada@example.com", "a dot first"],
    ["ada.@example.com", "a dot last"],
    ["a..b@example.com", "two dots"],
    ["ada@example..com", "an empty label"],
    ["ada@-example.com", "a label that begins with -"],
    ["ada@example-.com", "a label that ends with -"],
    ["ada@exa_mple.com", "no character of a host"],
    ["ada@[127.0.0.1]", "an address literal"],
    ['"ada lovelace"@example.com', "quoted"],
    ["ada lovelace@example.com", "a space"],
    [" ada@example.com", "a space"],
    ["ada@example.com ", "a space"],
    ["ada@example.com,eve@example.com", "two addresses"],
    ["Ada <ada@example.com>", "a mailbox"],
    ["ada@example.com'); DROP TABLE users;--", "SQL"],
    ["ada@example.com\nlevel=error", "a line of a log"],
    ["ada@example.com\r\nBcc: eve@example.com", "a header"],
    ["ada\0@example.com", "NUL"],
    ["ada@example.com\u202e", "a mark of direction"],
    ["\u200bada@example.com", "what cannot be seen"],
    ["\u0430da@example.com", "Cyrillic a"],
    ["ad\u03b1@example.com", "Greek alpha"],
    ["ada@ex\u0430mple.com", "Cyrillic a in the domain"],
    ["\u212aim@example.com", "the Kelvin sign, which is k in lower case"],
    ["pay\u0130@example.com", "the dotted I"],
    ["ada@example\u3002com", "an ideographic full stop"],
    ["ad\u0061\u0301@example.com", "a combining accent"],
    ["\uff41da@example.com", "a full-width a"],
    ["ada@\u0261oogle.com", "Latin script g"],
    [`${local64}l@example.com`, "65 characters before the @"],
    [`ada@${"d".repeat(64)}.com`, "a label of 64"],
    [`${longest}d`, "255 characters"],
  ])("may not be %j: %s", (email) => expect(emailFault(email)).toBeDefined());

  it("with a look-alike is told which character it is, without showing it", () => {
    expect(emailFault("\u0430da@example.com")).toMatch(/^holds U\+0430, which is not ASCII/);
    expect(emailFault("ada@example.com\u202e")).toMatch(/^holds U\+202E/);
    expect(emailFault("a\u{1d5ba}@example.com")).toMatch(/^holds U\+1D5BA/);
  });

  it("that is taken has one form, in ASCII and lower case", () => {
    const anyText = fc.oneof(
      fc.emailAddress(),
      fc.string({ unit: "binary", maxLength: 30 }).map((text) => `${text}@example.com`),
      fc.string({ unit: "grapheme-ascii", maxLength: 30 }).map((text) => `ada@${text}`),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        fc.pre(emailFault(text) === undefined);
        const email = emailOf(text);
        expect(email).toMatch(/^[\x21-\x7e]{3,254}$/);
        expect(email).not.toMatch(/[A-Z]/);
        expect(emailOf(email)).toBe(email);
        expect(emailFault(email)).toBeUndefined();
        expect(email.length).toBe(text.length);
      }),
      { numRuns: 500 },
    );
  });

  it("with any one character beyond ASCII is refused", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0x80, max: 0x10ffff }), fc.boolean(), (code, inDomain) => {
        const character = String.fromCodePoint(code);
        const email = inDomain ? `ada@ex${character}mple.com` : `a${character}a@example.com`;
        expect(emailFault(email)).toMatch(/is not ASCII/);
      }),
      { numRuns: 1_000 },
    );
  });

  it("takes no time to be refused, however it is made", () => {
    const startMs = performance.now();
    for (const text of [`${"a.".repeat(100_000)}@`, `a@${"a-".repeat(120)}`, "a@" + "a.".repeat(125)])
      emailFault(text);
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });
});

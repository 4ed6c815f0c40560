import { describe, expect, it } from "vitest";
import { bcryptFault, prefixFault } from "../../../../src/core/directory/rules/imported-key.ts";
import { passwordFault } from "../../../../src/core/directory/rules/password.ts";

const fault = (password: string) => passwordFault(password, "a.long.address@example.com");

describe("a password", () => {
  it.each([
    "twelve chars",
    "nothing-of-digits",
    "пароль из слов",
    "🚀".repeat(6) + "abcdef",
    "a b".repeat(85),
  ])("may be %j", (password) => expect(fault(password)).toBeUndefined());

  it.each([
    ["eleven char", /12 to 256/],
    ["🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀", /12 to 256/],
    ["", /12 to 256/],
    [`${"a b".repeat(85)}cd`, /more than 256/],
    ["x".repeat(1_000_000), /more than 256/],
    ["A.Long.Address@Example.com", /email/],
    ["password1234", /tried first/],
    ["PassWord1234", /tried first/],
    ["aaaaaaaaaaaaaaaa", /tried first/],
    ["half a pair \ud83d", /Unicode/],
  ])("may not be %.30j", (password, told) => expect(fault(password)).toMatch(told));
});

const salted = "abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234";

describe("a bcrypt hash", () => {
  it.each(["$2b$10$", "$2a$04$", "$2y$12$"])("may begin with %s", (beginning) =>
    expect(bcryptFault(beginning + salted)).toBeUndefined(),
  );

  it.each([
    ["$2b$03$", /cost 3/],
    ["$2b$13$", /cost 13/],
    ["$2b$31$", /cost 31/],
    ["$2b$99$", /cost 99/],
    ["$2x$10$", /bcrypt/],
    ["$2$10$", /bcrypt/],
    ["$2b$5$", /bcrypt/],
    ["$argon2id$v=19$", /bcrypt/],
  ])("may not begin with %s", (beginning, told) => expect(bcryptFault(beginning + salted)).toMatch(told));

  it.each([
    `$2b$10$${salted}x`,
    `$2b$10$${salted.slice(1)}`,
    `$2b$10$${salted}\n`,
    `$2b$10$${salted.slice(1)}!`,
    "",
    "hunter2",
  ])("may not be %j", (hash) => expect(bcryptFault(hash)).toMatch(/bcrypt/));
});

describe("the beginning of a key", () => {
  it.each(["sk-abc", "gw_12345", "x".repeat(32)])("may be %s", (prefix) =>
    expect(prefixFault(prefix)).toBeUndefined(),
  );
  it.each(["short", "", "with space", "sk-абв", "sk-ab\n", "sk-\0abc", "x".repeat(33), "slc_live_abc"])(
    "may not be %j",
    (prefix) => expect(prefixFault(prefix)).toBeDefined(),
  );
});

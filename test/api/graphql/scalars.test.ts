import { describe, expect, test } from "vitest";
import {
  parseDateTime,
  parseJson,
  parseWhole,
  writeDateTime,
  writeWhole,
} from "../../../src/api/graphql/scalars.ts";
import { createDocumentCache } from "../../../src/api/graphql/document-cache.ts";
import { parse } from "graphql";

describe("whole numbers of 64 bits", () => {
  test.each([
    ["9007199254740993", 9_007_199_254_740_993n],
    ["-1", -1n],
    [42, 42n],
  ])("%j is read", (value, expected) => {
    expect(parseWhole(value)).toBe(expected);
  });

  test.each(["", "1.0", "1e3", "0x1", "1".repeat(20), 1.5, 2 ** 53, Number.NaN, null, true, [], {}])(
    "%j is none",
    (value) => {
      expect(() => parseWhole(value)).toThrow(/whole number/);
    },
  );

  test("are written as decimal strings", () => {
    expect([writeWhole(5), writeWhole(9_007_199_254_740_993n)]).toEqual(["5", "9007199254740993"]);
  });
});

describe("times", () => {
  test.each([
    ["2026-01-31T12:00:00Z", Date.UTC(2026, 0, 31, 12)],
    ["2024-02-29T23:30:00-01:00", Date.UTC(2024, 2, 1, 0, 30)],
    ["2026-01-31T12:00Z", Date.UTC(2026, 0, 31, 12)],
    ["2026-01-31T12:00:00.125+01:00", Date.UTC(2026, 0, 31, 11, 0, 0, 125)],
  ])("%s is read", (value, expected) => {
    expect(parseDateTime(value)).toBe(expected);
  });

  test.each([
    "2026-01-31",
    "2026-01-31T12:00:00",
    "2026-13-01T00:00:00Z",
    "2026-02-31T00:00:00Z",
    "2026-02-29T12:00:00+01:00",
    "2026-04-31T12:00Z",
    "now",
    1_700_000_000_000,
    null,
  ])("%j is none", (value) => {
    expect(() => parseDateTime(value)).toThrow(/ISO 8601/);
  });

  test("are written in UTC", () => {
    expect(writeDateTime(Date.UTC(2026, 0, 31, 12))).toBe("2026-01-31T12:00:00.000Z");
  });
});

test.each([[null], [true], [1.5], ["x"], [[1]], [{ a: { b: null } }]])("JSON takes %j as it is", (value) => {
  expect(parseJson(value)).toBe(value);
});

describe("the cache of documents", () => {
  const document = parse("{ a }");

  test("drops what was not asked for the longest", () => {
    const cache = createDocumentCache({ maxDocuments: 2, maxChars: 10 });
    cache.set("a", document);
    cache.set("b", document);
    cache.get("a");
    cache.set("c", document);
    expect([cache.get("a"), cache.get("b"), cache.get("c")]).toEqual([document, undefined, document]);
  });

  test("keeps no long ones", () => {
    const cache = createDocumentCache({ maxDocuments: 2, maxChars: 10 });
    cache.set("x".repeat(11), document);
    expect(cache.get("x".repeat(11))).toBeUndefined();
  });
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalJson } from "../../src/core/canonical-json.ts";

const json = () => fc.jsonValue({ maxDepth: 4, noUnicodeString: false });

/** The same value with its keys in another order, at every depth. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reordered(member)]),
  );
}

it("is the value's JSON, whatever order its keys have", () => {
  fc.assert(
    fc.property(json(), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(reordered(value))).toBe(text);
      // As it is read back from a database.
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
});

it("differs for values that differ", () => {
  fc.assert(
    fc.property(json(), json(), (a, b) => {
      const areSame = canonicalJson(a) === canonicalJson(b);
      expect(areSame).toBe(JSON.stringify(reordered(sorted(a))) === JSON.stringify(reordered(sorted(b))));
    }),
  );
});

/** Sorted by another way than the one that is tested. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = new Map<string, unknown>(Object.entries(value));
  return Object.fromEntries([...members.keys()].sort().map((key) => [key, sorted(members.get(key))]));
}

it("is the text that RFC 8785 gives for its example", () => {
  // RFC 8785, 3.2.2 and 3.2.3.
  const value = JSON.parse(
    String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
      "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
  );
  expect(canonicalJson(value)).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
      String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
  // By UTF-16 code units: a surrogate stands before U+FB33.
  expect(canonicalJson({ "\ufb33": 1, "\ud83d\ude00": 2, "\r": 3, "€": 4, "1": 5 })).toBe(
    `{"\\r":3,"1":5,"€":4,"\ud83d\ude00":2,"\ufb33":1}`,
  );
});

it("leaves out members that are undefined, at every depth", () => {
  expect(canonicalJson({ b: undefined, a: { c: undefined, d: [1] } })).toBe(`{"a":{"d":[1]}}`);
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { areSame, differencesOf } from "../../../src/core/directory/audit-differences.ts";

it("tells what differs, and nothing else", () => {
  const before = { name: "a", active: true, budget: { hardNanos: 5n, softNanos: 1n }, list: ["x"] };
  const after = { name: "b", active: true, budget: { hardNanos: 2n ** 62n, softNanos: 1n }, list: ["x"] };
  expect(differencesOf(before, after)).toEqual({
    before: { name: "a", budget: { hardNanos: "5" } },
    after: { name: "b", budget: { hardNanos: "4611686018427387904" } },
  });
});

it.each([
  [undefined, { a: 1, b: undefined }, { before: undefined, after: { a: 1 } }],
  [{ a: 1 }, undefined, { before: { a: 1 }, after: undefined }],
  [{ a: 1 }, {}, { before: { a: 1 }, after: {} }],
  [{}, { a: [] }, { before: {}, after: { a: [] } }],
  [{ a: ["x", "y"] }, { a: ["y", "x"] }, { before: { a: ["x", "y"] }, after: { a: ["y", "x"] } }],
  [{ a: {} }, { a: { b: 1 } }, { before: { a: {} }, after: { a: { b: 1 } } }],
  [{ a: undefined }, {}, { before: {}, after: {} }],
  [{ a: Number.NaN }, { a: 1 }, { before: { a: "NaN" }, after: { a: 1 } }],
])("of %j and %j", (before, after, told) => expect(differencesOf(before, after)).toEqual(told));

it("are none of the same, and some of what is not the same", () => {
  const anyState = fc.dictionary(
    fc.constantFrom("a", "b", "c", "constructor"),
    fc.jsonValue({ maxDepth: 2 }),
  );
  fc.assert(
    fc.property(anyState, anyState, (one, other) => {
      expect(differencesOf(one, one)).toEqual({ before: {}, after: {} });
      const { before, after } = differencesOf(one, other);
      const isNothing = Object.keys({ ...before, ...after }).length === 0;
      if (areSame(one, other)) expect(isNothing).toBe(true);
      for (const key of Object.keys(one)) {
        const isTold =
          JSON.stringify(one[key]) !== JSON.stringify(Object.hasOwn(other, key) ? other[key] : undefined);
        expect(Object.hasOwn(before ?? {}, key)).toBe(isTold);
      }
    }),
  );
});

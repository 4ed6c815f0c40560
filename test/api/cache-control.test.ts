// `Cache-Control` of requests, as the standard has it.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseCacheControl } from "../../src/api/cache-control.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { refusalOf } from "../support/refusal-of.ts";

describe("what it says", () => {
  test.each([
    ["no-cache", { mode: "no_cache" }],
    ["no-store", { mode: "no_store" }],
    ["only-if-cached", { mode: "only_if_cached" }],
    ["max-age=60", { mode: "default", maxAgeSeconds: 60 }],
    ["max-age=0", { mode: "default", maxAgeSeconds: 0 }],
    ["No-Cache , MAX-AGE = 5", { mode: "no_cache", maxAgeSeconds: 5 }],
    ["no-cache, no-store", { mode: "no_store" }],
    ["only-if-cached, max-age=9", { mode: "only_if_cached", maxAgeSeconds: 9 }],
    ['max-age="7"', { mode: "default", maxAgeSeconds: 7 }],
    ["max-age=1, max-age=9", { mode: "default", maxAgeSeconds: 1 }],
    [`max-age=${"9".repeat(400)}`, { mode: "default", maxAgeSeconds: 2_147_483_647 }],
    [",, no-cache ,", { mode: "no_cache" }],
    ['no-cache="set-cookie"', { mode: "no_cache" }],
  ])("%s", (header, said) => expect(parseCacheControl(header)).toEqual(said));
});

test.each([
  "",
  " , ",
  "max-stale=5",
  "min-fresh",
  "no-transform, immutable",
  'private="no-store, max-age=x", foo="a \\" no-cache"',
  "no-caches, xno-store",
])("nothing that is read here: %s", (header) => expect(parseCacheControl(header)).toBeUndefined());

test.each([
  "max-age",
  "max-age=",
  "max-age=abc",
  "max-age=-1",
  "max-age=1.5",
  "max-age=1e3",
  'max-age=""',
  "no-cache, max-age=x",
  "only-if-cached, no-cache",
  "no-store, only-if-cached",
])("refused: %s", (header) => {
  const error = refusalOf(() => parseCacheControl(header));
  expect(error).toMatchObject({ code: "invalid_request", field: "cache-control" });
});

const other = fc.constantFrom(
  "max-stale",
  "max-stale=3",
  "no-transform",
  "x=1",
  'y="no-store, only-if-cached"',
);
const wish = fc.constantFrom("no-cache", "no-store", "NO-STORE", "No-Cache");
const space = fc.constantFrom("", " ", "\t", "  ");

test("what stands around a directive, and where it stands, changes nothing", () => {
  const list = fc.tuple(fc.array(other, { maxLength: 3 }), fc.array(other, { maxLength: 3 }), space, space);
  fc.assert(
    fc.property(list, fc.uniqueArray(wish), fc.nat(100_000), ([before, after, left, right], wishes, age) => {
      const plain = [...wishes, `max-age=${age}`];
      const header = [...before, ...plain, ...after].join(`${left},${right}`);
      expect(parseCacheControl(header)).toEqual(parseCacheControl(plain.join(",")));
    }),
  );
});

const pieces = ['x="', '\\"', "max-age=", '"', ",", " ", "=", "no-cache", "\\", "7"];

test("whatever is sent, it is read, or refused without a word of it", () => {
  const anyHeader = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((some) => some.join("")),
  );
  fc.assert(
    fc.property(anyHeader, (header) => {
      try {
        const { maxAgeSeconds: age = 0 } = parseCacheControl(header) ?? {};
        expect(Number.isSafeInteger(age) && age >= 0).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(GatewayError);
        expect(String(error).length).toBeLessThan(200);
      }
    }),
    { numRuns: 500 },
  );
});

test("the longest take no longer than their length says", () => {
  const headers = pieces.flatMap((first) => pieces.map((second) => `${first}${second}`.repeat(4_000)));
  const begun = process.cpuUsage();
  for (const header of headers) {
    try {
      parseCacheControl(header);
    } catch (error) {
      expect(error).toBeInstanceOf(GatewayError);
    }
  }
  // A hundred headers: a tenth of a second; where each quote were looked for anew, minutes.
  expect(process.cpuUsage(begun).user).toBeLessThan(3_000_000);
});

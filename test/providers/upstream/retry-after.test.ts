import fc from "fast-check";
import { expect, test } from "vitest";
import { retryAfterMsOf } from "../../../src/providers/upstream/retry-after.ts";

const dayMs = 86_400_000;

test.each([
  [{ "retry-after": "2" }, 2_000],
  [{ "retry-after": "0.5" }, 500],
  [{ "retry-after": "7", "retry-after-ms": "1.2" }, 2],
  [{ "retry-after": "9".repeat(400) }, dayMs],
  [{ "retry-after": "Sat, 21 Nov 2026 10:00:05 GMT", date: "Sat, 21 Nov 2026 10:00:00 GMT" }, 5_000],
  [{ "retry-after": "Sat, 21 Nov 2026 09:00:00 GMT", date: "Sat, 21 Nov 2026 10:00:00 GMT" }, 0],
  [{ "retry-after": "-1" }, undefined],
  [{ "retry-after": "soon" }, undefined],
  [{}, undefined],
])("%j", (headers: Readonly<Record<string, string>>, expected) => {
  expect(retryAfterMsOf(headers)).toBe(expected);
});

test("whatever a vendor writes, it is a wait of whole milliseconds within a day, or none", () => {
  const anyValue = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.double().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  );
  const names = fc.constantFrom("retry-after", "retry-after-ms", "date");
  fc.assert(
    fc.property(fc.dictionary(names, anyValue), (headers) => {
      const waitMs = retryAfterMsOf(headers);
      if (waitMs === undefined) return;
      expect(Number.isSafeInteger(waitMs)).toBe(true);
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThanOrEqual(dayMs);
    }),
    { numRuns: 1_000 },
  );
});

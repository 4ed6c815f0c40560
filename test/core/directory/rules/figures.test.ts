import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expiryFault, timeZoneFault } from "../../../../src/core/directory/rules/times.ts";
import { budgetFaults, limitFaults, nanosFault } from "../../../../src/core/directory/rules/use-limits.ts";

const largest = 2n ** 63n - 1n;

const told = (hardNanos: bigint | undefined, softNanos: bigint | undefined) =>
  budgetFaults({ softNanos }, { hardNanos, softNanos });

describe("money", () => {
  it.each([0n, 1n, 10n ** 18n, largest])("may be %s", (nanos) => expect(nanosFault(nanos)).toBeUndefined());
  it.each([-1n, -largest, largest + 1n, 2n ** 64n, 10n ** 40n])("may not be %s", (nanos) =>
    expect(nanosFault(nanos)).toBe(`must be 0 to ${largest} nano-dollars`),
  );

  it("is taken exactly where it fits 63 bits", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (nanos) => {
        expect(nanosFault(nanos) === undefined).toBe(BigInt.asUintN(63, nanos) === nanos);
      }),
    );
  });

  it("of which somebody is told is not above what is refused", () => {
    expect(told(10n, 10n)).toEqual([]);
    expect(told(undefined, 11n)).toEqual([]);
    expect(told(10n, 11n).map(({ field }) => field)).toEqual(["budget.softNanos"]);
  });
});

describe("limits", () => {
  it.each([1, 600, 1e12, null, undefined])("may be %s", (limit) =>
    expect(limitFaults({ requestsPerMinute: limit, concurrentStreams: limit })).toEqual([]),
  );
  it.each([0, -1, 1.5, 1e12 + 1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("may not be %s", (limit) =>
    expect(limitFaults({ tokensPerMinute: limit })).toEqual([
      { field: "limits.tokensPerMinute", message: "must be a whole number from 1 to 1000000000000" },
    ]),
  );
});

describe("the end of a key", () => {
  const nowMs = Date.UTC(2026, 1, 28, 12);

  it.each([
    [nowMs + 1, true],
    [Date.UTC(2036, 1, 28, 12), true],
    [Date.UTC(2036, 2, 3), false],
    [nowMs, false],
    [nowMs - 1, false],
    [0, false],
    [-1, false],
    [nowMs + 0.5, false],
    [Number.NaN, false],
    [Number.POSITIVE_INFINITY, false],
    [8.64e15, false],
  ])("at %d: %s", (expiresAtMs, isTaken) =>
    expect(expiryFault(expiresAtMs, nowMs) === undefined).toBe(isTaken),
  );

  it("may be ten years from any day", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("2000-01-01"), max: new Date("2200-01-01"), noInvalidDate: true }),
        (from) => {
          const to = new Date(from);
          to.setUTCFullYear(from.getUTCFullYear() + 10);
          expect(expiryFault(to.getTime(), from.getTime())).toBeUndefined();
          to.setUTCFullYear(from.getUTCFullYear() + 11);
          expect(expiryFault(to.getTime(), from.getTime())).toBeDefined();
        },
      ),
    );
  });
});

describe("a time zone", () => {
  it.each(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kathmandu"])("may be %s", (name) =>
    expect(timeZoneFault(name)).toBeUndefined(),
  );
  it.each(["", "+01:00", "-0500", "Europe/Atlantis", "UTC\n", "a".repeat(10_000), "'; DROP TABLE tenants"])(
    "may not be %j",
    (name) => expect(timeZoneFault(name)).toBeDefined(),
  );
});

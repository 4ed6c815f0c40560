import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBudgetMonths } from "../../../src/core/budgets/budget-months.ts";
import { monthAt } from "../../../src/core/usage/time-intervals.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const iso = (ms: number): string => new Date(ms).toISOString();
const monthOf = (at: string, zone: string): readonly string[] => {
  const { fromMs, toMs } = monthAt(Date.parse(at), zone);
  return [iso(fromMs), iso(toMs)];
};

const zones = [...Intl.supportedValuesOf("timeZone"), "UTC", "Etc/GMT+12"];
const anywhere = fc.tuple(
  fc.constantFrom(...zones),
  fc.integer({ min: 40 * dayMs, max: Date.UTC(2038, 0, 1) }),
);
/** Half of them near the turn of a month. */
const near = fc
  .tuple(
    fc.constantFrom(...zones, "America/Asuncion", "Pacific/Apia", "America/Havana"),
    fc.integer({ min: 1971, max: 2037 }),
    fc.integer({ min: 0, max: 11 }),
    fc.integer({ min: -16 * 60, max: 16 * 60 }),
  )
  .map(([zone, year, month, minutes]) => [zone, Date.UTC(year, month, 1) + minutes * minuteMs] as const);

/** Year and month as the zone's clock shows them, asked of the runtime in another way. */
function shownMonth(zone: string, atMs: number): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, year: "numeric", month: "2-digit" }).format(atMs);
}

describe("a budget's month", () => {
  it("is the calendar's in the zone, an hour shorter or longer where its clocks are changed", () => {
    expect(monthOf("2026-03-10T12:00Z", "Europe/Berlin")).toEqual([
      "2026-02-28T23:00:00.000Z",
      "2026-03-31T22:00:00.000Z",
    ]);
    expect(monthOf("2026-11-01T06:59Z", "America/Los_Angeles")[0]).toBe("2026-10-01T07:00:00.000Z");
    expect(monthOf("2026-11-01T07:00Z", "America/Los_Angeles")).toEqual([
      "2026-11-01T07:00:00.000Z",
      "2026-12-01T08:00:00.000Z",
    ]);
    expect(monthOf("2026-12-31T18:15Z", "Asia/Kathmandu")[0]).toBe("2026-12-31T18:15:00.000Z");
    // Samoa went over the date line at the end of a 29 December.
    expect(monthOf("2011-12-31T09:59Z", "Pacific/Apia")).toEqual([
      "2011-12-01T10:00:00.000Z",
      "2011-12-31T10:00:00.000Z",
    ]);
  });

  it("follows the one before without a gap, in every zone", () => {
    fc.assert(
      fc.property(fc.oneof(anywhere, near), ([zone, atMs]) => {
        const month = monthAt(atMs, zone);
        expect(month.fromMs).toBeLessThanOrEqual(atMs);
        expect(month.toMs).toBeGreaterThan(atMs);
        expect(monthAt(month.fromMs, zone)).toEqual(month);
        expect(monthAt(month.toMs - 1, zone)).toEqual(month);
        expect(monthAt(month.toMs, zone).fromMs).toBe(month.toMs);
        expect(monthAt(month.fromMs - 1, zone).toMs).toBe(month.fromMs);
        expect(shownMonth(zone, month.fromMs)).not.toBe(shownMonth(zone, month.fromMs - 1));
        expect(shownMonth(zone, month.toMs)).not.toBe(shownMonth(zone, month.fromMs));
        expect((month.toMs - month.fromMs) / dayMs).toBeGreaterThan(27.8);
        expect((month.toMs - month.fromMs) / dayMs).toBeLessThan(31.2);
      }),
      { numRuns: 400 },
    );
  });

  it("is worked out anew when it is over, and before it had begun", () => {
    const months = createBudgetMonths();
    const july = months("Europe/Berlin", Date.parse("2026-07-15T00:00Z"));
    expect(months("Europe/Berlin", july.toMs - 1)).toBe(july);
    expect(months("Europe/Berlin", july.toMs).fromMs).toBe(july.toMs);
    expect(months("Europe/Berlin", july.fromMs - 1).toMs).toBe(july.fromMs);
    expect(months("UTC", Date.parse("2026-07-15T00:00Z"))).not.toEqual(july);
  });

  it("is refused in a zone that is not known", () => {
    expect(() => createBudgetMonths()("Mars/Olympus", 0)).toThrow(/^timeZone: "Mars\/Olympus" is not known/);
  });
});

// Intervals against a recomputation that asks the zone's clock at every minute.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { intervalEdges, maxIntervals } from "../../../src/core/usage/time-intervals.ts";
import type { UsageInterval } from "../../../src/core/usage/usage-report.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const edgesOf = (from: string, to: string, interval: UsageInterval, timeZone: string): string[] =>
  intervalEdges({ fromMs: Date.parse(from), toMs: Date.parse(to), interval, timeZone }).map((edgeMs) =>
    new Date(edgeMs).toISOString().replace(":00.000Z", "Z"),
  );

/** The lengths of the intervals in hours. */
const hoursOf = (edges: readonly string[]): number[] =>
  edges.slice(1).map((edge, index) => (Date.parse(edge) - Date.parse(edges[index] ?? "")) / hourMs);

describe("days", () => {
  test("are 23 and 25 hours long where the clock is changed", () => {
    const spring = edgesOf("2026-03-27T23:00Z", "2026-03-30T22:00Z", "day", "Europe/Berlin");
    expect(hoursOf(spring)).toEqual([24, 23, 24]);
    const autumn = edgesOf("2026-10-23T22:00Z", "2026-10-26T23:00Z", "day", "Europe/Berlin");
    expect(hoursOf(autumn)).toEqual([24, 25, 24]);
  });

  test("begin at one o'clock where there is no midnight", () => {
    expect(edgesOf("2018-11-03T12:00Z", "2018-11-05T12:00Z", "day", "America/Sao_Paulo")).toEqual([
      "2018-11-03T12:00Z",
      "2018-11-04T03:00Z",
      "2018-11-05T02:00Z",
      "2018-11-05T12:00Z",
    ]);
  });

  test("that pass midnight twice are one", () => {
    // The clock goes from 1:00 back to 0:00.
    const havana = edgesOf("2024-11-02T04:00Z", "2024-11-05T05:00Z", "day", "America/Havana");
    expect(hoursOf(havana)).toEqual([24, 25, 24]);
    // From 0:01 of Sunday back to 23:01 of Saturday.
    expect(edgesOf("2006-10-28T12:00Z", "2006-10-30T12:00Z", "day", "America/St_Johns")).toEqual([
      "2006-10-28T12:00Z",
      "2006-10-29T02:30Z",
      "2006-10-30T03:30Z",
      "2006-10-30T12:00Z",
    ]);
    // From within the hour that belongs to Saturday again.
    expect(edgesOf("2006-10-29T03:00Z", "2006-10-30T12:00Z", "day", "America/St_Johns")).toEqual([
      "2006-10-29T03:00Z",
      "2006-10-30T03:30Z",
      "2006-10-30T12:00Z",
    ]);
  });

  test("that a zone skipped have no interval", () => {
    // Samoa had no 30 December 2011.
    expect(edgesOf("2011-12-29T10:00Z", "2012-01-01T10:00Z", "day", "Pacific/Apia")).toEqual([
      "2011-12-29T10:00Z",
      "2011-12-30T10:00Z",
      "2011-12-31T10:00Z",
      "2012-01-01T10:00Z",
    ]);
  });
});

describe("hours and quarters", () => {
  test("begin at full local ones in zones of half and quarter hours", () => {
    expect(edgesOf("2026-01-01T00:10Z", "2026-01-01T02:00Z", "hour", "Asia/Kolkata")).toEqual([
      "2026-01-01T00:10Z",
      "2026-01-01T00:30Z",
      "2026-01-01T01:30Z",
      "2026-01-01T02:00Z",
    ]);
    expect(edgesOf("2026-01-01T00:00Z", "2026-01-01T01:00Z", "hour", "Asia/Kathmandu")).toEqual([
      "2026-01-01T00:00Z",
      "2026-01-01T00:15Z",
      "2026-01-01T01:00Z",
    ]);
  });

  test("that pass twice are two", () => {
    expect(hoursOf(edgesOf("2026-10-24T22:00Z", "2026-10-25T23:00Z", "hour", "Europe/Berlin"))).toEqual(
      Array.from({ length: 25 }, () => 1),
    );
  });

  test("are shorter or longer by the half hour of Lord Howe", () => {
    // From 2:00 on to 2:30, and from 2:00 back to 1:30.
    const spring = edgesOf("2025-10-04T13:30Z", "2025-10-04T17:00Z", "hour", "Australia/Lord_Howe");
    expect(hoursOf(spring)).toEqual([1, 1, 0.5, 1]);
    const autumn = edgesOf("2026-04-04T13:00Z", "2026-04-04T16:30Z", "hour", "Australia/Lord_Howe");
    expect(hoursOf(autumn)).toEqual([1, 1.5, 1]);
  });
});

describe("weeks and months", () => {
  test("begin on Monday and on the first", () => {
    expect(edgesOf("2026-01-01T00:00Z", "2026-01-20T00:00Z", "week", "UTC")).toEqual([
      "2026-01-01T00:00Z",
      "2026-01-05T00:00Z",
      "2026-01-12T00:00Z",
      "2026-01-19T00:00Z",
      "2026-01-20T00:00Z",
    ]);
    expect(edgesOf("2025-12-15T00:00Z", "2026-04-02T00:00Z", "month", "America/New_York")).toEqual([
      "2025-12-15T00:00Z",
      "2026-01-01T05:00Z",
      "2026-02-01T05:00Z",
      "2026-03-01T05:00Z",
      "2026-04-01T04:00Z",
      "2026-04-02T00:00Z",
    ]);
  });
});

test("without an interval there is one from beginning to end", () => {
  const range = { fromMs: 5, toMs: 6, interval: undefined, timeZone: "UTC" };
  expect(intervalEdges(range)).toEqual([5, 6]);
});

test("as many as are allowed are given, one more is refused with what to do", () => {
  const range = { fromMs: 0, interval: "hour", timeZone: "UTC" } as const;
  expect(intervalEdges({ ...range, toMs: maxIntervals * hourMs })).toHaveLength(maxIntervals + 1);
  expect(() => intervalEdges({ ...range, toMs: maxIntervals * hourMs + 1 })).toThrow(
    "interval: makes more than 1500 intervals; ask for longer ones, or for less time at once",
  );
});

test("a zone that is not known is refused with an example", () => {
  for (const timeZone of ["", "Mars/Olympus", "Europe/Berlin\0", "x".repeat(5000), "../etc"]) {
    const range = { fromMs: 0, toMs: 1, interval: undefined, timeZone };
    expect(() => intervalEdges(range)).toThrow(/^timeZone: .{0,110} is not known; give an IANA name/);
  }
});

describe("in every zone", () => {
  const zones = [...Intl.supportedValuesOf("timeZone"), "UTC", "Etc/GMT+12"];
  const latestMs = Date.UTC(2038, 0, 1);
  const changeful: readonly (readonly [string, string])[] = [
    ["America/St_Johns", "2006-10-29T02:31Z"],
    ["America/Sao_Paulo", "2018-11-04T03:00Z"],
    ["America/Havana", "2024-11-03T05:00Z"],
    ["Pacific/Apia", "2011-12-30T10:00Z"],
    ["Pacific/Kwajalein", "1993-08-21T12:00Z"],
    ["Australia/Lord_Howe", "2026-04-04T15:00Z"],
    ["Australia/Lord_Howe", "2025-10-04T15:30Z"],
    ["Africa/Monrovia", "1972-01-07T00:44Z"],
    ["Asia/Pyongyang", "2018-05-04T15:00Z"],
    ["Antarctica/Troll", "2026-03-29T01:00Z"],
    ["Europe/Dublin", "2026-10-25T01:00Z"],
    ["Africa/Casablanca", "2026-02-15T02:00Z"],
  ];
  // Uniform times hit hardly any change of a clock: every second case is near one.
  const near = fc
    .tuple(fc.constantFrom(...changeful), fc.integer({ min: -40 * 60, max: 20 * 60 }))
    .map(([[zone, change], minutes]) => ({ zone, fromMs: Date.parse(change) + minutes * minuteMs }));
  const anywhere = fc
    .tuple(fc.constantFrom(...zones), fc.integer({ min: 3 * 24 * 60, max: latestMs / minuteMs }))
    .map(([zone, minutes]) => ({ zone, fromMs: minutes * minuteMs }));
  const start = fc.oneof(near, anywhere);
  const intervals = ["quarter_hour", "hour", "day", "week", "month"] as const;

  test("edges ascend from the beginning to the end, and none is far from the next", () => {
    const longestMs = { quarter_hour: 1.25, hour: 2, day: 49, week: 8 * 24, month: 33 * 24 };
    const property = fc.property(
      start,
      fc.constantFrom(...intervals),
      fc.integer({ min: 1, max: 15 * dayMs }),
      ({ zone, fromMs }, interval, lengthMs) => {
        const edges = intervalEdges({ fromMs, toMs: fromMs + lengthMs, interval, timeZone: zone });
        expect(edges.at(0)).toBe(fromMs);
        expect(edges.at(-1)).toBe(fromMs + lengthMs);
        for (const [index, edge] of edges.slice(1).entries()) {
          const passedMs = edge - (edges[index] ?? 0);
          expect(passedMs).toBeGreaterThan(0);
          expect(passedMs).toBeLessThanOrEqual(longestMs[interval] * hourMs);
        }
      },
    );
    fc.assert(property, { numRuns: 200 });
  });

  test("are those of a clock that is read every minute", () => {
    const property = fc.property(
      start,
      fc.constantFrom(...intervals),
      fc.integer({ min: 1, max: 60 * 24 }),
      ({ zone, fromMs }, interval, minutes) => {
        const toMs = fromMs + minutes * minuteMs;
        const edges = intervalEdges({ fromMs, toMs, interval, timeZone: zone });
        expect(edges).toEqual([fromMs, ...slowBeginnings({ fromMs, toMs, interval, zone }), toMs]);
      },
    );
    fc.assert(property, { numRuns: 120 });
  }, 60_000);
});

/** What a zone's clock shows, read from its text; a date as days since 1970. */
function createClock(zone: string) {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  return (epochMs: number) => {
    const [, date = "", hour = "", minute = "", second = ""] =
      /^(\S+) (\d\d):(\d\d):(\d\d)$/.exec(format.format(epochMs)) ?? [];
    const day = Date.parse(`${date}T00:00Z`) / dayMs;
    return { day, minute: Number(hour) * 60 + Number(minute), second: Number(second) };
  };
}

/** Monrovia was 44 minutes and 30 seconds behind until 1972: the clock is read every half minute. */
const readingMs = minuteMs / 2;

function slowBeginnings(range: {
  readonly fromMs: number;
  readonly toMs: number;
  readonly interval: UsageInterval;
  readonly zone: string;
}): number[] {
  const { fromMs, toMs, interval, zone } = range;
  const clock = createClock(zone);
  const short = { quarter_hour: 15, hour: 60, day: 0, week: 0, month: 0 }[interval];
  const unitOf = ({ day, minute }: ReturnType<typeof clock>): number => {
    if (short > 0) return day * 24 * 60 + Math.floor(minute / short) * short;
    if (interval === "week") return Math.floor((day + 3) / 7);
    const date = new Date(day * dayMs);
    return interval === "month" ? date.getUTCFullYear() * 12 + date.getUTCMonth() : day;
  };
  const found: number[] = [];
  let before = unitOf(clock(fromMs - 2 * dayMs));
  let latest = before;
  for (let atMs = fromMs - 2 * dayMs + readingMs; atMs < toMs; atMs += readingMs) {
    const shown = clock(atMs);
    const unit = unitOf(shown);
    const isFull = short > 0 && shown.minute % short === 0 && shown.second === 0;
    const begins = short > 0 ? unit > before || isFull : unit > latest;
    if (begins && atMs > fromMs) found.push(atMs);
    before = unit;
    latest = Math.max(latest, unit);
  }
  return found;
}

// Where the intervals of a report begin, on the clocks and calendars of a time zone.
//
// Quarters and hours begin where the clock shows a full one, or is put forward past it; an hour that is passed
// twice is two. Days, weeks and months begin at the first instant of their first date, which need not be
// midnight; a date that is passed twice is one, and one that is left out has no interval.

import { invalidRequest } from "../errors.ts";
import type { UsageInterval } from "./usage-report.ts";
import { type OffsetAt, offsetsOf } from "./zone-offset.ts";

export const maxIntervals = 1500;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
// Zones are at most 12 h behind UTC and 14 h ahead of it.
const furthestBehindMs = 13 * hourMs;
const furthestAheadMs = 15 * hourMs;

export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly interval: UsageInterval | undefined;
  readonly timeZone: string;
}

/**
 * The edges of the range's intervals in epoch milliseconds, ascending: `fromMs`, each beginning between, `toMs`.
 * @throws GatewayError `invalid_request` for an unknown zone or more than `maxIntervals`
 */
export function intervalEdges({ fromMs, toMs, interval, timeZone }: TimeRange): number[] {
  const offsetAt = offsetsOf(timeZone);
  const edges = [fromMs];
  if (interval !== undefined) {
    for (let at = nextBeginning(fromMs, interval, offsetAt); at < toMs;) {
      if (edges.length === maxIntervals) {
        throw invalidRequest(
          "interval",
          `makes more than ${maxIntervals} intervals; ask for longer ones, or for less time at once`,
        );
      }
      edges.push(at);
      at = nextBeginning(at, interval, offsetAt);
    }
  }
  edges.push(toMs);
  return edges;
}

/**
 * The month that an instant is in, as the intervals of a report have it: from its first instant to that of the next
 * month, which is left out.
 * @throws GatewayError `invalid_request` for an unknown zone
 */
export function monthAt(atMs: number, timeZone: string): { readonly fromMs: number; readonly toMs: number } {
  const offsetAt = offsetsOf(timeZone);
  const local = new Date(atMs + offsetAt(atMs));
  let startMs = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), 1);
  for (;;) {
    const nextMs = nextStart(startMs, "month");
    const toMs = firstInstantOf(nextMs, offsetAt);
    if (toMs > atMs) return { fromMs: firstInstantOf(startMs, offsetAt), toMs };
    // It has begun although the clock shows the month before: the clock was put back across its first midnight.
    startMs = nextMs;
  }
}

function nextBeginning(afterMs: number, interval: UsageInterval, offsetAt: OffsetAt): number {
  if (interval === "quarter_hour") return nextOnClock(afterMs, 15 * minuteMs, offsetAt);
  if (interval === "hour") return nextOnClock(afterMs, hourMs, offsetAt);
  let startMs = floorTo(afterMs + offsetAt(afterMs), dayMs);
  for (;;) {
    startMs = nextStart(startMs, interval);
    const beginsMs = firstInstantOf(startMs, offsetAt);
    // It may have begun already, where the clock was put back across midnight.
    if (beginsMs > afterMs) return beginsMs;
  }
}

function nextOnClock(afterMs: number, unitMs: number, offsetAt: OffsetAt): number {
  for (let cursorMs = afterMs; ;) {
    const offset = offsetAt(cursorMs);
    const nextMs = floorTo(cursorMs + offset, unitMs) + unitMs - offset;
    if (offsetAt(nextMs) === offset) return nextMs;
    const changeMs = changeBetween(cursorMs, nextMs, offsetAt);
    const shown = changeMs + offsetAt(changeMs);
    const isFull = shown % unitMs === 0;
    const isPast = floorTo(shown, unitMs) > floorTo(changeMs - 1 + offset, unitMs);
    if (isFull || isPast) return changeMs;
    cursorMs = changeMs;
  }
}

/** The first date of the unit after the one that a date is in; dates as their midnights, read as UTC. */
function nextStart(dateMs: number, interval: "day" | "week" | "month"): number {
  const date = new Date(dateMs);
  switch (interval) {
    case "day":
      return dateMs + dayMs;
    case "week":
      return dateMs + (7 - ((date.getUTCDay() + 6) % 7)) * dayMs;
    case "month":
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  }
}

/** The first instant at which the zone's clocks show a local time or a later one. */
function firstInstantOf(localMs: number, offsetAt: OffsetAt): number {
  const sureBeforeMs = localMs - furthestAheadMs;
  const sureAfterMs = localMs + furthestBehindMs;
  const before = offsetAt(sureBeforeMs);
  const after = offsetAt(sureAfterMs);
  if (before === after) return localMs - before;
  const changeMs = changeBetween(sureBeforeMs, sureAfterMs, offsetAt);
  return localMs - before < changeMs ? localMs - before : Math.max(changeMs, localMs - after);
}

/** The first instant after `earlierMs` with another offset than it, where `laterMs` has another. */
function changeBetween(earlierMs: number, laterMs: number, offsetAt: OffsetAt): number {
  const offset = offsetAt(earlierMs);
  let low = earlierMs;
  let high = laterMs;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}

const floorTo = (value: number, unit: number): number => Math.floor(value / unit) * unit;

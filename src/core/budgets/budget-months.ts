// The months of budgets: each zone's current one is worked out once, not for every call.

import { monthAt } from "../usage/time-intervals.ts";

export interface BudgetMonth {
  readonly fromMs: number;
  /** Left out itself: the next month begins with it. */
  readonly toMs: number;
}

/** The calendar month of the zone that the instant is in. @throws GatewayError for a zone that is not known */
export type BudgetMonths = (timeZone: string, atMs: number) => BudgetMonth;

/** More than there are zones. */
const maxZones = 1_000;

export const isIn = ({ fromMs, toMs }: BudgetMonth, atMs: number): boolean => fromMs <= atMs && atMs < toMs;

export function createBudgetMonths(): BudgetMonths {
  const latest = new Map<string, BudgetMonth>();
  return (timeZone, atMs) => {
    const known = latest.get(timeZone);
    if (known !== undefined && isIn(known, atMs)) return known;
    const month = monthAt(atMs, timeZone);
    if (latest.size >= maxZones) latest.clear();
    latest.set(timeZone, month);
    return month;
  };
}

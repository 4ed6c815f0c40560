// What a usage question has to hold to be asked of a database.

import { type GatewayError, invalidRequest } from "../errors.ts";
import { intervalEdges } from "./time-intervals.ts";
import type { UsageDimension, UsageFilter, UsageQuestion } from "./usage-report.ts";

export const maxUsageGroups = 10_000;
const maxFilterValues = 100;
const longestValue = 256;
const latestMs = Date.UTC(10_000, 0, 1);

export interface CheckedUsageQuestion {
  /** The edges of the intervals in epoch milliseconds, ascending, at least two; the last one is left out. */
  readonly edgesMs: readonly number[];
  /** Each dimension once. */
  readonly groupBy: readonly UsageDimension[];
}

/** @throws GatewayError `invalid_request` */
export function checkUsageQuestion(question: UsageQuestion): CheckedUsageQuestion {
  const { fromMs, toMs, interval, timeZone } = question;
  checkTime("from", fromMs);
  checkTime("to", toMs);
  if (fromMs >= toMs) throw invalidRequest("to", "must be later than from");
  checkFilter(question.filter);
  return {
    edgesMs: intervalEdges({ fromMs, toMs, interval, timeZone }),
    groupBy: [...new Set(question.groupBy)],
  };
}

function checkTime(field: string, epochMs: number): void {
  if (!Number.isSafeInteger(epochMs) || epochMs < 0 || epochMs > latestMs) {
    throw invalidRequest(field, "must be a time in the years 1970 to 9999");
  }
}

function checkFilter(filter: UsageFilter): void {
  for (const [name, values] of Object.entries(filter)) {
    if (!Array.isArray(values)) continue;
    const field = `filter.${name}`;
    if (values.length === 0) throw invalidRequest(field, "is empty; leave it out to count all");
    if (values.length > maxFilterValues) {
      throw invalidRequest(field, `holds ${values.length} values; at most ${maxFilterValues} are taken`);
    }
    if (
      values.some((value) => typeof value !== "string" || value.length > longestValue || value.includes("\0"))
    ) {
      throw invalidRequest(field, `must hold texts without NUL, of at most ${longestValue} characters`);
    }
  }
}

export const tooManyGroups = (): GatewayError =>
  invalidRequest(
    "groupBy",
    `makes more than ${maxUsageGroups} groups; ask for longer intervals, fewer groups or a filter`,
  );

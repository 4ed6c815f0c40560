// Whether figures count requests, or the attempts of which requests consist.

import type { UsageDimension, UsageFilter } from "./usage-report.ts";

/** Whether a filter lets only some attempts count, of groups and of totals. */
export const filtersAttempts = (filter: Pick<UsageFilter, "providers" | "models">): boolean =>
  filter.providers !== undefined || filter.models !== undefined;

/** Whether groups count attempts. */
export const countsAttempts = (question: {
  readonly groupBy: readonly UsageDimension[];
  readonly filter: Pick<UsageFilter, "providers" | "models">;
}): boolean =>
  filtersAttempts(question.filter) ||
  question.groupBy.some((dimension) => dimension === "provider" || dimension === "model");

// What a report says of calls whose cost is not known.

import { countOf, textOf, type UsageRow } from "./read-usage-rows.ts";

const mostNamed = 5;

/** @param models rows of `unpricedStatement` */
export function unpricedWarnings(unpriced: bigint, models: readonly UsageRow[]): string[] {
  if (unpriced === 0n) return [];
  const count = unpriced === 1n ? "1 cost is" : `${unpriced} costs are`;
  if (models.length === 0) {
    return [`${count} not known and not in the sums: the providers did not tell what was used.`];
  }
  const names = models
    .map((row) => ({
      name: `${textOf(row, "provider")}/${textOf(row, "model")}`,
      attempts: countOf(row, "attempts"),
    }))
    .toSorted((a, b) => Number(b.attempts - a.attempts) || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
  const others = names.length - mostNamed;
  const list = names.slice(0, mostNamed).join(", ") + (others > 0 ? ` and ${others} more` : "");
  return [
    `${count} not known and not in the sums, for want of a price of ${list}. Give them a price under ` +
      "`prices` in sluice.yaml.",
  ];
}

// By chance, in proportion to the targets' weights.

import type { Target } from "../../snapshot.ts";

interface Weighted {
  readonly target: Pick<Target, "weight">;
}

const weightOf = ({ target }: Weighted): number => target.weight ?? 1;

/** Drawn one after the other, each among those that are left. A weight of 0 comes after all others, as given. */
export function weightedOrder<C extends Weighted>(
  candidates: readonly C[],
  random: () => number,
): readonly C[] {
  const left = candidates.filter((candidate) => weightOf(candidate) > 0);
  const drawn: C[] = [];
  while (left.length > 1) drawn.push(...left.splice(drawIndex(left, random()), 1));
  const never = candidates.filter((candidate) => weightOf(candidate) === 0);
  return [...drawn, ...left, ...never];
}

/** Where a number from 0 to below 1 falls, on a line on which each has a piece as long as its weight. */
function drawIndex(candidates: readonly Weighted[], drawn: number): number {
  let total = 0;
  for (const candidate of candidates) total += weightOf(candidate);
  let rest = drawn * total;
  for (const [i, candidate] of candidates.entries()) {
    rest -= weightOf(candidate);
    if (rest < 0) return i;
  }
  // Sums of fractions are not exact.
  return candidates.length - 1;
}

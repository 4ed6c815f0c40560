/** Tokens that may be of a special kind, and what one of that kind costs more; less where it is negative. */
export interface TokenGroup {
  readonly tokens: bigint;
  readonly picos: bigint;
}

/**
 * What `count` tokens of the kind, which stand somewhere in the groups, cost more than plain ones, in pico-dollars.
 * Known only where every way to spread them over the groups costs the same. `count` is undefined where it is not
 * known: that matters only where a group has a surcharge.
 */
export function surcharge(count: bigint | undefined, groups: readonly TokenGroup[]): bigint | undefined {
  if (groups.every(({ tokens, picos }) => tokens === 0n || picos === 0n)) return 0n;
  if (count === undefined) return undefined;
  const cheapestFirst = groups.toSorted((a, b) => (a.picos < b.picos ? -1 : a.picos > b.picos ? 1 : 0));
  const least = filled(count, cheapestFirst);
  return least === filled(count, cheapestFirst.toReversed()) ? least : undefined;
}

/** The surcharge with the first groups full. Undefined where the tokens do not fit in. */
function filled(count: bigint, groups: readonly TokenGroup[]): bigint | undefined {
  let left = count;
  let picosInAll = 0n;
  for (const { tokens, picos } of groups) {
    const taken = left < tokens ? left : tokens;
    picosInAll += taken * picos;
    left -= taken;
  }
  return left === 0n ? picosInAll : undefined;
}

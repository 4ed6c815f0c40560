// Percentiles of durations from counts in logarithmic buckets: DDSketch (Masson, Rim, Lee: "DDSketch: a fast
// and fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019). Sketches of parts add up,
// bucket by bucket, to the sketch of the whole.

/** How far a bucket's value may be from a duration in it, as a share of the duration. */
const relativeAccuracy = 0.005;

const gamma = (1 + relativeAccuracy) / (1 - relativeAccuracy);

/** A bucket `i` holds durations d in milliseconds with `logGamma` × (i − 1) < ln d ≤ `logGamma` × i. */
export const logGamma = Math.log(gamma);

/** Durations below a nanosecond, in milliseconds: they count as none, in `zeroBucket`. */
export const shortestMs = 1e-6;

/** Below all others. */
export const zeroBucket = -100_000;

/** The percentiles that reports give. */
export const reportPercents = [50, 95, 99] as const;

/** How many durations there are by bucket. */
export type LatencySketch = Map<number, number>;

export function addDuration(sketch: LatencySketch, durationMs: number): void {
  const bucket = bucketOf(durationMs);
  sketch.set(bucket, (sketch.get(bucket) ?? 0) + 1);
}

export const bucketOf = (durationMs: number): number =>
  // Plus 0: rounding up just below 1 ms gives −0, and a map gives back 0.
  durationMs < shortestMs ? zeroBucket : Math.ceil(Math.log(durationMs) / logGamma) + 0;

/** A bucket's value in milliseconds: as far from its longest duration as from its shortest, in shares of each. */
export const valueOf = (bucket: number): number =>
  bucket <= zeroBucket ? 0 : (2 * gamma ** bucket) / (gamma + 1);

/**
 * The buckets of the durations at some quantiles (ascending, as percents), by nearest rank: the first of which
 * at least that share is not longer. None for an empty sketch.
 */
export function bucketsAt(sketch: LatencySketch, percents: readonly number[]): number[] {
  const ordered = [...sketch].toSorted(([a], [b]) => a - b);
  const count = ordered.reduce((sum, [, n]) => sum + n, 0);
  const found: number[] = [];
  let passed = 0;
  for (const [bucket, n] of ordered) {
    passed += n;
    // Whole numbers on both sides: a share as a fraction would round.
    while (found.length < percents.length && passed * 100 >= (percents[found.length] ?? 0) * count) {
      found.push(bucket);
    }
  }
  return found;
}

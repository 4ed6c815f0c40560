// Rate limits and places of streams in this process's memory.

import type { Clock } from "../../core/clock.ts";
import { GcraBucket } from "../../core/limits/gcra.ts";
import { HeldPlaces } from "../../core/limits/held-places.ts";
import type { BucketState, LimitDecision, LimitStore, Take } from "../../core/limits/limit-store.ts";

export interface MemoryLimits extends LimitStore {
  /** Answers at once. */
  take(takes: readonly Take[]): LimitDecision;
  /** Buckets that are kept: those that are not full, and some that have become so. */
  readonly size: number;
}

interface Kept {
  readonly bucket: GcraBucket;
  /** The one that was asked with last. */
  limit: number;
}

/**
 * How many buckets each call looks at, to forget those that are full again: more than a call adds, so that the sweep
 * goes round faster than the map grows.
 */
const sweptEach = 4;

export const createMemoryLimits = ({ clock }: { readonly clock: Clock }): MemoryLimits => {
  const kept = new Map<string, Kept>();
  const places = new HeldPlaces();
  let sweep = kept.entries();

  function forgetFull(nowMs: number): void {
    for (let swept = 0; swept < sweptEach; swept += 1) {
      const next = sweep.next();
      if (next.done === true) {
        sweep = kept.entries();
        return;
      }
      const [key, { bucket, limit }] = next.value;
      if (bucket.isFullAt(nowMs, limit)) kept.delete(key);
    }
  }

  function refilled({ bucket: { key, limit } }: Take, nowMs: number): GcraBucket {
    let found = kept.get(key);
    if (found === undefined) {
      found = { bucket: new GcraBucket(), limit };
      kept.set(key, found);
    }
    found.limit = limit;
    found.bucket.refill(nowMs, limit);
    return found.bucket;
  }

  return {
    get size() {
      return kept.size;
    },
    take(takes) {
      const nowMs = clock.monotonicMs();
      // Before the takes: what they touch stays until they are done.
      forgetFull(nowMs);
      let refused: number | undefined;
      let retryAfterMs = 0;
      const buckets: GcraBucket[] = [];
      for (const [index, take] of takes.entries()) {
        const bucket = refilled(take, nowMs);
        buckets.push(bucket);
        const waitMs = bucket.waitMs(take.cost, take.bucket.limit, nowMs);
        if (waitMs <= retryAfterMs) continue;
        refused = index;
        retryAfterMs = waitMs;
      }
      const allowed = refused === undefined;
      const states: BucketState[] = [];
      for (const [index, { bucket, cost }] of takes.entries()) {
        const found = buckets[index];
        if (found === undefined) continue;
        if (allowed) found.use(cost);
        const { limit } = bucket;
        states.push({ limit, remaining: found.remaining(limit), resetMs: found.resetMs(limit) });
      }
      return { allowed, states, refused, retryAfterMs };
    },
    correct(takes) {
      const nowMs = clock.monotonicMs();
      for (const take of takes) refilled(take, nowMs).use(take.cost);
    },
    enter(wanted, id) {
      const refused = places.refused(wanted, id);
      if (refused === undefined) places.hold(wanted, id);
      return refused;
    },
    leave: (left, id) => places.leave(left, id),
    problems: () => [],
    close: () => Promise.resolve(),
  };
};

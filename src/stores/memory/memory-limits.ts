// Rate limits and places of streams in this process's memory.

import type { Clock } from "../../core/clock.ts";
import { GcraBucket } from "../../core/limits/gcra.ts";
import { HeldPlaces } from "../../core/limits/held-places.ts";
import type {
  BucketState,
  LimitDecision,
  LimitStore,
  StreamPlace,
  Take,
} from "../../core/limits/limit-store.ts";

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

export function createMemoryLimits({ clock }: { readonly clock: Clock }): MemoryLimits {
  const buckets = new KeptBuckets();
  const places = new HeldPlaces();
  return {
    get size() {
      return buckets.size;
    },
    take: (takes) => decide(buckets, takes, clock.monotonicMs()),
    correct(takes) {
      const nowMs = clock.monotonicMs();
      for (const { bucket, cost } of takes) buckets.at(bucket.key, bucket.limit, nowMs).use(cost);
    },
    enter(wanted: readonly StreamPlace[], id: string) {
      const refused = places.refused(wanted, id);
      if (refused === undefined) places.hold(wanted, id);
      return refused;
    },
    leave: (left, id) => places.leave(left, id),
    problems: () => [],
    close: () => Promise.resolve(),
  };
}

class KeptBuckets {
  readonly #kept = new Map<string, Kept>();
  #sweep = this.#kept.entries();

  get size(): number {
    return this.#kept.size;
  }

  /** With what has come back by now. */
  at(key: string, limit: number, nowMs: number): GcraBucket {
    let found = this.#kept.get(key);
    if (found === undefined) {
      found = { bucket: new GcraBucket(), limit };
      this.#kept.set(key, found);
    }
    found.limit = limit;
    found.bucket.refill(nowMs, limit);
    return found.bucket;
  }

  forgetFull(nowMs: number): void {
    for (let swept = 0; swept < sweptEach; swept += 1) {
      const next = this.#sweep.next();
      if (next.done === true) {
        this.#sweep = this.#kept.entries();
        return;
      }
      const [key, { bucket, limit }] = next.value;
      if (bucket.isFullAt(nowMs, limit)) this.#kept.delete(key);
    }
  }
}

function decide(kept: KeptBuckets, takes: readonly Take[], nowMs: number): LimitDecision {
  // Before the takes: what they touch stays until they are done.
  kept.forgetFull(nowMs);
  const asked = takes.map(({ bucket: { key, limit }, cost }) => {
    const bucket = kept.at(key, limit, nowMs);
    return { bucket, limit, cost, waitMs: bucket.waitMs(cost, limit, nowMs) };
  });
  let refused: number | undefined;
  let retryAfterMs = 0;
  for (const [index, { waitMs }] of asked.entries()) {
    if (waitMs <= retryAfterMs) continue;
    refused = index;
    retryAfterMs = waitMs;
  }
  const states = asked.map(({ bucket, limit, cost }): BucketState => {
    if (refused === undefined) bucket.use(cost);
    return { limit, remaining: bucket.remaining(limit), resetMs: bucket.resetMs(limit) };
  });
  return { allowed: refused === undefined, states, refused, retryAfterMs };
}

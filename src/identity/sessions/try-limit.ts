// How often somebody may fail: so many times in a window, after which each try is refused unheard.

import type { Clock } from "../../core/clock.ts";
import { createLazyCache } from "../lazy-cache.ts";

export interface TryLimitOptions {
  readonly clock: Clock;
  /** Failures in a window. */
  readonly limit: number;
  readonly windowMs: number;
  /** How many are watched; those who tried longest ago are forgotten first. */
  readonly max?: number | undefined;
}

export type Try =
  | { readonly allowed: true; succeeded(): void }
  | { readonly allowed: false; readonly retryAfterMs: number };

export interface TryLimit {
  /** A try counts as failed until it is said to have succeeded: many at a time are not more than one by one. */
  begin(key: string): Try;
}

const defaultMax = 10_000;

export function createTryLimit({ clock, limit, windowMs, max = defaultMax }: TryLimitOptions): TryLimit {
  /** When each began, oldest first; at most `limit`. */
  const tries = createLazyCache<string, readonly number[]>(max);
  return {
    begin(key) {
      const nowMs = clock.monotonicMs();
      const recent = (tries.use().get(key) ?? []).filter((beganMs) => beganMs > nowMs - windowMs);
      const [oldestMs = nowMs] = recent;
      if (recent.length >= limit) return { allowed: false, retryAfterMs: oldestMs + windowMs - nowMs };
      tries.use().set(key, [...recent, nowMs]);
      return {
        allowed: true,
        succeeded() {
          const now = tries.use().get(key) ?? [];
          const at = now.indexOf(nowMs);
          if (at === -1) return;
          // What is kept for nothing would push out those who have failed.
          if (now.length === 1) tries.use().delete(key);
          else tries.use().set(key, now.toSpliced(at, 1));
        },
      };
    },
  };
}

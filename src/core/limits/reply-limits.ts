// What answers tell of the limits that hold for their caller.

import type { BucketState } from "./limit-store.ts";

/** Of the tenant's and the key's the one of which less is left; each absent where there is no limit. */
export interface ReplyLimits {
  readonly requests?: BucketState | undefined;
  /** With what this call has reserved taken off. */
  readonly tokens?: BucketState | undefined;
}

export function tightest(states: readonly BucketState[]): BucketState | undefined {
  let found: BucketState | undefined;
  for (const state of states) {
    if (found === undefined || state.remaining < found.remaining) found = state;
  }
  return found;
}

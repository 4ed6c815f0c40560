// The port that keeps rate limits and places of streams: in memory for one gateway, in Redis for many.
// The algorithm is GCRA (ITU-T I.371, annex A): a burst of the whole limit, refilled evenly.

/** `limit`: the most at once, and what comes back in a minute; whole, at least 1. */
export interface Bucket {
  /** As `tpm:{acme}`. What is asked together has the same tenant in braces, but for keys that act for another one. */
  readonly key: string;
  readonly limit: number;
}

export interface Take {
  readonly bucket: Bucket;
  /** Whole, 0 to the limit. */
  readonly cost: number;
}

export interface BucketState {
  readonly limit: number;
  /** What could be taken now; below zero where more was used than was reserved. */
  readonly remaining: number;
  /** Until it is full again. */
  readonly resetMs: number;
}

export interface LimitDecision {
  readonly allowed: boolean;
  /** Of each take, in their order: after it where it is allowed, else as it stands. */
  readonly states: readonly BucketState[];
  /** Of the takes: the one that was refused; of several, the one that has to be waited for longest. */
  readonly refused: number | undefined;
  /** Until all of them could be taken; 0 where it is allowed. */
  readonly retryAfterMs: number;
}

/** A place of a stream. `limit`: how many there are. */
export interface StreamPlace {
  readonly key: string;
  readonly limit: number;
}

export interface LimitStore {
  /**
   * All or none; each bucket once. Rejects with a GatewayError `unavailable` where the policy is to refuse without the
   * store.
   */
  take(takes: readonly Take[]): LimitDecision | Promise<LimitDecision>;
  /**
   * Gives back what was not used (negative costs), or takes what was used beyond; below zero if need be. Of the very
   * buckets that `take` was given: it knows by them where it took.
   */
  correct(takes: readonly Take[]): void;
  /**
   * A place in each, or in none; gives the first that had none. Those of a gateway that has died are free again after a
   * while. Rejects as `take` does.
   */
  enter(places: readonly StreamPlace[], id: string): number | undefined | Promise<number | undefined>;
  /** Once or more often; also of places that were not entered. */
  leave(places: readonly StreamPlace[], id: string): void;
  /** For operators: a sentence each. */
  problems(): readonly string[];
  close(): Promise<void>;
}

// What the core gives back: what is known of the call, and its events.

import type { ReplyLimits } from "./limits/reply-limits.ts";

/** Something that an adapter had to drop or change for its provider. */
export interface Loss {
  /** The request's field in the core's words, as `sampling.topK`. */
  readonly field: string;
  /** What was done and why, in one sentence. */
  readonly detail: string;
}

export type CacheStatus = "hit" | "semantic" | "miss" | "bypass" | "stale";

/** What stands in for an answer: a kept one past its time, or the route's fixed text. */
export type Degraded = "stale_answer" | "fallback_message";

/** What every answer tells of its call; a member is absent while it is not known yet. */
export interface ReplyMeta {
  readonly requestId: string;
  readonly correlationId?: string | undefined;
  readonly provider?: string | undefined;
  /** The model asked of the provider. */
  readonly model?: string | undefined;
  /** The vendor's own version string of what answered. */
  readonly modelServed?: string | undefined;
  readonly route?: string | undefined;
  readonly attempts: number;
  readonly cacheStatus: CacheStatus;
  /** From the call's arrival to its end. */
  readonly latencyMs?: number | undefined;
  /** Sum over the attempts, in 10⁻⁹ US dollars; null when one has no price or told no usage. */
  readonly costNanos?: bigint | null | undefined;
  readonly losses: readonly Loss[];
  /** Every provider failed, and this was given in place of the error; absent: it was not. */
  readonly degraded?: Degraded | undefined;
  /** What was left of the caller's limits when the call began. */
  readonly limits?: ReplyLimits | undefined;
}

export interface Reply<E> {
  /** What was known when the reply began. */
  readonly meta: ReplyMeta;
  /** To be read once, by one reader. */
  readonly events: AsyncIterable<E>;
}

/** An event as a run hands it out: `sequence` counts from 0 and never restarts. */
export type Numbered<E> = E & { readonly sequence: number };

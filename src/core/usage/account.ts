// What one call has used so far. Attempts write into it; it is summed up once, when the call is settled.

import type { FinishReason } from "../chat/events.ts";
import { addUsage, type Usage } from "../chat/usage.ts";
import { type Clock, elapsedMs } from "../clock.ts";
import type { ErrorCode, GatewayError } from "../errors.ts";
import type { ReplyLimits } from "../limits/reply-limits.ts";
import type { CacheStatus, Degraded, Loss, ReplyMeta } from "../reply.ts";
import type { AttemptRecord } from "./ledger.ts";

/** An attempt under way. */
export interface OpenAttempt {
  /** Closes it as cancelled, if it is still open; `reason` is why its call ends. */
  cancel(reason: GatewayError): void;
}

/** What is known of the attempt whose answer the caller gets. It grows while the answer comes. */
export interface Answering {
  readonly provider: string;
  readonly model: string;
  losses: readonly Loss[];
  modelServed: string | undefined;
  finishReason: FinishReason | undefined;
  /** To the first event with content, since the call began. */
  timeToFirstTokenMs: number | undefined;
}

/** The call whose answer another one is given. */
export interface AnsweredFrom {
  readonly requestId: string;
  /** What its answer cost; null: not known. */
  readonly costNanos: bigint | null;
}

export interface AccountSum {
  /** At answering. */
  readonly attempts: number;
  readonly usage: Usage | undefined;
  readonly costNanos: bigint | null;
  /** Of the attempts at answering: what a call saves that is given the answer. */
  readonly answeringNanos: bigint | null;
  readonly latencyMs: number;
  readonly timeToFirstTokenMs: number | undefined;
  readonly route: string | undefined;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly modelServed: string | undefined;
  readonly finishReason: FinishReason | undefined;
  readonly cacheStatus: CacheStatus;
  readonly losses: readonly Loss[];
  /** Whose answer the caller gets in place of one of its own. */
  readonly answeredFrom: AnsweredFrom | undefined;
}

export interface Account {
  route: string | undefined;
  cacheStatus: CacheStatus;
  /** What is left of the caller's limits. */
  limits: ReplyLimits | undefined;
  /** What the caller gets in place of an error. */
  degraded: Degraded | undefined;
  /** That error. */
  standsFor: ErrorCode | undefined;
  /** Says that an attempt begins; returns its number, from 1. */
  beginAttempt(attempt: OpenAttempt): number;
  /** The same of one that is no attempt at answering: it is in the record and in the sums, and not among `attempts`. */
  beginAside(attempt: OpenAttempt): number;
  /** The number of a target that was passed over: it is in the record, and no attempt. */
  skipTarget(): number;
  /** Whose answer the caller gets, as far as is known; a later one replaces it. */
  answeredBy(answering: Answering): void;
  /** The caller gets what another call has paid for, or failed with; a later one replaces it, undefined takes it back. */
  answeredFrom(other: AnsweredFrom | undefined): void;
  endAttempt(attempt: OpenAttempt, record: AttemptRecord): void;
  cancelOpenAttempts(reason: GatewayError): void;
  /** The sum of what its attempts cost, as far as that is known. */
  paidNanos(): bigint;
  /** Since the call began. */
  elapsedMs(): number;
  /** What is known now; of that answer where one is given. */
  meta(answering?: Answering): ReplyMeta;
  /** What is known at the end: with latency and cost. */
  wholeMeta(answering?: Answering): ReplyMeta;
  sum(): AccountSum;
}

export interface AccountOptions {
  readonly requestId: string;
  readonly correlationId: string | undefined;
  readonly clock: Clock;
  readonly startedMs: number;
}

export const createAccount = (options: AccountOptions): Account => new CallAccount(options);

class CallAccount implements Account {
  route: string | undefined;
  cacheStatus: CacheStatus = "bypass";
  limits: ReplyLimits | undefined;
  degraded: Degraded | undefined;
  standsFor: ErrorCode | undefined;
  readonly #options: AccountOptions;
  /** Mostly one: no set, which would cost more than it finds. */
  readonly #open: OpenAttempt[] = [];
  #attempts = 0;
  /** Of the record's other rows: targets that were passed over, attempts that were none at answering. */
  #others = 0;
  #usage: Usage | undefined;
  #costNanos: bigint | null = 0n;
  #answeringNanos: bigint | null = 0n;
  #paidNanos = 0n;
  #answering: Answering | undefined;
  #answeredFrom: AnsweredFrom | undefined;

  constructor(options: AccountOptions) {
    this.#options = options;
  }

  beginAttempt(attempt: OpenAttempt): number {
    this.#open.push(attempt);
    this.#attempts += 1;
    return this.#attempts + this.#others;
  }

  beginAside(attempt: OpenAttempt): number {
    this.#open.push(attempt);
    return this.skipTarget();
  }

  skipTarget(): number {
    this.#others += 1;
    return this.#attempts + this.#others;
  }

  answeredBy(answering: Answering): void {
    this.#answering = answering;
  }

  answeredFrom(other: AnsweredFrom | undefined): void {
    this.#answeredFrom = other;
  }

  endAttempt(attempt: OpenAttempt, { usage, costNanos, reason }: AttemptRecord): void {
    const at = this.#open.indexOf(attempt);
    if (at !== -1) this.#open.splice(at, 1);
    this.#usage = addUsage(this.#usage, usage);
    this.#costNanos = plus(this.#costNanos, costNanos);
    if (reason !== "semantic") this.#answeringNanos = plus(this.#answeringNanos, costNanos);
    if (costNanos !== null) this.#paidNanos += costNanos;
  }

  cancelOpenAttempts(reason: GatewayError): void {
    if (this.#open.length === 0) return;
    // A copy: one that is cancelled takes itself out.
    for (const attempt of this.#open.slice()) attempt.cancel(reason);
  }

  meta(answering = this.#answering): ReplyMeta {
    return this.#metaWith(answering, undefined, undefined);
  }

  wholeMeta(answering = this.#answering): ReplyMeta {
    return this.#metaWith(answering, this.elapsedMs(), this.#costNanos);
  }

  #metaWith(
    answering: Answering | undefined,
    latencyMs: number | undefined,
    costNanos: bigint | null | undefined,
  ): ReplyMeta {
    return {
      requestId: this.#options.requestId,
      correlationId: this.#options.correlationId,
      provider: answering?.provider,
      model: answering?.model,
      modelServed: answering?.modelServed,
      route: this.route,
      attempts: this.#attempts,
      cacheStatus: this.cacheStatus,
      latencyMs,
      costNanos,
      losses: answering?.losses ?? [],
      degraded: this.degraded,
      limits: this.limits,
    };
  }

  sum(): AccountSum {
    const answering = this.#answering;
    return {
      attempts: this.#attempts,
      usage: this.#usage,
      costNanos: this.#costNanos,
      answeringNanos: this.#answeringNanos,
      latencyMs: this.elapsedMs(),
      timeToFirstTokenMs: answering?.timeToFirstTokenMs,
      route: this.route,
      provider: answering?.provider,
      model: answering?.model,
      modelServed: answering?.modelServed,
      finishReason: answering?.finishReason,
      cacheStatus: this.cacheStatus,
      losses: answering?.losses ?? [],
      answeredFrom: this.#answeredFrom,
    };
  }

  paidNanos(): bigint {
    return this.#paidNanos;
  }

  elapsedMs(): number {
    return elapsedMs(this.#options.clock, this.#options.startedMs);
  }
}

const plus = (sum: bigint | null, nanos: bigint | null): bigint | null =>
  sum === null || nanos === null ? null : sum + nanos;

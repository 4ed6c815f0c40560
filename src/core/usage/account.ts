// What one call has used so far. Attempts write into it; it is summed up once, when the call is settled.

import type { FinishReason } from "../chat/events.ts";
import { addUsage, type Usage } from "../chat/usage.ts";
import { type Clock, elapsedMs } from "../clock.ts";
import type { CacheStatus, Loss, ReplyMeta } from "../reply.ts";
import type { AttemptRecord } from "./ledger.ts";

/** An attempt under way. */
export interface OpenAttempt {
  /** Closes it as cancelled, if it is still open. */
  cancel(): void;
}

export interface AccountSum {
  readonly attempts: number;
  readonly usage: Usage | undefined;
  readonly costNanos: bigint | null;
  readonly latencyMs: number;
  readonly timeToFirstTokenMs: number | undefined;
  readonly route: string | undefined;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly modelServed: string | undefined;
  readonly finishReason: FinishReason | undefined;
  readonly cacheStatus: CacheStatus;
  readonly losses: readonly Loss[];
}

export interface Account {
  route: string | undefined;
  cacheStatus: CacheStatus;
  /** Says that an attempt begins; returns its number, from 1. */
  beginAttempt(attempt: OpenAttempt): number;
  /** The attempt's provider has answered; its losses are those that the caller is told. */
  answered(attempt: { provider: string; model: string; losses: readonly Loss[] }): void;
  /** The first event with content, in time since the call began. */
  firstContent(): void;
  served(modelServed: string): void;
  finished(reason: FinishReason): void;
  endAttempt(attempt: OpenAttempt, record: AttemptRecord): void;
  cancelOpenAttempts(): void;
  /** What is known now. */
  meta(): ReplyMeta;
  /** What is known at the end: with latency and cost. */
  wholeMeta(): ReplyMeta;
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
  readonly #options: AccountOptions;
  /** Mostly one: no set, which would cost more than it finds. */
  readonly #open: OpenAttempt[] = [];
  #attempts = 0;
  #usage: Usage | undefined;
  #costNanos: bigint | null = 0n;
  #answering: { provider: string; model: string; losses: readonly Loss[] } | undefined;
  #modelServed: string | undefined;
  #finishReason: FinishReason | undefined;
  #timeToFirstTokenMs: number | undefined;

  constructor(options: AccountOptions) {
    this.#options = options;
  }

  beginAttempt(attempt: OpenAttempt): number {
    this.#open.push(attempt);
    this.#attempts += 1;
    return this.#attempts;
  }

  answered(attempt: { provider: string; model: string; losses: readonly Loss[] }): void {
    this.#answering = attempt;
    this.#modelServed = undefined;
    this.#timeToFirstTokenMs = undefined;
  }

  firstContent(): void {
    this.#timeToFirstTokenMs = this.#sinceStartMs();
  }

  served(modelServed: string): void {
    this.#modelServed = modelServed;
  }

  finished(reason: FinishReason): void {
    this.#finishReason = reason;
  }

  endAttempt(attempt: OpenAttempt, { usage, costNanos }: AttemptRecord): void {
    const at = this.#open.indexOf(attempt);
    if (at !== -1) this.#open.splice(at, 1);
    this.#usage = addUsage(this.#usage, usage);
    this.#costNanos = this.#costNanos === null || costNanos === null ? null : this.#costNanos + costNanos;
  }

  cancelOpenAttempts(): void {
    // A copy: one that is cancelled takes itself out.
    for (const attempt of this.#open.slice()) attempt.cancel();
  }

  meta(): ReplyMeta {
    return this.#metaWith(undefined, undefined);
  }

  wholeMeta(): ReplyMeta {
    return this.#metaWith(this.#sinceStartMs(), this.#costNanos);
  }

  #metaWith(latencyMs: number | undefined, costNanos: bigint | null | undefined): ReplyMeta {
    const answering = this.#answering;
    return {
      requestId: this.#options.requestId,
      correlationId: this.#options.correlationId,
      provider: answering?.provider,
      model: answering?.model,
      modelServed: this.#modelServed,
      route: this.route,
      attempts: this.#attempts,
      cacheStatus: this.cacheStatus,
      latencyMs,
      costNanos,
      losses: answering?.losses ?? [],
    };
  }

  sum(): AccountSum {
    const answering = this.#answering;
    return {
      attempts: this.#attempts,
      usage: this.#usage,
      costNanos: this.#costNanos,
      latencyMs: this.#sinceStartMs(),
      timeToFirstTokenMs: this.#timeToFirstTokenMs,
      route: this.route,
      provider: answering?.provider,
      model: answering?.model,
      modelServed: this.#modelServed,
      finishReason: this.#finishReason,
      cacheStatus: this.cacheStatus,
      losses: answering?.losses ?? [],
    };
  }

  #sinceStartMs(): number {
    return elapsedMs(this.#options.clock, this.#options.startedMs);
  }
}

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

export function createAccount(options: {
  requestId: string;
  correlationId: string | undefined;
  clock: Clock;
  startedMs: number;
}): Account {
  const { requestId, correlationId, clock, startedMs } = options;
  const open = new Set<OpenAttempt>();
  let attempts = 0;
  let usage: Usage | undefined;
  let costNanos: bigint | null = 0n;
  let answering: { provider: string; model: string; losses: readonly Loss[] } | undefined;
  let modelServed: string | undefined;
  let finishReason: FinishReason | undefined;
  let timeToFirstTokenMs: number | undefined;

  const sinceStartMs = () => elapsedMs(clock, startedMs);

  return {
    route: undefined,
    cacheStatus: "bypass",
    beginAttempt(attempt) {
      open.add(attempt);
      attempts += 1;
      return attempts;
    },
    answered(attempt) {
      answering = attempt;
      modelServed = undefined;
      timeToFirstTokenMs = undefined;
    },
    firstContent() {
      timeToFirstTokenMs = sinceStartMs();
    },
    served(model) {
      modelServed = model;
    },
    finished(reason) {
      finishReason = reason;
    },
    endAttempt(attempt, record) {
      open.delete(attempt);
      usage = addUsage(usage, record.usage);
      costNanos = costNanos === null || record.costNanos === null ? null : costNanos + record.costNanos;
    },
    cancelOpenAttempts() {
      for (const attempt of open) attempt.cancel();
    },
    meta() {
      return {
        requestId,
        correlationId,
        provider: answering?.provider,
        model: answering?.model,
        modelServed,
        route: this.route,
        attempts,
        cacheStatus: this.cacheStatus,
        latencyMs: undefined,
        costNanos: undefined,
        losses: answering?.losses ?? [],
      };
    },
    wholeMeta() {
      return { ...this.meta(), latencyMs: sinceStartMs(), costNanos };
    },
    sum() {
      return {
        attempts,
        usage,
        costNanos,
        latencyMs: sinceStartMs(),
        timeToFirstTokenMs,
        route: this.route,
        provider: answering?.provider,
        model: answering?.model,
        modelServed,
        finishReason,
        cacheStatus: this.cacheStatus,
        losses: answering?.losses ?? [],
      };
    },
  };
}

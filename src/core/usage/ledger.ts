// The one port that writes records, and what it takes: plain values that a worker thread can be sent.

import type { Usage } from "../chat/usage.ts";
import type { ErrorCode } from "../errors.ts";
import type { OperationName } from "../operation-name.ts";
import type { Price } from "../pricing/price.ts";
import type { Delivery } from "../provider.ts";
import type { FailureClass } from "../provider-error.ts";
import type { CacheStatus, Loss } from "../reply.ts";
import type { LoggingPolicy, StrategyName } from "../snapshot.ts";

/** `semantic`: for a question's vector, in search of a kept answer; all others are tries at answering. */
export type AttemptReason =
  | "primary"
  | "retry"
  | "fallback"
  | "hedge"
  | "continue"
  | "restart"
  | "semantic"
  | "probe";
export type AttemptStatus = "ok" | "failed" | "cancelled" | "skipped";
export type RequestStatus = "open" | "ok" | "failed" | "cancelled" | "refused" | "interrupted";

/** Why a target was passed over without an attempt. */
export type SkipCause = "breaker_open" | "rate_limited" | "at_capacity" | "draining" | "cannot_continue";

/** How a strategy that measures came to its order; numbers are 0 to 1, lower is better. */
export interface RoutingChoice {
  readonly strategy: StrategyName;
  /** Whether a target that is little known was put first to learn of it. */
  readonly explored: boolean;
  /** In the order in which they are tried. */
  readonly candidates: readonly {
    readonly provider: string;
    readonly model: string;
    readonly score: number;
    readonly latency: number;
    readonly cost: number;
    /** Measured: to the last token of an answer of this call's size. Absent: not known. */
    readonly expectedMs?: number | undefined;
    readonly expectedNanos?: number | undefined;
  }[];
}

/** A call as it begins. */
export interface OpenedCall {
  readonly id: string;
  readonly createdAtMs: number;
  readonly tenantId: string;
  /** Of a credential that acted for the tenant: its own one. */
  readonly actingFrom?: string | undefined;
  readonly apiKeyId: string | undefined;
  readonly userId: string | undefined;
  readonly environment: "live" | "test";
  readonly runId: string;
  readonly correlationId: string | undefined;
  readonly traceId: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly operation: OperationName;
  readonly delivery: Delivery;
  readonly loggingPolicy: LoggingPolicy;
  readonly modelAsked: string | undefined;
  readonly useCase: string | undefined;
  /** From here on: absent where the policy does not allow it. */
  readonly labels: Readonly<Record<string, string>> | undefined;
  readonly messageCount: number | undefined;
  readonly inputChars: number | undefined;
  readonly requestBody: object | undefined;
}

/** One try of a run at one target, at its end. */
export interface AttemptRecord {
  readonly id: string;
  readonly callId: string;
  readonly tenantId: string;
  /** From 1, in the order in which they began. */
  readonly number: number;
  readonly reason: AttemptReason;
  readonly provider: string;
  readonly kind: string;
  readonly model: string;
  readonly modelServed: string | undefined;
  readonly status: AttemptStatus;
  /** Present where it was skipped. */
  readonly skipCause?: SkipCause | undefined;
  /** Present on a call's first attempt, where its strategy measures. */
  readonly choice?: RoutingChoice | undefined;
  readonly failure: FailureClass | undefined;
  /** A vendor's words only where the policy allows them. */
  readonly errorMessage: string | undefined;
  readonly startedAtMs: number;
  readonly timeToFirstTokenMs: number | undefined;
  readonly latencyMs: number;
  readonly httpStatus: number | undefined;
  readonly upstreamRequestId: string | undefined;
  readonly credentialId: string | undefined;
  readonly usage: Usage | undefined;
  /** Null: the attempt had a price or a usage that is not known. */
  readonly costNanos: bigint | null;
  readonly priceVersion: string | undefined;
  /** What the version stands for. */
  readonly price?: Price | undefined;
}

/** How a call ended; written once. */
export interface Settlement {
  readonly id: string;
  readonly createdAtMs: number;
  readonly tenantId: string;
  readonly status: Exclude<RequestStatus, "open" | "interrupted">;
  /** Beside the status `ok`: the error in place of which something else was given. */
  readonly errorCode: ErrorCode | undefined;
  readonly route: string | undefined;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  readonly modelServed: string | undefined;
  readonly finishReason: string | undefined;
  readonly attempts: number;
  readonly cacheStatus: CacheStatus;
  readonly timeToFirstTokenMs: number | undefined;
  readonly latencyMs: number;
  /** The sum over the attempts: what was paid for, not only what reached the caller. */
  readonly usage: Usage | undefined;
  readonly costNanos: bigint | null;
  /** What it would have cost, had its answer not been another call's; null: not known. Absent: it was its own. */
  readonly savedNanos?: bigint | null | undefined;
  /** That other call's id; where this one failed by it, the id of the call that it shared the failure of. */
  readonly answeredFrom?: string | undefined;
  readonly losses: readonly Loss[];
  /** Absent where the policy does not allow it. */
  readonly outputChars: number | undefined;
  readonly replyBody: object | undefined;
}

/** Takes records off the path of the answer: no method waits, throws, or slows with the queue's length. */
export interface Ledger {
  open(call: OpenedCall): void;
  attempt(attempt: AttemptRecord): void;
  /** A second settlement of the same call changes nothing. */
  settle(settlement: Settlement): void;
}

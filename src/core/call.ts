// One request of a caller while it is being handled, and its beginning.

import type { Principal } from "./access/principal.ts";
import type { Clock } from "./clock.ts";
import { GatewayError } from "./errors.ts";
import type { NewId } from "./ids.ts";
import type { OpenCalls } from "./open-calls.ts";
import type { Operation, OperationShape } from "./operation.ts";
import type { Delivery } from "./provider.ts";
import type { Snapshot } from "./snapshot.ts";
import { type Account, createAccount } from "./usage/account.ts";

export interface CacheControl {
  readonly mode: "default" | "no_cache" | "no_store" | "only_if_cached";
  readonly ttlSeconds?: number | undefined;
}

export interface Call<S extends OperationShape> {
  readonly id: string;
  readonly createdAtMs: number;
  /** The caller's `x-request-id`, as sent. */
  readonly correlationId: string | undefined;
  /** The caller's W3C `traceparent`, as sent. */
  readonly traceContext: string | undefined;
  readonly principal: Principal;
  readonly snapshot: Snapshot;
  /** On the monotonic clock. */
  readonly deadlineMs: number;
  /** Aborted with a GatewayError: `cancelled`, `deadline_exceeded` or `unavailable`. */
  readonly signal: AbortSignal;
  readonly labels: Readonly<Record<string, string>>;
  readonly idempotencyKey: string | undefined;
  readonly cacheControl: CacheControl | undefined;
  readonly resumable: boolean;
  readonly delivery: Delivery;
  readonly operation: Operation<S>;
  readonly request: S["request"];
  readonly account: Account;
  /** Ends the call early; the first reason holds. */
  abort(reason: GatewayError): void;
  /** Frees what the call holds: its timer and its ear on the caller's signal. */
  release(): void;
}

/** What a front end knows of a call beside its request. */
export interface CallOptions {
  readonly principal: Principal;
  readonly correlationId?: string | undefined;
  readonly traceContext?: string | undefined;
  /** How long the caller waits. */
  readonly timeoutMs?: number | undefined;
  /** Aborted when the caller has gone. */
  readonly signal?: AbortSignal | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly cacheControl?: CacheControl | undefined;
  readonly resumable?: boolean | undefined;
}

export interface CallInputs<S extends OperationShape> {
  readonly operation: Operation<S>;
  readonly request: S["request"];
  readonly delivery: Delivery;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: CallOptions;
}

export interface CallContext {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly snapshot: Snapshot;
  readonly openCalls: OpenCalls;
}

export const defaultTimeoutMs = 600_000;

const cancelled = () =>
  new GatewayError({ code: "cancelled", message: "The caller went away before the answer was complete." });

export function beginCall<S extends OperationShape>(inputs: CallInputs<S>, context: CallContext): Call<S> {
  const { options } = inputs;
  const { clock, openCalls, snapshot } = context;
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const startedMs = clock.monotonicMs();
  const id = context.newId();
  const createdAtMs = clock.epochMs();
  const controller = new AbortController();

  const onCallerGone = () => controller.abort(cancelled());
  const timer = clock.setTimer(timeoutMs, () =>
    controller.abort(
      new GatewayError({
        code: "deadline_exceeded",
        message: `The call was not done within its ${timeoutMs} ms. Allow it more time or ask for less.`,
      }),
    ),
  );
  options.signal?.addEventListener("abort", onCallerGone, { once: true });
  if (options.signal?.aborted === true) onCallerGone();

  const { correlationId } = options;
  const call: Call<S> = {
    id,
    createdAtMs,
    correlationId,
    traceContext: options.traceContext,
    principal: options.principal,
    snapshot,
    deadlineMs: startedMs + timeoutMs,
    signal: controller.signal,
    labels: inputs.labels,
    idempotencyKey: options.idempotencyKey,
    cacheControl: options.cacheControl,
    resumable: options.resumable ?? false,
    delivery: inputs.delivery,
    operation: inputs.operation,
    request: inputs.request,
    account: createAccount({ requestId: id, correlationId, clock, startedMs }),
    abort: (reason) => controller.abort(reason),
    release() {
      timer.cancel();
      options.signal?.removeEventListener("abort", onCallerGone);
      leave();
    },
  };
  const leave = openCalls.join(call);
  return call;
}

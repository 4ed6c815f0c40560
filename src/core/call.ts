// One request of a caller while it is being handled, and its beginning.

import type { Principal } from "./access/principal.ts";
import type { Spending } from "./budgets/spending.ts";
import type { Clock, Timer } from "./clock.ts";
import { GatewayError } from "./errors.ts";
import { createdAtOf, type NewId } from "./ids.ts";
import type { OpenCalls } from "./open-calls.ts";
import type { Operation } from "./operation.ts";
import type { OperationShape } from "./operation-shape.ts";
import type { Delivery } from "./provider.ts";
import type { ResolvedModel } from "./routing/resolve-model.ts";
import type { Snapshot } from "./snapshot.ts";
import { type Account, createAccount } from "./usage/account.ts";

/**
 * What the caller says of the cache. `no_cache`: a fresh answer, which is kept; `no_store`: a fresh one that is not
 * kept; `only_if_cached`: none but a kept one.
 */
export interface CacheControl {
  readonly mode: "default" | "no_cache" | "no_store" | "only_if_cached";
  /** How long the answer may be kept, 0 to `maxCacheTtlSeconds`; asks to keep it where the gateway would not. */
  readonly ttlSeconds?: number | undefined;
  /** The oldest kept answer that is wanted. */
  readonly maxAgeSeconds?: number | undefined;
}

/** 30 days. */
export const maxCacheTtlSeconds = 2_592_000;

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
  /** Of a call whose caller does not say; absent: `defaultTimeoutMs`. */
  readonly timeoutMs?: number | undefined;
}

export const defaultTimeoutMs = 600_000;

const cancelled = () =>
  new GatewayError({ code: "cancelled", message: "The caller went away before the answer was complete." });

const late = (timeoutMs: number) =>
  new GatewayError({
    code: "deadline_exceeded",
    message: `The call was not done within its ${timeoutMs} ms. Allow it more time or ask for less.`,
  });

/** Hears that the call's caller is done with it, and why; says whether the call goes on all the same, for others. */
export type KeepsGoing = (reason: GatewayError) => boolean;

export const beginCall = <S extends OperationShape>(inputs: CallInputs<S>, context: CallContext): Call<S> =>
  new Call(inputs, context);

/** Begun by `beginCall`. */
export class Call<S extends OperationShape> {
  readonly id: string;
  readonly createdAtMs: number;
  /** The caller's `x-request-id`, as sent. */
  readonly correlationId: string | undefined;
  /** The caller's W3C `traceparent`, as sent. */
  readonly traceContext: string | undefined;
  readonly principal: Principal;
  readonly snapshot: Snapshot;
  /** On the monotonic clock; that of the reader who waits longest, where the call has others than its caller. */
  deadlineMs: number;
  /** Aborted with a GatewayError: `cancelled`, `deadline_exceeded`, `unavailable`, `unauthenticated`. */
  readonly signal: AbortSignal;
  readonly labels: Readonly<Record<string, string>>;
  readonly idempotencyKey: string | undefined;
  readonly cacheControl: CacheControl | undefined;
  readonly resumable: boolean;
  readonly delivery: Delivery;
  readonly operation: Operation<S>;
  readonly request: S["request"];
  readonly account: Account;
  /** Set when somebody has looked for them: they are looked for once. */
  resolvedModel: ResolvedModel | undefined;
  /** Set where the call has a budget: whoever begins an attempt asks it first. */
  spending: Spending<S> | undefined;
  /** Its caller has left, and what it costs is not known before others have read what it began. */
  recordWaits = false;
  readonly #controller = new AbortController();
  readonly #callerSignal: AbortSignal | undefined;
  readonly #timer: Timer;
  readonly #leave: () => void;
  #listener: ((reason: GatewayError) => void) | undefined;
  /** Mostly none. */
  #keepers: KeepsGoing[] | undefined;
  #released = false;
  /** Mostly few, and often none. */
  readonly #onRelease: (() => void)[] = [];

  constructor(inputs: CallInputs<S>, context: CallContext) {
    const { clock, newId, openCalls, snapshot } = context;
    const { options } = inputs;
    const timeoutMs = options.timeoutMs ?? context.timeoutMs ?? defaultTimeoutMs;
    const startedMs = clock.monotonicMs();
    this.id = newId();
    this.createdAtMs = createdAtOf(this.id, clock.epochMs());
    this.correlationId = options.correlationId;
    this.traceContext = options.traceContext;
    this.principal = options.principal;
    this.snapshot = snapshot;
    this.deadlineMs = startedMs + timeoutMs;
    this.signal = this.#controller.signal;
    this.labels = inputs.labels;
    this.idempotencyKey = options.idempotencyKey;
    this.cacheControl = options.cacheControl;
    this.resumable = options.resumable ?? false;
    this.delivery = inputs.delivery;
    this.operation = inputs.operation;
    this.request = inputs.request;
    const { id: requestId, correlationId } = this;
    this.account = createAccount({ requestId, correlationId, clock, startedMs });
    this.#timer = clock.setTimer(timeoutMs, () => this.abort(late(timeoutMs)));
    this.#callerSignal = options.signal;
    this.#callerSignal?.addEventListener("abort", this.#onCallerGone, { once: true });
    if (this.#callerSignal?.aborted === true) this.#onCallerGone();
    this.#leave = openCalls.join(this);
  }

  readonly #onCallerGone = (): void => this.abort(cancelled());

  /** Ends the call early, unless it goes on for others; the first reason holds. */
  abort(reason: GatewayError): void {
    if (this.signal.aborted || this.#keepers?.some((goesOn) => goesOn(reason)) === true) return;
    this.#listener?.(reason);
    this.#controller.abort(reason);
  }

  /** Asked, in the order in which they came, whenever something would end the call early. */
  keptBy(keeper: KeepsGoing): void {
    (this.#keepers ??= []).push(keeper);
  }

  /** The one who is told of an early end, before the signal tells everybody else. */
  whenAborted(listener: (reason: GatewayError) => void): void {
    this.#listener = listener;
  }

  /** Who are told when the call is over, once; at once where it is. */
  whenReleased(listener: () => void): void {
    if (this.#released) listener();
    else this.#onRelease.push(listener);
  }

  /** Frees what the call holds: its timer, its ear on the caller's signal, its place among those under way. */
  release(): void {
    this.#released = true;
    for (const listener of this.#onRelease.splice(0)) listener();
    this.#timer.cancel();
    this.#callerSignal?.removeEventListener("abort", this.#onCallerGone);
    this.#leave();
  }
}

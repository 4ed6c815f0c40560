// The stage that holds callers to their tokens a minute: what a call may use is reserved before it, and put right by
// what it has used when it is settled.

import type { Call } from "../call.ts";
import type { Usage } from "../chat/usage.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Handler, Stage } from "../pipeline.ts";
import type { Reply } from "../reply.ts";
import type { AccountSum } from "../usage/account.ts";
import type { GatewayLimits } from "./gateway-limits.ts";
import { tooManyTokens } from "./limit-refusals.ts";
import type { LimitDecision, LimitStore, Take } from "./limit-store.ts";
import type { Utf8Bytes } from "./token-estimate.ts";
import { type SubjectBucket, tokenBuckets } from "./limit-subjects.ts";
import { tightest } from "./reply-limits.ts";

interface Reservation {
  readonly input: number;
  readonly output: number;
  readonly buckets: readonly SubjectBucket[];
  /** Never more than a bucket holds: a call that may use more than the limit would never be let in. */
  readonly takes: readonly Take[];
}

export const createReserveTokens =
  (limits: GatewayLimits, utf8Bytes: Utf8Bytes): Stage =>
  (call, next) => {
    const reservation = reservationOf(call, limits, utf8Bytes);
    if (reservation === undefined) return next(call);
    const { store } = limits;
    const decision = store.take(reservation.takes);
    // Where the store answers at once, nobody waits for a promise.
    if (decision instanceof Promise) return afterDecision({ call, next, reservation, store }, decision);
    try {
      heed(call, reservation, { store, decision });
    } catch (error) {
      return Promise.reject(error);
    }
    return next(call);
  };

async function afterDecision<S extends OperationShape>(
  { call, next, reservation, store }: Reserving<S>,
  decision: Promise<LimitDecision>,
): Promise<Reply<S["event"]>> {
  heed(call, reservation, { store, decision: await decision });
  return next(call);
}

interface Reserving<S extends OperationShape> {
  readonly call: Call<S>;
  readonly next: Handler<Call<S>, S["event"]>;
  readonly reservation: Reservation;
  readonly store: LimitStore;
}

function reservationOf<S extends OperationShape>(
  { operation, request, principal }: Call<S>,
  limits: GatewayLimits,
  utf8Bytes: Utf8Bytes,
): Reservation | undefined {
  const buckets = tokenBuckets(principal, limits);
  if (buckets.length === 0) return undefined;
  const { input, output = limits.defaultOutputReserve } = operation.estimate(request, utf8Bytes);
  // At least one: a limit that is used up lets nothing through.
  const tokens = Math.max(1, input + output);
  const takes = buckets.map((bucket) => ({ bucket, cost: Math.min(tokens, bucket.limit) }));
  return { input, output, buckets, takes };
}

/** @throws GatewayError `rate_limited` */
function heed<S extends OperationShape>(
  call: Call<S>,
  reservation: Reservation,
  { store, decision }: { readonly store: LimitStore; readonly decision: LimitDecision },
): void {
  const { account } = call;
  const { refused, retryAfterMs, states } = decision;
  account.limits = { requests: account.limits?.requests, tokens: tightest(states) };
  const bucket = refused === undefined ? undefined : reservation.buckets[refused];
  if (bucket !== undefined) {
    const tokens = reservation.input + reservation.output;
    throw tooManyTokens(bucket, { tokens, retryAfterMs });
  }
  call.whenReleased(() => {
    const used = usedTokens(account.sum(), reservation);
    if (used !== undefined)
      store.correct(
        reservation.takes.map(({ bucket, cost }) => ({
          bucket,
          cost: Math.min(used - cost, mostOwedMinutes * bucket.limit),
        })),
      );
  });
}

/** Undefined: not known, and what was reserved stays taken. */
function usedTokens(
  { attempts, usage, costNanos }: AccountSum,
  { input, output }: Reservation,
): number | undefined {
  if (attempts === 0) return 0;
  // Where nothing can have been charged, no attempt has got as far as an answer.
  if (usage === undefined) return costNanos === 0n ? 0 : undefined;
  const counts = totalsOf(usage);
  return counts.input === undefined && counts.output === undefined
    ? undefined
    : (counts.input ?? input) + (counts.output ?? output);
}

/** A vendor's count that is none must not keep its tenant out for years, or what it owes for more than a day. */
const mostTokens = 1_000_000_000;
const mostOwedMinutes = 1_440;

const totalsOf = ({ input, output }: Usage) => ({
  input: counted(input.total),
  output: counted(output.total),
});

const counted = (count: number | undefined): number | undefined =>
  count !== undefined && Number.isSafeInteger(count) && count >= 0 && count <= mostTokens ? count : undefined;

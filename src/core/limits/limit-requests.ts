// The stage that holds callers to their requests a minute and their streams at a time. Whom it refuses has no record: a
// flood must not fill the database.

import type { Call } from "../call.ts";
import { type ErrorCode, type GatewayError, toGatewayError } from "../errors.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Handler } from "../pipeline.ts";
import type { Reply } from "../reply.ts";
import type { GatewayLimits } from "./gateway-limits.ts";
import { tooManyRequests, tooManyStreams } from "./limit-refusals.ts";
import type { LimitDecision } from "./limit-store.ts";
import { requestBuckets, type SubjectBucket, type SubjectPlace, streamPlaces } from "./limit-subjects.ts";
import { tightest } from "./reply-limits.ts";

export interface LimitRequestsPorts {
  readonly limits: GatewayLimits;
  /** Hears of each call that ends here. */
  readonly refused: (code: ErrorCode) => void;
}

/** A stage before the run: what comes back to it is numbered. */
export type LimitRequests = <S extends OperationShape, E>(
  call: Call<S>,
  next: Handler<Call<S>, E>,
) => Promise<Reply<E>>;

export const createLimitRequests =
  (ports: LimitRequestsPorts): LimitRequests =>
  (call, next) => {
    let admitted: Promise<void> | undefined;
    try {
      admitted = admit(call, ports.limits);
    } catch (error) {
      return Promise.reject(refusal(call, error, ports));
    }
    // Where the store answers at once, nobody waits for a promise.
    if (admitted === undefined) return next(call);
    return afterAdmission(admitted, { call, next, ports });
  };

async function afterAdmission<S extends OperationShape, E>(
  admitted: Promise<void>,
  { call, next, ports }: { call: Call<S>; next: Handler<Call<S>, E>; ports: LimitRequestsPorts },
): Promise<Reply<E>> {
  try {
    await admitted;
  } catch (error) {
    throw refusal(call, error, ports);
  }
  return next(call);
}

function refusal<S extends OperationShape>(
  call: Call<S>,
  error: unknown,
  { refused }: LimitRequestsPorts,
): GatewayError {
  call.release();
  const known = toGatewayError(error);
  refused(known.code);
  return known;
}

/** @throws GatewayError `rate_limited`, `unavailable` */
function admit<S extends OperationShape>(call: Call<S>, limits: GatewayLimits): Promise<void> | undefined {
  const places = call.delivery === "streamed" ? streamPlaces(call.principal) : [];
  return places.length === 0 ? takeRequest(call, limits) : takePlaceAndRequest(call, places, limits);
}

async function takePlaceAndRequest<S extends OperationShape>(
  call: Call<S>,
  places: readonly SubjectPlace[],
  limits: GatewayLimits,
): Promise<void> {
  const { store } = limits;
  // Before the request: who has no place has not used one.
  const full = places[(await store.enter(places, call.id)) ?? places.length];
  if (full !== undefined) throw tooManyStreams(full);
  call.whenReleased(() => store.leave(places, call.id));
  await takeRequest(call, limits);
}

function takeRequest<S extends OperationShape>(
  call: Call<S>,
  limits: GatewayLimits,
): Promise<void> | undefined {
  const buckets = requestBuckets(call.principal, limits);
  if (buckets.length === 0) return undefined;
  const heed = (decision: LimitDecision): void => {
    call.account.limits = { requests: tightest(decision.states) };
    const refused = refusedOf(buckets, decision);
    if (refused !== undefined)
      throw tooManyRequests(refused, { retryAfterMs: decision.retryAfterMs, limits: call.account.limits });
  };
  const decision = limits.store.take(buckets.map((bucket) => ({ bucket, cost: 1 })));
  if (decision instanceof Promise) return decision.then(heed);
  heed(decision);
  return undefined;
}

const refusedOf = (
  buckets: readonly SubjectBucket[],
  { refused }: LimitDecision,
): SubjectBucket | undefined => (refused === undefined ? undefined : buckets[refused]);

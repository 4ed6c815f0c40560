// The stage that keeps the calls under way within what the gateway can serve: beyond it a few wait for a moment, the
// others hear at once that they should come back. They have no record: a flood must not fill the database.

import type { Call } from "../call.ts";
import type { Clock } from "../clock.ts";
import { type ErrorCode, GatewayError } from "../errors.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Handler, Stage } from "../pipeline.ts";
import type { Bulkhead } from "./bulkhead.ts";
import { retryAfterQueueMs } from "./retry-after-queue.ts";

export interface ConcurrencyPorts {
  readonly bulkhead: Bulkhead;
  readonly clock: Clock;
  /** Hears of each call that ends here. */
  readonly refused: (code: ErrorCode) => void;
}

export const createLimitConcurrency =
  (ports: ConcurrencyPorts): Stage =>
  <S extends OperationShape>(call: Call<S>, next: Handler<Call<S>, S["event"]>) => {
    if (!ports.bulkhead.tryEnter()) return afterWaiting(call, next, ports);
    call.whenReleased(() => ports.bulkhead.leave());
    return next(call);
  };

async function afterWaiting<S extends OperationShape>(
  call: Call<S>,
  next: Handler<Call<S>, S["event"]>,
  { bulkhead, clock, refused }: ConcurrencyPorts,
) {
  const remainingMs = call.deadlineMs - clock.monotonicMs();
  try {
    const entry = await bulkhead.enter({ signal: call.signal, remainingMs });
    if (entry !== "entered") throw overloaded(bulkhead.expectedWaitMs());
  } catch (error) {
    call.release();
    refused(error instanceof GatewayError ? error.code : "internal");
    throw error;
  }
  call.whenReleased(() => bulkhead.leave());
  return next(call);
}

const overloaded = (expectedWaitMs: number): GatewayError =>
  new GatewayError({
    code: "overloaded",
    message:
      "The gateway has as many calls under way as it may have (MAX_CONCURRENT_CALLS). Send the call again later.",
    retryAfterMs: retryAfterQueueMs(expectedWaitMs),
  });

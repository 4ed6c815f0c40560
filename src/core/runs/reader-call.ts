// A call that reads another one's run: it has no record, and ends when it has read, or its caller goes.

import type { Call } from "../call.ts";
import { GatewayError } from "../errors.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Numbered, Reply, ReplyMeta } from "../reply.ts";
import { type Watcher, watchEvents } from "../watch-events.ts";
import type { Run } from "./run.ts";
import type { Seat } from "./seat.ts";

/** Rejects as the run does, before its first event. */
export async function readRun<S extends OperationShape>(
  call: Call<S>,
  run: Run<S>,
  seat: Seat<Numbered<S["event"]>>,
): Promise<Reply<Numbered<S["event"]>>> {
  run.isReadUntil(call.deadlineMs);
  endedBy(call, (reason) => seat.endWith(reason));
  return releasedAfter(call, await seat.opened, seat);
}

/** A reply that nobody reads any more ends with its call all the same. */
export function endedBy<S extends OperationShape>(
  call: Call<S>,
  endWith: (reason: GatewayError) => void,
): void {
  call.whenAborted((reason) => {
    endWith(reason);
    call.release();
  });
  if (call.signal.aborted) endWith(call.signal.reason);
}

/** The call is over when its events are. */
export const releasedAfter = <S extends OperationShape>(
  call: Call<S>,
  meta: ReplyMeta,
  events: AsyncIterable<Numbered<S["event"]>>,
): Reply<Numbered<S["event"]>> => ({
  meta: ownMeta(call, meta),
  events: watchEvents<Numbered<S["event"]>, Numbered<S["event"]>>(events, new Releasing(call)),
});

/** What is about whoever reads, and not about the run. */
const ownOf = <S extends OperationShape>({ correlationId, account }: Call<S>) => ({
  correlationId,
  limits: account.limits,
});

const ownMeta = <S extends OperationShape>(call: Call<S>, meta: ReplyMeta): ReplyMeta => ({
  ...meta,
  ...ownOf(call),
});

export const heardBy = <S extends OperationShape>(call: Call<S>, error: GatewayError): GatewayError =>
  error.heardBy(ownOf(call));

class Releasing<S extends OperationShape, E extends S["event"]> implements Watcher<E, E> {
  readonly #call: Call<S>;

  constructor(call: Call<S>) {
    this.#call = call;
  }

  event(event: E): E {
    const { operation } = this.#call;
    if (operation.ends(event)) this.#call.release();
    const meta = operation.metaOf(event);
    return meta === undefined ? event : operation.withMeta(event, ownMeta(this.#call, meta));
  }

  ended(): void {
    this.#call.release();
  }

  failed(error: unknown): unknown {
    this.#call.release();
    return error instanceof GatewayError ? heardBy(this.#call, error) : error;
  }

  left(): void {
    // What it reads from may wait, and hears of nothing else.
    this.#call.abort(readerLeft());
    this.#call.release();
  }
}

const readerLeft = (): GatewayError =>
  new GatewayError({ code: "cancelled", message: "The reader left before the answer was complete." });

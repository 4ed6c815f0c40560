// A call that reads another one's run: it has no record, and ends when it has read, or its caller goes.

import type { Call } from "../call.ts";
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
  run.call.deadlineMs = Math.max(run.call.deadlineMs, call.deadlineMs);
  call.whenAborted((reason) => seat.endWith(reason));
  if (call.signal.aborted) seat.endWith(call.signal.reason);
  return releasedAfter(call, await seat.opened, seat);
}

/** The call is over when its events are. */
export const releasedAfter = <S extends OperationShape>(
  call: Call<S>,
  meta: ReplyMeta,
  events: AsyncIterable<Numbered<S["event"]>>,
): Reply<Numbered<S["event"]>> => ({
  meta,
  events: watchEvents<Numbered<S["event"]>, Numbered<S["event"]>>(events, new Releasing(call)),
});

class Releasing<S extends OperationShape, E extends S["event"]> implements Watcher<E, E> {
  readonly #call: Call<S>;

  constructor(call: Call<S>) {
    this.#call = call;
  }

  event(event: E): E {
    if (this.#call.operation.ends(event)) this.#call.release();
    return event;
  }

  ended(): void {
    this.#call.release();
  }

  failed(error: unknown): unknown {
    this.#call.release();
    return error;
  }

  left(): void {
    this.#call.release();
  }
}

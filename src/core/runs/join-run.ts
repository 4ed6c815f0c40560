// The stage that numbers a call's events. Most calls have one reader, and nothing is kept of what it has read; those with
// an idempotency key and those that can be resumed are runs that others may read too.

import type { Call } from "../call.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Handler } from "../pipeline.ts";
import type { Numbered } from "../reply.ts";
import { watchEvents } from "../watch-events.ts";
import { Numbering } from "./numbering.ts";
import type { Runs } from "./runs.ts";

export const joinRun =
  <S extends OperationShape>(
    runs: Pick<Runs<S>, "join">,
    next: Handler<Call<S>, S["event"]>,
  ): Handler<Call<S>, Numbered<S["event"]>> =>
  async (call) => {
    if (call.idempotencyKey !== undefined || call.resumable) return runs.join(call, next);
    const reply = await next(call);
    return { meta: reply.meta, events: watchEvents(reply.events, new Numbering<S["event"]>()) };
  };

// A run: one execution of all below this stage, with one reader. It numbers the events.

import type { Call } from "./call.ts";
import type { OperationShape } from "./operation.ts";
import type { Handler } from "./pipeline.ts";
import type { Numbered } from "./reply.ts";
import { watchEvents } from "./watch-events.ts";

export const joinRun =
  <S extends OperationShape>(next: Handler<Call<S>, S["event"]>): Handler<Call<S>, Numbered<S["event"]>> =>
  async (call) => {
    const reply = await next(call);
    let sequence = 0;
    const events = watchEvents(reply.events, {
      event: (event): Numbered<S["event"]> => ({ sequence: sequence++, ...event }),
      ended() {},
      failed: (error) => error,
      left() {},
    });
    return { meta: reply.meta, events };
  };

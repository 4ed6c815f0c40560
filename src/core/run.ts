// A run: one execution of all below this stage, with one reader. It numbers the events.

import type { Call } from "./call.ts";
import type { OperationShape } from "./operation-shape.ts";
import type { Handler } from "./pipeline.ts";
import type { Numbered } from "./reply.ts";
import { type Watcher, watchEvents } from "./watch-events.ts";

export const joinRun =
  <S extends OperationShape>(next: Handler<Call<S>, S["event"]>): Handler<Call<S>, Numbered<S["event"]>> =>
  async (call) => {
    const reply = await next(call);
    const events = watchEvents(reply.events, new Numbering<S["event"]>());
    return { meta: reply.meta, events };
  };

class Numbering<E extends object> implements Watcher<E, Numbered<E>> {
  #next = 0;

  event(event: E): Numbered<E> {
    const sequence = this.#next;
    this.#next += 1;
    // In place: the object was made for this run (`Operation.stamp`).
    return Object.assign(event, { sequence });
  }

  ended(): void {}

  failed(error: unknown): unknown {
    return error;
  }

  left(): void {}
}

import type { Numbered } from "../reply.ts";
import type { Watcher } from "../watch-events.ts";

/** Numbers a run's events from 0. */
export class Numbering<E extends object> implements Watcher<E, Numbered<E>> {
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

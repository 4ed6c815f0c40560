// The events of a stream up to its commit: they are held back, since another target's may still take their place.

import type { Operation } from "../operation.ts";
import type { OperationShape } from "../operation-shape.ts";
import { type EventReader, pullNext } from "../pulled-events.ts";

/** Nothing but empty events for so long counts as an answer: what is held back stays bounded. */
const maxHeldEvents = 256;

/** Resolves with the events up to the one that commits, or to the stream's end. Rejects as the stream does. */
export const heldUntilCommit = <S extends OperationShape>(
  events: AsyncIterator<S["event"]>,
  operation: Operation<S>,
): Promise<readonly S["event"][]> =>
  new Promise((resolve, reject) => new Holding({ events, operation, resolve, reject }).run());

interface HoldingOptions<S extends OperationShape> {
  readonly events: AsyncIterator<S["event"]>;
  readonly operation: Operation<S>;
  readonly resolve: (held: readonly S["event"][]) => void;
  readonly reject: (error: unknown) => void;
}

class Holding<S extends OperationShape> implements EventReader<S["event"]> {
  readonly #options: HoldingOptions<S>;
  readonly #held: S["event"][] = [];
  #wantsMore = true;
  #running = false;

  constructor(options: HoldingOptions<S>) {
    this.#options = options;
  }

  /** One loop, whatever the depth that it is called from: an event may come as soon as it is asked for. */
  run(): void {
    if (this.#running) return;
    this.#running = true;
    while (this.#wantsMore) {
      this.#wantsMore = false;
      pullNext(this.#options.events, this);
    }
    this.#running = false;
  }

  event(event: S["event"]): void {
    const { operation, resolve } = this.#options;
    this.#held.push(event);
    if (operation.commits(event) || this.#held.length >= maxHeldEvents) {
      resolve(this.#held);
      return;
    }
    this.#wantsMore = true;
    this.run();
  }

  end(): void {
    this.#options.resolve(this.#held);
  }

  fail(error: unknown): void {
    this.#options.reject(error);
  }
}

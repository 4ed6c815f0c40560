// One reader's place at an execution that may have several: it can be ended alone, and the others read on.

import { type EventReader, leave, over, PulledEvents, pullNext } from "../pulled-events.ts";
import type { ReplyMeta } from "../reply.ts";

export class Seat<E> extends PulledEvents<E> implements EventReader<E> {
  /** Resolves when there are events to read. Rejects with why there will be none. */
  readonly opened: Promise<ReplyMeta>;
  readonly #open: (meta: ReplyMeta) => void;
  readonly #refuse: (error: unknown) => void;
  /** Told once, when it needs nothing more. */
  readonly #left: () => void;
  #events: AsyncIterator<E> | undefined;
  #reader: EventReader<E> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #over = false;

  constructor(left: () => void) {
    super();
    const { promise, resolve, reject } = Promise.withResolvers<ReplyMeta>();
    this.opened = promise;
    // Nobody may wait for it any more.
    promise.catch(() => undefined);
    this.#open = resolve;
    this.#refuse = reject;
    this.#left = left;
  }

  give(events: AsyncIterator<E>, meta: ReplyMeta): void {
    if (this.#over) {
      void leave(events);
      return;
    }
    this.#events = events;
    this.#open(meta);
  }

  /** Before there were events: there are none. After: what has come is read no further. */
  endWith(error: unknown): void {
    if (this.#over) return;
    this.#refuse(error);
    const reader = this.#reader;
    this.#leave();
    if (reader === undefined) this.#failure = { error };
    else reader.fail(error);
  }

  pull(reader: EventReader<E>): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) reader.fail(failure.error);
    else if (this.#over || this.#events === undefined) reader.end();
    else {
      this.#reader = reader;
      pullNext(this.#events, this);
    }
  }

  async return(): Promise<IteratorResult<E>> {
    this.#failure = undefined;
    const reader = this.#takeReader();
    this.#leave();
    reader?.end();
    return over;
  }

  event(event: E): void {
    this.#takeReader()?.event(event);
  }

  end(): void {
    const reader = this.#takeReader();
    this.#leave();
    reader?.end();
  }

  fail(error: unknown): void {
    const reader = this.#takeReader();
    this.#leave();
    reader?.fail(error);
  }

  #takeReader(): EventReader<E> | undefined {
    const reader = this.#reader;
    this.#reader = undefined;
    return reader;
  }

  #leave(): void {
    if (this.#over) return;
    this.#over = true;
    this.#reader = undefined;
    if (this.#events !== undefined) void leave(this.#events);
    this.#left();
  }
}

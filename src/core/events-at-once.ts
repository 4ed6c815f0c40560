import { type EventReader, over, PulledEvents } from "./pulled-events.ts";

/**
 * Events that come all together, as those of an answer that is read whole: whoever wants them all waits once, and
 * not for each (see `allOf`).
 */
export class EventsAtOnce<E> implements AsyncIterable<E> {
  /** Called once. */
  readonly come: () => Promise<readonly E[]>;

  constructor(come: () => Promise<readonly E[]>) {
    this.come = come;
  }

  [Symbol.asyncIterator](): PulledEvents<E> {
    return new OneByOne(this.come);
  }
}

class OneByOne<E> extends PulledEvents<E> {
  #come: (() => Promise<readonly E[]>) | undefined;
  #events: readonly E[] = [];
  #next = 0;

  constructor(come: () => Promise<readonly E[]>) {
    super();
    this.#come = come;
  }

  pull(reader: EventReader<E>): void {
    const come = this.#come;
    if (come === undefined) {
      this.#hand(reader);
      return;
    }
    this.#come = undefined;
    void this.#begin(come, reader);
  }

  async return(): Promise<IteratorResult<E>> {
    this.#come = undefined;
    this.#events = [];
    return over;
  }

  async #begin(come: () => Promise<readonly E[]>, reader: EventReader<E>): Promise<void> {
    try {
      this.#events = await come();
    } catch (error) {
      reader.fail(error);
      return;
    }
    this.#hand(reader);
  }

  #hand(reader: EventReader<E>): void {
    const event = this.#events[this.#next];
    this.#next += 1;
    if (event === undefined) reader.end();
    else reader.event(event);
  }
}

// Streams that can be read without a promise for each event: at a token's pace, promises cost more than what is
// done with the token.

/** Takes one event, or learns that there is none. Exactly one method is called for each pull; none throws. */
export interface EventReader<E> {
  event(event: E): void;
  end(): void;
  fail(error: unknown): void;
}

export const over: IteratorResult<never> = { done: true, value: undefined };

/** An async iterator that is written by its `pull`. Events are asked for one after the other. */
export abstract class PulledEvents<E> implements AsyncIterableIterator<E> {
  /** Tells the reader of the next event, at once or later. */
  abstract pull(reader: EventReader<E>): void;

  abstract return(): Promise<IteratorResult<E>>;

  next(): Promise<IteratorResult<E>> {
    return new Promise((resolve, reject) => {
      this.pull({
        event: (value) => resolve({ done: false, value }),
        end: () => resolve(over),
        fail: reject,
      });
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

class FromFunctions<E> extends PulledEvents<E> {
  readonly #pull: (reader: EventReader<E>) => void;
  readonly #leave: () => unknown;

  constructor(pull: (reader: EventReader<E>) => void, leave: () => unknown) {
    super();
    this.#pull = pull;
    this.#leave = leave;
  }

  pull(reader: EventReader<E>): void {
    this.#pull(reader);
  }

  async return(): Promise<IteratorResult<E>> {
    await this.#leave();
    return over;
  }
}

/** What `pull` tells; `leave` is called when the reader goes before the end. */
export const pulledEvents = <E>({
  pull,
  leave,
}: {
  readonly pull: (reader: EventReader<E>) => void;
  readonly leave: () => unknown;
}): PulledEvents<E> => new FromFunctions(pull, leave);

/** Asks any iterator for its next event. */
export function pullNext<E>(events: AsyncIterator<E>, reader: EventReader<E>): void {
  if (events instanceof PulledEvents) events.pull(reader);
  else void awaitNext(events, reader);
}

async function awaitNext<E>(events: AsyncIterator<E>, reader: EventReader<E>): Promise<void> {
  let result: IteratorResult<E>;
  try {
    result = await events.next();
  } catch (error) {
    reader.fail(error);
    return;
  }
  if (result.done === true) reader.end();
  else reader.event(result.value);
}

/** Closes a stream that nobody reads any more. Nobody hears how it ends: it is no one's answer. */
export async function leave(events: AsyncIterator<unknown>): Promise<void> {
  try {
    await events.return?.();
  } catch {
    // It is closed all the same.
  }
}

/** The same for one that nobody has asked yet. A generator is asked first: one that never ran would let go of nothing. */
export function leaveUnread(events: AsyncIterable<unknown>): Promise<void> {
  if (events instanceof PulledEvents) return leave(events);
  const iterator = events[Symbol.asyncIterator]();
  iterator.next().catch(() => undefined);
  return leave(iterator);
}

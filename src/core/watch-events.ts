// Watching a stream without wrapping it again and again: an async layer costs on every event, so watchers
// of one chain are joined into one function over one source.

import { EventsAtOnce } from "./events-at-once.ts";
import { type EventReader, leave, leaveUnread, over, PulledEvents, pullNext } from "./pulled-events.ts";

/** What a stage wants to know of a stream. Each stream ends in exactly one of `ended`, `failed`, `left`. */
export interface Watcher<A, B> {
  /** Sees each event and says what is handed on; what it throws is treated as the stream's failure. */
  event(event: A): B;
  /** The source ended by itself; what it throws is treated as the stream's failure. */
  ended(): void;
  /** The source threw; says what the reader is to see. */
  failed(error: unknown): unknown;
  /** The reader went away before the end. */
  left(): void;
}

class Joined<A, B, C> implements Watcher<A, C> {
  readonly #inner: Watcher<A, B>;
  readonly #outer: Watcher<B, C>;

  constructor(inner: Watcher<A, B>, outer: Watcher<B, C>) {
    this.#inner = inner;
    this.#outer = outer;
  }

  event(event: A): C {
    return this.#outer.event(this.#inner.event(event));
  }

  ended(): void {
    this.#inner.ended();
    this.#outer.ended();
  }

  failed(error: unknown): unknown {
    return this.#outer.failed(this.#inner.failed(error));
  }

  left(): void {
    this.#inner.left();
    this.#outer.left();
  }
}

class WatchedEvents<A, B> extends PulledEvents<B> implements EventReader<A> {
  readonly #events: AsyncIterable<A>;
  readonly #watcher: Watcher<A, B>;
  #iterator: AsyncIterator<A> | undefined;
  #reader: EventReader<B> | undefined;
  #over = false;

  constructor(events: AsyncIterable<A>, watcher: Watcher<A, B>) {
    super();
    this.#events = events;
    this.#watcher = watcher;
  }

  watchedBy<C>(watcher: Watcher<B, C>): WatchedEvents<A, C> {
    return new WatchedEvents(this.#events, new Joined(this.#watcher, watcher));
  }

  pull(reader: EventReader<B>): void {
    if (this.#over) {
      reader.end();
      return;
    }
    this.#reader = reader;
    this.#iterator ??= this.#events[Symbol.asyncIterator]();
    pullNext(this.#iterator, this);
  }

  event(event: A): void {
    const reader = this.#reader;
    if (this.#over) {
      reader?.end();
      return;
    }
    let handed: B;
    try {
      handed = this.#watcher.event(event);
    } catch (error) {
      this.fail(error);
      // The source knows of nothing.
      if (this.#iterator !== undefined) void leave(this.#iterator);
      return;
    }
    reader?.event(handed);
  }

  end(): void {
    try {
      if (!this.#over) this.#watcher.ended();
    } catch (error) {
      this.fail(error);
      return;
    }
    this.#over = true;
    this.#reader?.end();
  }

  fail(error: unknown): void {
    const reader = this.#reader;
    if (this.#over) {
      reader?.end();
      return;
    }
    this.#over = true;
    let told: unknown;
    try {
      told = this.#watcher.failed(error);
    } catch (thrown) {
      told = thrown;
    }
    reader?.fail(told);
  }

  /** Waits for no single event where they come at once. */
  async all(isLast: (event: B) => boolean): Promise<readonly B[]> {
    if (!(this.#events instanceof EventsAtOnce)) return eachOf(this, isLast);
    const all: B[] = [];
    if (this.#over) return all;
    this.#over = true;
    try {
      for (const event of await this.#events.come()) all.push(this.#watcher.event(event));
      this.#watcher.ended();
    } catch (error) {
      throw this.#watcher.failed(error);
    }
    return all;
  }

  // The watchers hear of it first: one of them aborts the call, and only then can a source that waits for
  // its upstream come to an end.
  async return(): Promise<IteratorResult<B>> {
    if (!this.#over) {
      this.#over = true;
      this.#watcher.left();
      if (this.#iterator === undefined) await leaveUnread(this.#events);
      else await this.#iterator.return?.();
    }
    return over;
  }
}

export function watchEvents<A, B>(
  events: AsyncIterable<A>,
  watcher: Watcher<A, B>,
): AsyncIterableIterator<B> {
  return events instanceof WatchedEvents ? events.watchedBy(watcher) : new WatchedEvents(events, watcher);
}

/** Reads a stream to its last event, and waits for nothing after that. */
export const allOf = <E>(events: AsyncIterable<E>, isLast: (event: E) => boolean): Promise<readonly E[]> =>
  events instanceof WatchedEvents ? events.all(isLast) : eachOf(events, isLast);

async function eachOf<E>(events: AsyncIterable<E>, isLast: (event: E) => boolean): Promise<readonly E[]> {
  const all: E[] = [];
  const iterator = events[Symbol.asyncIterator]();
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    all.push(next.value);
    if (!isLast(next.value)) continue;
    void leave(iterator);
    break;
  }
  return all;
}

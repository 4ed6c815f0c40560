// From events to a socket, no faster than the socket takes them.

import { type EventReader, pullNext } from "../core/pulled-events.ts";

export interface PumpOptions<E> {
  readonly events: AsyncIterable<E>;
  /** Hands an event to the socket; false: it is full, wait for `drained`. */
  readonly write: (event: E) => boolean;
  /** Resolves when the socket takes more; rejects when the signal is aborted. */
  readonly drained: (signal: AbortSignal) => Promise<void>;
  /** Aborted when the reader has gone. */
  readonly signal: AbortSignal;
}

/** Resolves after the last event; throws what the stream throws. A reader that goes ends the call. */
export function pump<E>(options: PumpOptions<E>): Promise<void> {
  return new Promise((resolve, reject) => new Pumping(options, { resolve, reject }).run());
}

interface Outcome {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Reads and writes without a promise for each event: see `PulledEvents`. */
class Pumping<E> implements EventReader<E> {
  readonly #options: PumpOptions<E>;
  readonly #outcome: Outcome;
  readonly #iterator: AsyncIterator<E>;
  #wantsMore = true;
  #running = false;

  constructor(options: PumpOptions<E>, outcome: Outcome) {
    this.#options = options;
    this.#outcome = outcome;
    this.#iterator = options.events[Symbol.asyncIterator]();
  }

  /** One loop, whatever the depth that it is called from: an event may come as soon as it is asked for. */
  run(): void {
    if (this.#running) return;
    this.#running = true;
    while (this.#wantsMore) {
      this.#wantsMore = false;
      pullNext(this.#iterator, this);
    }
    this.#running = false;
  }

  event(event: E): void {
    const { write, signal } = this.#options;
    if (signal.aborted) {
      void this.#leave();
      return;
    }
    try {
      if (write(event)) this.#more();
      else void this.#wait();
    } catch (error) {
      void this.#leave({ error });
    }
  }

  end(): void {
    this.#outcome.resolve();
  }

  fail(error: unknown): void {
    this.#outcome.reject(error);
  }

  #more(): void {
    this.#wantsMore = true;
    this.run();
  }

  async #wait(): Promise<void> {
    const { drained, signal } = this.#options;
    try {
      await drained(signal);
    } catch (error) {
      await this.#leave({ error });
      return;
    }
    if (signal.aborted) await this.#leave();
    else this.#more();
  }

  /** Ends the stream before its end; `failure` is why, where that is an error. */
  async #leave(failure?: { readonly error: unknown }): Promise<void> {
    const { resolve, reject } = this.#outcome;
    try {
      await this.#iterator.return?.();
    } catch (error) {
      reject(failure === undefined ? error : failure.error);
      return;
    }
    if (failure === undefined) resolve();
    else reject(failure.error);
  }
}

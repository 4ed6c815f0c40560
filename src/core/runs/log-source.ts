// What fills a log: a stream that is asked for one event after the other, until it is over or is left.

import { type EventReader, leave, leaveUnread, pullNext } from "../pulled-events.ts";

export type LogOutcome = { readonly type: "ended" } | { readonly type: "failed"; readonly error: unknown };

interface LogSourceOptions<E> {
  readonly events: AsyncIterable<E>;
  readonly came: (event: E) => void;
  /** Called once, unless it was closed before. */
  readonly over: (outcome: LogOutcome) => void;
}

export class LogSource<E> implements EventReader<E> {
  /** Undefined: it is over, or closed. What it held can be collected. */
  #options: LogSourceOptions<E> | undefined;
  #iterator: AsyncIterator<E> | undefined;
  #isAsked = false;

  constructor(options: LogSourceOptions<E>) {
    this.#options = options;
  }

  /** It was asked and has not answered. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  ask(): void {
    const options = this.#options;
    if (options === undefined) return;
    this.#isAsked = true;
    this.#iterator ??= options.events[Symbol.asyncIterator]();
    pullNext(this.#iterator, this);
  }

  async close(): Promise<void> {
    const options = this.#options;
    const iterator = this.#iterator;
    this.#letGo();
    if (options === undefined) return;
    await (iterator === undefined ? leaveUnread(options.events) : leave(iterator));
  }

  event(event: E): void {
    this.#isAsked = false;
    this.#options?.came(event);
  }

  end(): void {
    this.#isOver({ type: "ended" });
  }

  fail(error: unknown): void {
    this.#isOver({ type: "failed", error });
  }

  #isOver(outcome: LogOutcome): void {
    const options = this.#options;
    this.#letGo();
    options?.over(outcome);
  }

  #letGo(): void {
    this.#isAsked = false;
    this.#options = undefined;
    this.#iterator = undefined;
  }
}

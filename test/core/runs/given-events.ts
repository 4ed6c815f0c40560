// A stream that a test gives its events by hand, at once where it is asked already.

import { type EventReader, over, PulledEvents } from "../../../src/core/pulled-events.ts";
import type { LogOutcome } from "../../../src/core/runs/log-source.ts";

export class GivenEvents<E> extends PulledEvents<E> {
  readonly #come: E[] = [];
  #next = 0;
  #outcome: LogOutcome | undefined;
  #reader: EventReader<E> | undefined;
  asked = 0;
  left = 0;

  get isAsked(): boolean {
    return this.#reader !== undefined;
  }

  give(event: E): void {
    this.#come.push(event);
    this.#tell();
  }

  end(outcome: LogOutcome = { type: "ended" }): void {
    this.#outcome = outcome;
    this.#tell();
  }

  pull(reader: EventReader<E>): void {
    if (this.#reader !== undefined) throw new Error("It is asked for one event after the other.");
    this.asked += 1;
    this.#reader = reader;
    this.#tell();
  }

  async return(): Promise<IteratorResult<E>> {
    this.left += 1;
    this.#outcome ??= { type: "ended" };
    this.#tell();
    return over;
  }

  #tell(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    const event = this.#come[this.#next];
    if (event === undefined && this.#outcome === undefined) return;
    this.#reader = undefined;
    this.#next += 1;
    if (event !== undefined) reader.event(event);
    else if (this.#outcome?.type === "failed") reader.fail(this.#outcome.error);
    else reader.end();
  }
}

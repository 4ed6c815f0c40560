// Events in a row, of which the oldest can be dropped. Indices never change.

/** Fewer that are dropped may go on taking up their places. */
const fewPlaces = 64;

export class KeptEvents<E extends object> {
  #events: (E | undefined)[] = [];
  #sizes: number[] = [];
  /** Places at the start of both whose events are gone. */
  #empty = 0;
  #firstIndex = 0;
  #bytes = 0;

  get firstIndex(): number {
    return this.#firstIndex;
  }

  get nextIndex(): number {
    return this.#firstIndex + this.#events.length - this.#empty;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Undefined: it is no longer there, or not yet. */
  at(index: number): E | undefined {
    return this.#events[index - this.#firstIndex + this.#empty];
  }

  all(): readonly E[] {
    return this.#events.filter((event) => event !== undefined);
  }

  add(event: E, bytes: number): void {
    this.#events.push(event);
    this.#sizes.push(bytes);
    this.#bytes += bytes;
  }

  dropFirst(): void {
    this.#bytes -= this.#sizes[this.#empty] ?? 0;
    this.#events[this.#empty] = undefined;
    this.#empty += 1;
    this.#firstIndex += 1;
    if (this.#empty < fewPlaces || this.#empty * 2 < this.#events.length) return;
    this.#events = this.#events.slice(this.#empty);
    this.#sizes = this.#sizes.slice(this.#empty);
    this.#empty = 0;
  }
}

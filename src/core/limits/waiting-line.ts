// First come, first served; and who gives up leaves from the middle at no cost to the others.

export interface PlaceInLine<T> {
  readonly waiter: T;
  before: PlaceInLine<T> | undefined;
  behind: PlaceInLine<T> | undefined;
}

export class WaitingLine<T> {
  #first: PlaceInLine<T> | undefined;
  #last: PlaceInLine<T> | undefined;
  #length = 0;

  length(): number {
    return this.#length;
  }

  join(waiter: T): PlaceInLine<T> {
    const place = { waiter, before: this.#last, behind: undefined };
    if (this.#last === undefined) this.#first = place;
    else this.#last.behind = place;
    this.#last = place;
    this.#length += 1;
    return place;
  }

  /** Once for each place that was not shifted. */
  leave(place: PlaceInLine<T>): void {
    const { before, behind } = place;
    if (before === undefined) this.#first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
    this.#length -= 1;
  }

  shift(): T | undefined {
    const place = this.#first;
    if (place === undefined) return undefined;
    this.leave(place);
    return place.waiter;
  }
}

// Places that Redis could not be told are free: it is told when it is back. The oldest of too many are dropped, as they
// end by themselves soonest.

import type { StreamPlace } from "../../core/limits/limit-store.ts";

const maxPlaces = 10_000;

interface LeftPlace {
  readonly key: string;
  readonly id: string;
}

export class LeftPlaces {
  readonly #places = new Map<string, LeftPlace>();

  add(places: readonly StreamPlace[], id: string): void {
    for (const { key } of places) {
      const name = `${key} ${id}`;
      // Anew, as the latest.
      this.#places.delete(name);
      this.#places.set(name, { key, id });
    }
    for (const oldest of this.#places.keys()) {
      if (this.#places.size <= maxPlaces) return;
      this.#places.delete(oldest);
    }
  }

  /** By their key; none of them is kept. */
  takeAll(): ReadonlyMap<string, readonly string[]> {
    const byKey = Map.groupBy(this.#places.values(), ({ key }) => key);
    this.#places.clear();
    return new Map([...byKey].map(([key, left]) => [key, left.map(({ id }) => id)]));
  }
}

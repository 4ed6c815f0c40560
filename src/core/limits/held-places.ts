// The places of streams that this process holds.

import type { StreamPlace } from "./limit-store.ts";

export class HeldPlaces {
  readonly #holders = new Map<string, Set<string>>();

  /** Of the places: the first that has none left for one who has none yet. */
  refused(places: readonly StreamPlace[], id: string): number | undefined {
    for (const [index, { key, limit }] of places.entries()) {
      const holders = this.#holders.get(key);
      if ((holders?.size ?? 0) >= limit && holders?.has(id) !== true) return index;
    }
    return undefined;
  }

  hold(places: readonly StreamPlace[], id: string): void {
    for (const { key } of places) {
      const holders = this.#holders.get(key);
      if (holders === undefined) this.#holders.set(key, new Set([id]));
      else holders.add(id);
    }
  }

  leave(places: readonly StreamPlace[], id: string): void {
    for (const { key } of places) {
      const holders = this.#holders.get(key);
      if (holders?.delete(id) === true && holders.size === 0) this.#holders.delete(key);
    }
  }

  /** Who holds places, by their key. */
  all(): Iterable<readonly [key: string, ids: ReadonlySet<string>]> {
    return this.#holders;
  }

  isEmpty(): boolean {
    return this.#holders.size === 0;
  }
}

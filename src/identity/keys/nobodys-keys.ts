// Credentials that turned out to be nobody's, for a minute: the same one again costs nothing.

import { LRUCache } from "lru-cache";
import type { Clock } from "../../core/clock.ts";
import type { NobodysReason } from "./key-refusals.ts";

interface Remembered {
  readonly reason: NobodysReason;
  readonly untilMs: number;
}

const rememberMs = 60_000;

export class NobodysKeys {
  readonly #clock: Clock;
  /** By the digest of the credential. */
  readonly #remembered: LRUCache<string, Remembered>;

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#remembered = new LRUCache({ max });
  }

  size(): number {
    return this.#remembered.size;
  }

  find(digest: string): NobodysReason | undefined {
    const remembered = this.#remembered.get(digest);
    if (remembered === undefined) return undefined;
    if (this.#clock.monotonicMs() < remembered.untilMs) return remembered.reason;
    this.#remembered.delete(digest);
    return undefined;
  }

  add(digest: string, reason: NobodysReason): void {
    this.#remembered.set(digest, { reason, untilMs: this.#clock.monotonicMs() + rememberMs });
  }

  clear(): void {
    this.#remembered.clear();
  }
}

// Times until which something is not asked, one for each of a provider's credentials.

import type { Clock } from "../../clock.ts";

export class Doors {
  readonly #clock: Clock;
  /** On the monotonic clock. Mostly none was ever closed. */
  #closedUntilMs: number[] | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isOpen(index: number): boolean {
    return this.opensInMs(index) === 0;
  }

  /** A door that is closed for longer stays so. */
  close(index: number, forMs: number): void {
    const closed = (this.#closedUntilMs ??= []);
    closed[index] = Math.max(closed[index] ?? 0, this.#clock.monotonicMs() + forMs);
  }

  /** 0: it is open. */
  opensInMs(index: number): number {
    const until = this.#closedUntilMs?.[index];
    return until === undefined ? 0 : Math.max(0, until - this.#clock.monotonicMs());
  }
}

// Times until which something is not asked, one for each of a provider's credentials.

import type { Clock } from "../clock.ts";

export class Doors {
  readonly #clock: Clock;
  /** On the monotonic clock. Mostly none was ever closed. */
  #closedUntilMs: number[] | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isOpen(index: number): boolean {
    const until = this.#closedUntilMs?.[index];
    return until === undefined || this.#clock.monotonicMs() >= until;
  }

  /** A door that is closed for longer stays so. */
  close(index: number, forMs: number): void {
    const closed = (this.#closedUntilMs ??= []);
    closed[index] = Math.max(closed[index] ?? 0, this.#clock.monotonicMs() + forMs);
  }

  /** Until the first of those that were closed opens; 0: now, or none was. */
  opensInMs(): number {
    const closed = this.#closedUntilMs?.filter((until) => until !== undefined) ?? [];
    return closed.length === 0 ? 0 : Math.max(0, Math.min(...closed) - this.#clock.monotonicMs());
  }
}

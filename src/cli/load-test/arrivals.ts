// Calls that come at a constant rate, however long the answers take: what waits in a queue that a slow gateway
// makes is part of what its callers wait for.

import type { Clock } from "../../core/clock.ts";

export interface Arrivals {
  /** Calls a second. */
  readonly rate: number;
  readonly seconds: number;
  /** A call that comes while so many are open is not sent. */
  readonly inFlightMax: number;
}

export interface ArrivalEnds {
  readonly clock: Clock;
  /** Sends one call that was due at `dueMs` of the monotonic clock; resolves when it is over. Never rejects. */
  readonly send: (dueMs: number) => Promise<void>;
  readonly notSent: () => void;
  /** Ends the arrivals before their time. */
  readonly signal: AbortSignal;
}

/** Resolves when the last call was sent; the calls themselves may go on. */
export function runArrivals({ rate, seconds, inFlightMax }: Arrivals, ends: ArrivalEnds): Promise<void> {
  const { clock, send, notSent, signal } = ends;
  const total = rate * seconds;
  const beganMs = clock.monotonicMs();
  let next = 0;
  let inFlight = 0;
  const dueOf = (call: number): number => beganMs + (call * 1_000) / rate;

  function arrive(dueMs: number): void {
    if (inFlight >= inFlightMax) return notSent();
    inFlight += 1;
    void send(dueMs).finally(() => (inFlight -= 1));
  }

  return new Promise((resolve) => {
    const step = (): void => {
      while (next < total && dueOf(next) <= clock.monotonicMs() && !signal.aborted) {
        arrive(dueOf(next));
        next += 1;
      }
      if (next >= total || signal.aborted) return resolve();
      clock.setTimer(Math.max(0, dueOf(next) - clock.monotonicMs()), step);
    };
    signal.addEventListener("abort", () => resolve(), { once: true });
    step();
  });
}

// Work that takes turns, so that it leaves room to what calls need.

import type { Clock } from "./clock.ts";
import { WaitingLine } from "./limits/waiting-line.ts";

/** Rejects with `tooLate` where its turn does not come in time, and with what the work throws. */
export type TakeTurn = <T>(work: () => Promise<T>) => Promise<T>;

interface TurnOptions {
  readonly atATime: number;
  readonly longestWaitMs: number;
  readonly tooLate: () => Error;
  readonly clock: Clock;
}

export function createTurns({ atATime, longestWaitMs, tooLate, clock }: TurnOptions): TakeTurn {
  const line = new WaitingLine<() => void>();
  let underWay = 0;

  /** Whoever waits gets the place of the one who leaves: `underWay` stays as it is. */
  const waitForTurn = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const place = line.join(() => {
        timer.cancel();
        resolve();
      });
      const timer = clock.setTimer(longestWaitMs, () => {
        line.leave(place);
        reject(tooLate());
      });
    });

  return async (work) => {
    if (underWay < atATime) underWay += 1;
    else await waitForTurn();
    try {
      return await work();
    } finally {
      const next = line.shift();
      if (next === undefined) underWay -= 1;
      else next();
    }
  };
}

// Changes take turns: most of them wait for each other on the server, and each would hold a connection meanwhile that
// a call may need to be let in.

import type { Clock } from "../core/clock.ts";
import { WaitingLine } from "../core/limits/waiting-line.ts";
import { DatabaseError } from "./database-url.ts";

/** Rejects with a DatabaseError where its turn does not come in time, and with what the work throws. */
export type TakeTurn = <T>(work: () => Promise<T>) => Promise<T>;

export interface TurnOptions {
  readonly atATime: number;
  readonly longestWaitMs: number;
  readonly clock: Clock;
}

export function createTurns({ atATime, longestWaitMs, clock }: TurnOptions): TakeTurn {
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
        reject(new DatabaseError("The database is busy with other changes. Try again later."));
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

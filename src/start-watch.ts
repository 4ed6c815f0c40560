// Says what the start waits for when that takes long, and gives up in the end.

import type { Clock, Timer } from "./core/clock.ts";

export interface StartWatch {
  /** What is waited for from now on, as a part of a sentence. */
  waitsFor(what: string): void;
  done(): void;
}

export const sayAfterMs = 3_000;
/** Each wait has so long: a migration of a large database takes minutes. */
export const giveUpAfterMs = 300_000;

export function createStartWatch(options: {
  readonly clock: Clock;
  readonly say: (message: string) => void;
  /** Is to end the process. */
  readonly giveUp: (message: string) => void;
}): StartWatch {
  const { clock, say, giveUp } = options;
  let timers: readonly Timer[] = [];
  const done = (): void => {
    for (const timer of timers) timer.cancel();
    timers = [];
  };
  return {
    waitsFor(what) {
      done();
      timers = [
        clock.setTimer(sayAfterMs, () => say(`The start waits for ${what}.`)),
        clock.setTimer(giveUpAfterMs, () =>
          giveUp(
            `Waited ${giveUpAfterMs / 1_000} s for ${what}. See that it can be reached, and start again.`,
          ),
        ),
      ];
    },
    done,
  };
}

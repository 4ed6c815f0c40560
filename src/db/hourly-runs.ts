// Work that is done every hour, in small steps with a pause between them, so that records are written meanwhile.

import type { Clock, Timer } from "../core/clock.ts";

export interface HourlyRuns {
  /** Resolves when the step under way is done; there is no other. Never rejects. */
  close(): Promise<void>;
}

export interface HourlyRunsOptions {
  /** After each step it asks whether it goes on, which is told after a pause. */
  readonly run: (goesOn: () => Promise<boolean>) => Promise<void>;
  /** Hears why a run ended early. */
  readonly onFailure: (why: string) => void;
  readonly clock: Clock;
}

const firstRunMs = 60_000;
const betweenRunsMs = 3_600_000;
const betweenStepsMs = 50;

/** Begins a minute after the start. Whoever creates it closes it, before what it works on. */
export function createHourlyRuns({ run, onFailure, clock }: HourlyRunsOptions): HourlyRuns {
  const pauses = createPauses(clock);

  async function runUntilClosed(): Promise<void> {
    let beforeNextMs = firstRunMs;
    while (await pauses.pause(beforeNextMs)) {
      beforeNextMs = betweenRunsMs;
      await run(() => pauses.pause(betweenStepsMs)).catch((error: unknown) =>
        onFailure(error instanceof Error ? error.message : String(error)),
      );
    }
  }

  const ended = runUntilClosed();
  return {
    close() {
      pauses.end();
      return ended;
    },
  };
}

/** Pauses one after the other, until they are ended for good. */
function createPauses(clock: Clock) {
  let timer: Timer | undefined;
  let goOn: ((goesOn: boolean) => void) | undefined;
  let ended = false;
  return {
    /** Resolves with whether it goes on after it. */
    pause: (ms: number) =>
      new Promise<boolean>((resolve) => {
        if (ended) return resolve(false);
        goOn = resolve;
        timer = clock.setTimer(ms, () => resolve(true));
      }),
    end() {
      ended = true;
      timer?.cancel();
      goOn?.(false);
    },
  };
}

// Work that is done every hour, in small steps with a pause between them, so that records are written meanwhile.

import type { Clock, Timer } from "../core/clock.ts";

export interface HourlyWork {
  /** Resolves when the step under way is done; there is no other. Never rejects. */
  close(): Promise<void>;
}

export interface HourlyWorkOptions {
  /** After each step it asks whether it goes on, which is told after a pause. */
  readonly work: (goesOn: () => Promise<boolean>) => Promise<void>;
  /** Hears why it ended early. */
  readonly onFailure: (why: string) => void;
  readonly clock: Clock;
}

const beforeFirstMs = 60_000;
const everyMs = 3_600_000;
const betweenStepsMs = 50;

/** Begins a minute after the start. Whoever creates it closes it, before what it works on. */
export function createHourlyWork({ work, onFailure, clock }: HourlyWorkOptions): HourlyWork {
  const pauses = createPauses(clock);

  async function workUntilClosed(): Promise<void> {
    let beforeNextMs = beforeFirstMs;
    while (await pauses.pause(beforeNextMs)) {
      beforeNextMs = everyMs;
      await work(() => pauses.pause(betweenStepsMs)).catch((error: unknown) =>
        onFailure(error instanceof Error ? error.message : String(error)),
      );
    }
  }

  const ended = workUntilClosed();
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

// Removes what was said in calls that are older than their tenant keeps it: every hour, in small steps with a pause
// between them, so that records are written meanwhile.

import type { Clock, Timer } from "../core/clock.ts";
import type { RecordStore } from "./record-store.ts";

export interface RetentionOptions {
  /** Asked before each run; those of a tenant that keeps without end are not among them. */
  readonly tenants: () => Promise<readonly { readonly id: string; readonly retentionDays: number }[]>;
  readonly store: Pick<RecordStore, "forget">;
  readonly clock: Clock;
  /** Hears why a run ended early. */
  readonly warn: (message: string) => void;
}

export interface Retention {
  /** Resolves when the step under way is done; there is no other. Never rejects. */
  close(): Promise<void>;
}

const firstRunMs = 60_000;
const betweenRunsMs = 3_600_000;
const betweenStepsMs = 50;
const callsOfStep = 200;
const dayMs = 86_400_000;

/** Begins a minute after the start. Whoever creates it closes it, before the database. */
export function createRetention(options: RetentionOptions): Retention {
  const { tenants, store, clock, warn } = options;
  const pauses = createPauses(clock);

  async function runOnce(): Promise<void> {
    for (const { id, retentionDays } of await tenants()) {
      // A call that has just begun may not be written yet: what is kept is kept for a day at least.
      const beforeMs = clock.epochMs() - Math.max(retentionDays, 1) * dayMs;
      const step = { tenantId: id, beforeMs, limit: callsOfStep };
      for (let hasMore = true; hasMore;) {
        ({ hasMore } = await store.forget(step));
        if (!(await pauses.pause(betweenStepsMs))) return;
      }
    }
  }

  async function runUntilClosed(): Promise<void> {
    let beforeNextMs = firstRunMs;
    while (await pauses.pause(beforeNextMs)) {
      beforeNextMs = betweenRunsMs;
      await runOnce().catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        warn(`Old bodies and labels could not be removed, which is tried again in an hour: ${why}`);
      });
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

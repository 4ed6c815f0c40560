// Removes idempotency keys whose time is over, hour by hour: they hold whole replies.

import type { Clock } from "../core/clock.ts";
import type { KeptKeys } from "../core/runs/kept-keys.ts";
import { createHourlyWork, type HourlyWork } from "./hourly-work.ts";

export interface ExpiredKeysOptions {
  readonly keys: Pick<KeptKeys, "removeExpired">;
  readonly clock: Clock;
  /** Hears why it ended early. */
  readonly warn: (message: string) => void;
}

const keysOfStep = 50;

/** Begins a minute after the start. Whoever creates it closes it, before the database. */
export function createExpiredKeyRemoval({ keys, clock, warn }: ExpiredKeysOptions): HourlyWork {
  return createHourlyWork({
    clock,
    async work(goesOn) {
      const nowMs = clock.epochMs();
      for (let hasMore = true; hasMore;) {
        ({ hasMore } = await keys.removeExpired({ nowMs, limit: keysOfStep }));
        if (!(await goesOn())) return;
      }
    },
    onFailure: (why) =>
      warn(`Expired idempotency keys could not be removed, which is tried again in an hour: ${why}`),
  });
}

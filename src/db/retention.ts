// Removes what was said in calls that are older than their tenant keeps it, hour by hour.

import type { Clock } from "../core/clock.ts";
import { createHourlyWork, type HourlyWork } from "./hourly-work.ts";
import type { RecordStore } from "./record-store.ts";

export interface RetentionOptions {
  /** Asked each time; those of a tenant that keeps without end are not among them. */
  readonly tenants: () => Promise<readonly { readonly id: string; readonly retentionDays: number }[]>;
  readonly store: Pick<RecordStore, "forget">;
  readonly clock: Clock;
  /** Hears why it ended early. */
  readonly warn: (message: string) => void;
}

const callsOfStep = 200;
const dayMs = 86_400_000;

/** Begins a minute after the start. Whoever creates it closes it, before the database. */
export function createRetention(options: RetentionOptions): HourlyWork {
  const { tenants, store, clock, warn } = options;
  return createHourlyWork({
    clock,
    async work(goesOn) {
      for (const { id, retentionDays } of await tenants()) {
        // A call that has just begun may not be written yet: what is kept is kept for a day at least.
        const beforeMs = clock.epochMs() - Math.max(retentionDays, 1) * dayMs;
        const step = { tenantId: id, beforeMs, limit: callsOfStep };
        for (let hasMore = true; hasMore;) {
          ({ hasMore } = await store.forget(step));
          if (!(await goesOn())) return;
        }
      }
    },
    onFailure: (why) =>
      warn(`Old bodies and labels could not be removed, which is tried again in an hour: ${why}`),
  });
}

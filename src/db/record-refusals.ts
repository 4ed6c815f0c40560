import type { Clock } from "../core/clock.ts";
import { createLimitedWarning } from "./limited-warning.ts";

/** Which calls were refused, so that the rest of them is refused too, and how many have no whole record. */
export interface RecordRefusals {
  readonly counted: number;
  count(calls: number): void;
  /** A call that begins and is not taken. */
  refuse(id: string): void;
  has(id: string): boolean;
  /** A refused call has ended. Whether it was one. */
  forget(id: string): boolean;
}

export function createRecordRefusals(options: {
  readonly queueMax: number;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
}): RecordRefusals {
  const { queueMax, clock, warn } = options;
  const warnFull = createLimitedWarning({ warn, clock, intervalMs: 1000 });
  const ids = new Set<string>();
  let counted = 0;
  return {
    get counted() {
      return counted;
    },
    count(calls) {
      counted += calls;
    },
    refuse(id) {
      counted += 1;
      // A call leaves by its settlement; the bound is for those that never have one.
      if (ids.size >= queueMax) ids.clear();
      ids.add(id);
      warnFull(
        () =>
          `The record queue is full (RECORD_QUEUE_MAX is ${queueMax}) or closed: ${counted} calls since the ` +
          "start have no record. The database is slower than the calls come, or fails.",
      );
    },
    // Mostly there is none: then no id needs to be hashed.
    has: (id) => ids.size > 0 && ids.has(id),
    forget: (id) => ids.size > 0 && ids.delete(id),
  };
}

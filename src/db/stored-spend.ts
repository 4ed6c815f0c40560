// The port that tells budgets what was paid: all of it, or an error.

import type { Spend } from "../core/budgets/budget-store.ts";
import { DatabaseError } from "./database-url.ts";
import type { RecordQueue } from "./record-queue.ts";
import type { RecordStore } from "./record-store.ts";

/** About 20 ms on SQLite, 60 ms on PostgreSQL. */
const callsOfPart = 50_000;

/** It rejects with a DatabaseError when the records cannot be read, or not all of them could be written. */
export function createSpend(options: {
  readonly store: Pick<RecordStore, "spend">;
  readonly queue: Pick<RecordQueue, "flush" | "failure">;
  readonly partCalls?: number;
}): Spend {
  const { store, queue, partCalls = callsOfPart } = options;
  return {
    async spentNanos(account, exceptCallIds) {
      if (!(await queue.flush())) {
        const { failure } = queue;
        const why = failure === undefined ? "." : `: ${failure}`;
        throw new DatabaseError(`What was spent is not known: Records cannot be written${why}`);
      }
      let nanos = 0n;
      for (let { fromMs } = account; fromMs < account.toMs;) {
        const part = await store.spend({ account: { ...account, fromMs }, exceptCallIds, partCalls });
        nanos += part.nanos;
        fromMs = part.toMs;
      }
      return nanos;
    },
  };
}

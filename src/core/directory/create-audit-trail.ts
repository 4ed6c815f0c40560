// The audit trail of what comes with no change of the directory: it is written in batches, off the path of the answer.

import type { Clock, Timer } from "../clock.ts";
import type { ReportFault } from "../errors.ts";
import type { NewId } from "../ids.ts";
import { dated } from "./audit-entry.ts";
import type { AuditTrail, NewAuditEntry } from "./audit.ts";
import type { DirectoryStore } from "./directory-store.ts";
import { type DueEntry, PendingEntries } from "./pending-entries.ts";

export interface WrittenTrail extends AuditTrail {
  /** For operators: a sentence each. */
  problems(): readonly string[];
  /** Resolves when all that was noted until now is written, or writing fails. Never rejects. */
  flush(): Promise<void>;
  /** Writes what is left; what comes afterwards is dropped. Never rejects. */
  close(): Promise<void>;
}

export interface AuditTrailPorts {
  readonly store: Pick<DirectoryStore, "write">;
  readonly newId: NewId;
  readonly clock: Clock;
  /** Hears of the first batch that fails, and of entries that are lost. */
  readonly reportFault: ReportFault;
}

const writeEveryMs = 1_000;
const windowMs = 60_000;
const maxKinds = 5_000;
const maxKindsOfTrail = 2_000;
const batchSize = 200;
/** A database that fails while the gateway closes is asked this often. */
const closingTries = 2;

export function createAuditTrail(ports: AuditTrailPorts): WrittenTrail {
  const { clock, reportFault } = ports;
  const pending = new PendingEntries({ maxKinds, maxKindsOfTrail, windowMs });
  const batches = createBatches(ports);
  let timer: Timer | undefined;
  let isClosed = false;
  let last: Promise<unknown> = Promise.resolve();

  const now = () => ({ epochMs: clock.epochMs(), monotonicMs: clock.monotonicMs() });

  /** Whether nothing is left that is due. */
  function writeDue(all: boolean): Promise<boolean> {
    const written = last.then(() => batches.write(pending.due(now(), all)));
    last = written;
    return written;
  }

  function schedule(): void {
    if (timer !== undefined || isClosed || pending.isEmpty) return;
    timer = clock.setTimer(writeEveryMs, () => {
      timer = undefined;
      void writeDue(false).then(schedule);
    });
  }

  return {
    note(entry) {
      if (isClosed) return;
      try {
        pending.add(entry, now());
        schedule();
      } catch (error) {
        reportFault(error, {});
      }
    },
    problems: () => batches.problems(),
    flush: async () => void (await writeDue(true)),
    async close() {
      timer?.cancel();
      let tries = 0;
      while (!(await writeDue(true)) && tries < closingTries - 1) tries += 1;
      isClosed = true;
      timer?.cancel();
      const lost = pending.due(now(), true).length;
      if (lost > 0) reportFault(lostEntries(lost), {});
    },
  };
}

/** A new id each time: a batch whose answer was lost may be there already. */
function createBatches({ store, newId, reportFault }: AuditTrailPorts) {
  let isFailing = false;

  async function writeBatch(due: readonly DueEntry[]): Promise<void> {
    const audit = due.map(({ entry, atMs, count }): NewAuditEntry =>
      dated(entry, { id: newId(), atMs, count }),
    );
    const { outcome } = await store.write({ changes: [{ type: "audit_only" }], audit });
    if (outcome !== "written") throw new Error(`The database says ${outcome} to audit entries.`);
  }

  return {
    problems: () => (isFailing ? ["Audit entries cannot be written: the log says why."] : []),
    /** Whether all were written; the others were put back. */
    async write(due: readonly DueEntry[]): Promise<boolean> {
      let from = 0;
      try {
        for (; from < due.length; from += batchSize) await writeBatch(due.slice(from, from + batchSize));
        isFailing = false;
        return true;
      } catch (error) {
        for (const each of due.slice(from)) each.putBack();
        if (!isFailing) reportFault(error, {});
        isFailing = true;
        return false;
      }
    },
  };
}

const lostEntries = (count: number) =>
  new Error(`The database failed to the end: ${count} audit entries are lost.`);

// Takes records off the path of the answer and writes them in batches. A call that ends before its beginning
// was written costs one row; a batch that fails is kept and tried again.

import type { Clock } from "../core/clock.ts";
import type { Ledger } from "../core/usage/ledger.ts";
import { createLimitedWarning } from "./limited-warning.ts";
import { createQueuedCalls, type QueuedCalls } from "./queued-calls.ts";
import { createNewPrices } from "./new-prices.ts";
import { createRecordRefusals, type RecordRefusals } from "./record-refusals.ts";
import { type CallRows, createRowMaker } from "./record-rows.ts";
import type { RecordStore } from "./record-store.ts";
import { createWriteLoop } from "./write-loop.ts";

export interface RecordQueueOptions {
  /** Writes a batch whole or rejects; see `RecordStore.write`. */
  readonly write: RecordStore["write"];
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  /** Calls that may wait; beyond, a call that begins is refused whole, and those taken are still ended. */
  readonly queueMax: number;
  readonly bodyKeepMaxBytes: number;
  readonly batchSize?: number;
  readonly flushDelayMs?: number;
}

export interface RecordQueue extends Ledger {
  /** Calls that wait to be written. */
  readonly waiting: number;
  /** Calls without a whole record since the start: the queue was full, or the database could not take them. */
  readonly refused: number;
  /** What the database said when the last batch was not written. */
  readonly failure: string | undefined;
  /** What an operator should mend, each a sentence in general words, as whoever reaches the port may ask; none when all is well. */
  problems(): readonly string[];
  /** Resolves when all that was taken until now is written (true), or writing fails (false). Never rejects. */
  flush(): Promise<boolean>;
  /** Writes what is left; what comes afterwards is refused. Never rejects. */
  close(): Promise<void>;
}

/** A database that fails while the gateway closes is asked this often. */
const closingTries = 2;
/** Of the texts of all bodies that wait. */
const queuedBodiesMaxChars = 64 * 1024 * 1024;

export function createRecordQueue(options: RecordQueueOptions): RecordQueue {
  const { clock, warn, queueMax, bodyKeepMaxBytes, batchSize = 100, flushDelayMs = 50 } = options;
  const rowsOf = createRowMaker(bodyKeepMaxBytes);
  const warnUnfit = createLimitedWarning({ warn, clock, intervalMs: 1000 });
  const queued = createQueuedCalls({
    rowsOf,
    bodiesMaxChars: queuedBodiesMaxChars,
    onNews: () => loop.schedule(),
    onUnfit(callId, error) {
      refusals.count(1);
      warnUnfit(() => `Call ${callId} has no whole record: ${String(error)}`);
    },
  });
  const refusals = createRecordRefusals(options);
  const writer = createBatchWriting({ ...options, batchSize, queued, refusals });
  const loop = createWriteLoop({
    clock,
    waits: (calls) => queued.holds(calls),
    write: () => writer.write(),
    batchSize,
    flushDelayMs,
  });
  let closed = false;

  return {
    get waiting() {
      return queued.size;
    },
    get refused() {
      return refusals.counted;
    },
    get failure() {
      return writer.failure;
    },
    problems: () => [
      ...(writer.failure === undefined ? [] : ["Records cannot be written: the log says why."]),
      ...(refusals.counted === 0 ? [] : [`${refusals.counted} calls since the start have no whole record.`]),
    ],
    open(opened) {
      if (closed || queued.holds(queueMax)) return refusals.refuse(opened.id);
      queued.open(opened);
    },
    attempt(attempt) {
      if (closed || refusals.has(attempt.callId)) return;
      queued.attempt(attempt);
    },
    settle(settlement) {
      if (refusals.forget(settlement.id)) return;
      if (closed) return refusals.count(1);
      queued.settle(settlement);
    },
    async flush() {
      const last = queued.lastSequence;
      // While writing fails, readers see what stands: they do not wait for the next try.
      while (queued.holdsUpTo(last) && !loop.backingOff) await loop.writeNow();
      return !queued.holdsUpTo(last);
    },
    async close() {
      if (closed) return;
      closed = true;
      await loop.stop();
      let failed = 0;
      while (queued.size > 0 && failed < closingTries) {
        if (!(await loop.writeNow())) failed += 1;
      }
      if (queued.size === 0) return;
      refusals.count(queued.size);
      warn(`The database failed to the end: ${queued.size} calls have no whole record.`);
    },
  };
}

/** Writes the oldest calls, says what failed, and keeps what is to be tried again. */
function createBatchWriting(
  options: RecordQueueOptions & {
    readonly batchSize: number;
    readonly queued: QueuedCalls;
    readonly refusals: RecordRefusals;
  },
) {
  const { clock, warn, batchSize, queued, refusals } = options;
  const warnFailed = createLimitedWarning({ warn, clock, intervalMs: 1000 });
  const newPrices = createNewPrices();
  let failure: string | undefined;
  return {
    /** Why the last batch was not written. */
    get failure() {
      return failure;
    },
    async write(): Promise<boolean> {
      const batch = queued.take(batchSize);
      const prices = newPrices.in(batch.flatMap((call) => call.prices));
      const rows = batch.flatMap((call) => call.rows ?? []);
      try {
        const rejected = await options.write(rows, prices);
        queued.done();
        newPrices.written(prices);
        failure = undefined;
        refusals.count(rejected.length);
        const [first] = rejected;
        if (first !== undefined) {
          warnFailed(() => `Call ${first.id} has no whole record: the database says ${first.message}`);
        }
        return true;
      } catch (error) {
        const kept = isNotSendable(error) ? batch.filter(({ rows }) => isSendable(rows)) : batch;
        refusals.count(batch.length - kept.length);
        queued.putBack(kept);
        newPrices.forget();
        const said = error instanceof Error ? error.message : String(error);
        failure = said;
        warnFailed(
          () =>
            `Records could not be written: ${asSentence(said)} ${queued.size} calls wait for the next try.`,
        );
        return false;
      }
    },
  };
}

const isNotSendable = (error: unknown): boolean => error instanceof Error && error.name === "DataCloneError";

function isSendable(rows: CallRows | undefined): boolean {
  try {
    structuredClone(rows);
    return true;
  } catch {
    return false;
  }
}

const asSentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

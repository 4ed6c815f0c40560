// The calls that wait to be written, oldest first, each once with all that is new of it. Records are only held as
// they come; sorting them by calls and making rows of them is done for several calls in one run: code that runs once
// in each call, between all that serves it, takes three times as long.

import type { AttemptRecord, OpenedCall, Settlement } from "../core/usage/ledger.ts";
import type { TextRoom } from "./kept-body.ts";
import { type CallRows, joinRows, type NewOfCall } from "./record-rows.ts";
import type { UsedPrice } from "./record-store.ts";

/** What is new of a call since its rows were made. */
interface Gathered extends NewOfCall {
  opened: OpenedCall | undefined;
  readonly attempts: AttemptRecord[];
  settlement: Settlement | undefined;
}

export interface WaitingCall {
  /** Counts up over all calls. */
  readonly sequence: number;
  readonly id: string;
  gathered: Gathered | undefined;
  rows: CallRows | undefined;
  /** What its attempts cost by. */
  readonly prices: UsedPrice[];
  /** Of the texts of its bodies. */
  chars: number;
}

export interface QueuedCalls {
  /** Those that wait and those that were taken and are not done. */
  readonly size: number;
  readonly lastSequence: number;
  /** Whether so many wait or are taken. Quicker than their number. */
  holds(calls: number): boolean;
  /** Whether a call up to that one is not done yet. */
  holdsUpTo(sequence: number): boolean;
  open(opened: OpenedCall): void;
  attempt(attempt: AttemptRecord): void;
  settle(settlement: Settlement): void;
  /** The oldest calls, to be written; to be given to `done` or `putBack` before the next are taken. */
  take(count: number): readonly WaitingCall[];
  done(): void;
  /** Puts a batch, or what is to be kept of it, before those that came after it. */
  putBack(batch: readonly WaitingCall[]): void;
}

export interface QueuedCallsOptions {
  readonly rowsOf: (call: NewOfCall, room: TextRoom) => CallRows;
  /** Of all queued bodies; further ones are left out and marked as cut. */
  readonly bodiesMaxChars: number;
  /** Hears of the first record that comes after others were sorted in, and when they are. */
  readonly onNews: () => void;
  /** Hears of records of which no rows can be made, as an adapter of somebody else's may bring them about. */
  readonly onUnfit: (callId: string, error: unknown) => void;
}

/** Records since the last run. They are few, for their bodies are in memory whole. */
const runMaxRecords = 100;
/** Of what is asked and answered in them: a run of long ones would hold up all else. */
const runMaxChars = 65_536;

export function createQueuedCalls(options: QueuedCallsOptions): QueuedCalls {
  const { rowsOf, bodiesMaxChars, onNews, onUnfit } = options;
  const room: TextRoom = { charsLeft: bodiesMaxChars };
  let fresh: (OpenedCall | AttemptRecord | Settlement)[] = [];
  let freshChars = 0;
  let waiting = new Map<string, WaitingCall>();
  let taken: readonly WaitingCall[] = [];
  let lastSequence = 0;

  function add(record: OpenedCall | AttemptRecord | Settlement, chars = 0): void {
    fresh.push(record);
    freshChars += chars;
    const full = fresh.length >= runMaxRecords || freshChars >= runMaxChars;
    if (full) sortIn();
    if (full || fresh.length === 1) onNews();
  }

  /** Gives each new record to its call, and makes the rows of those that have come to their end. */
  function sortIn(): void {
    const records = fresh;
    fresh = [];
    freshChars = 0;
    for (const record of records) {
      if ("callId" in record) addAttempt(waitingFor(record.callId), record);
      else if ("status" in record) settle(waitingFor(record.id), record);
      else gatheredIn(waitingFor(record.id)).opened ??= record;
    }
  }

  function addAttempt(entry: WaitingCall, attempt: AttemptRecord): void {
    gatheredIn(entry).attempts.push(attempt);
    const { price, kind, model, startedAtMs } = attempt;
    if (price !== undefined) entry.prices.push({ price, kind, model, firstUsedAtMs: startedAtMs });
  }

  function settle(entry: WaitingCall, settlement: Settlement): void {
    if (entry.rows?.settled !== undefined) return;
    gatheredIn(entry).settlement = settlement;
    makeRows(entry);
  }

  function waitingFor(id: string): WaitingCall {
    const known = waiting.get(id);
    if (known !== undefined) return known;
    lastSequence += 1;
    const entry: WaitingCall = {
      sequence: lastSequence,
      id,
      gathered: undefined,
      rows: undefined,
      prices: [],
      chars: 0,
    };
    waiting.set(id, entry);
    return entry;
  }

  function makeRows(entry: WaitingCall): void {
    const { gathered } = entry;
    if (gathered === undefined) return;
    entry.gathered = undefined;
    const before = room.charsLeft;
    try {
      addRows(entry, rowsOf(gathered, room));
      entry.chars += before - room.charsLeft;
    } catch (error) {
      // A run goes on: neither the other calls' records nor the caller who filled it has a part in this.
      room.charsLeft = before;
      onUnfit(entry.id, error);
    }
  }

  /** Ends the taking of a batch; what is not put back needs no room any more. */
  function release(kept: readonly WaitingCall[]): void {
    for (const entry of taken) room.charsLeft += entry.chars;
    for (const entry of kept) room.charsLeft -= entry.chars;
    taken = [];
  }

  /** The oldest calls, which wait no more. */
  function removeOldest(calls: number): WaitingCall[] {
    if (waiting.size <= calls) {
      const all = [...waiting.values()];
      // A map of its own for each batch: one that lives on links its past to its future, and V8 then keeps
      // every call in memory until a full collection.
      waiting = new Map();
      return all;
    }
    const oldest: WaitingCall[] = [];
    for (const entry of waiting.values()) {
      if (oldest.length === calls) break;
      waiting.delete(entry.id);
      oldest.push(entry);
    }
    return oldest;
  }

  function sizeNow(): number {
    sortIn();
    return waiting.size + taken.length;
  }

  return {
    get size() {
      return sizeNow();
    },
    get lastSequence() {
      sortIn();
      return lastSequence;
    },
    holds(calls) {
      // Records are not sorted in to be counted where each of them is of a call of its own, or none is.
      const sorted = waiting.size + taken.length;
      const atLeast = sorted === 0 && fresh.length > 0 ? 1 : sorted;
      if (atLeast >= calls) return true;
      return sorted + fresh.length >= calls && sizeNow() >= calls;
    },
    holdsUpTo(sequence) {
      const oldest = taken[0] ?? waiting.values().next().value;
      return oldest !== undefined && oldest.sequence <= sequence;
    },
    open: (opened) => add(opened, opened.inputChars),
    attempt: (attempt) => add(attempt),
    settle: (settlement) => add(settlement, settlement.outputChars),
    take(calls) {
      sortIn();
      const batch = removeOldest(calls);
      for (const entry of batch) makeRows(entry);
      taken = batch;
      return batch;
    },
    done: () => release([]),
    putBack(batch) {
      release(batch);
      sortIn();
      const later = waiting;
      waiting = new Map(batch.map((entry) => [entry.id, entry]));
      for (const entry of later.values()) {
        const earlier = waiting.get(entry.id);
        if (earlier === undefined) waiting.set(entry.id, entry);
        else join(earlier, entry);
      }
    },
  };

  /** What came of a call while its batch was under way. */
  function join(earlier: WaitingCall, later: WaitingCall): void {
    makeRows(later);
    if (later.rows !== undefined) addRows(earlier, later.rows);
    earlier.prices.push(...later.prices);
    earlier.chars += later.chars;
  }
}

function addRows(entry: WaitingCall, rows: CallRows): void {
  entry.rows = entry.rows === undefined ? rows : joinRows(entry.rows, rows);
}

const gatheredIn = (entry: WaitingCall): Gathered =>
  (entry.gathered ??= {
    id: entry.id,
    opened: undefined,
    attempts: [],
    settlement: undefined,
  });

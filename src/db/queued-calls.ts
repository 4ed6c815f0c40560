// The calls that wait to be written, oldest first, each once with all that is new of it. What they bring is held as
// it comes and made into rows later, several calls in one run: code that runs once in each call, between all that
// serves it, takes three times as long.

import type { AttemptRecord, OpenedCall, Settlement } from "../core/usage/ledger.ts";
import type { TextRoom } from "./kept-body.ts";
import { type CallRows, joinRows, type NewOfCall } from "./record-rows.ts";
import type { UsedPrice } from "./record-store.ts";

/** What is new of a call, while it still gathers. */
interface Gathered extends NewOfCall {
  opened: OpenedCall | undefined;
  readonly attempts: AttemptRecord[];
  settlement: Settlement | undefined;
  settledAtMs: number | undefined;
}

export interface WaitingCall {
  /** Counts up over all calls. */
  readonly sequence: number;
  readonly id: string;
  /** What has come since its rows were made. */
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
  /** Whether a call up to that one is not done yet. */
  holdsUpTo(sequence: number): boolean;
  open(opened: OpenedCall): void;
  attempt(attempt: AttemptRecord): void;
  settle(settlement: Settlement, settledAtMs: number): void;
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
}

/** Of calls that have ended and have no rows yet. They are few, for their bodies are in memory whole. */
const runMaxCalls = 16;
/** Of what such calls asked and answered: a run of long ones would hold up all others. */
const runMaxChars = 65_536;

export function createQueuedCalls({ rowsOf, bodiesMaxChars }: QueuedCallsOptions): QueuedCalls {
  const room: TextRoom = { charsLeft: bodiesMaxChars };
  let waiting = new Map<string, WaitingCall>();
  let taken: readonly WaitingCall[] = [];
  let ended: WaitingCall[] = [];
  let endedChars = 0;
  let lastSequence = 0;

  function waitingFor(id: string): WaitingCall {
    const known = waiting.get(id);
    if (known !== undefined) return known;
    lastSequence += 1;
    const fresh: WaitingCall = {
      sequence: lastSequence,
      id,
      gathered: undefined,
      rows: undefined,
      prices: [],
      chars: 0,
    };
    waiting.set(id, fresh);
    return fresh;
  }

  function makeRows(entry: WaitingCall): void {
    if (entry.gathered === undefined) return;
    const before = room.charsLeft;
    const rows = rowsOf(entry.gathered, room);
    entry.rows = entry.rows === undefined ? rows : joinRows(entry.rows, rows);
    entry.gathered = undefined;
    entry.chars += before - room.charsLeft;
  }

  function makeRowsOfEnded(): void {
    for (const entry of ended) makeRows(entry);
    ended = [];
    endedChars = 0;
  }

  /** Ends the taking of a batch; what is not put back needs no room any more. */
  function release(kept: readonly WaitingCall[]): void {
    for (const entry of taken) room.charsLeft += entry.chars;
    for (const entry of kept) room.charsLeft -= entry.chars;
    taken = [];
  }

  /** The oldest calls, which wait no more. */
  function removeOldest(count: number): WaitingCall[] {
    if (waiting.size <= count) {
      const all = [...waiting.values()];
      // A map of its own for each batch: one that lives on links its past to its future, and V8 then keeps
      // every call in memory until a full collection.
      waiting = new Map();
      return all;
    }
    const oldest: WaitingCall[] = [];
    for (const entry of waiting.values()) {
      if (oldest.length === count) break;
      waiting.delete(entry.id);
      oldest.push(entry);
    }
    return oldest;
  }

  return {
    get size() {
      return waiting.size + taken.length;
    },
    get lastSequence() {
      return lastSequence;
    },
    holdsUpTo(sequence) {
      const oldest = taken[0] ?? waiting.values().next().value;
      return oldest !== undefined && oldest.sequence <= sequence;
    },
    open(opened) {
      const entry = waitingFor(opened.id);
      if (entry.rows?.opened === undefined) gatheredIn(entry).opened ??= opened;
    },
    attempt(attempt) {
      const entry = waitingFor(attempt.callId);
      gatheredIn(entry).attempts.push(attempt);
      const { price, kind, model, startedAtMs } = attempt;
      if (price !== undefined) entry.prices.push({ price, kind, model, firstUsedAtMs: startedAtMs });
    },
    settle(settlement, settledAtMs) {
      const entry = waitingFor(settlement.id);
      if (entry.rows?.settled !== undefined) return;
      const gathered = gatheredIn(entry);
      if (gathered.settlement !== undefined) return;
      gathered.settlement = settlement;
      gathered.settledAtMs = settledAtMs;
      ended.push(entry);
      endedChars += (gathered.opened?.inputChars ?? 0) + (settlement.outputChars ?? 0);
      if (ended.length >= runMaxCalls || endedChars >= runMaxChars) makeRowsOfEnded();
    },
    take(count) {
      makeRowsOfEnded();
      const batch = removeOldest(count);
      for (const entry of batch) makeRows(entry);
      taken = batch;
      return batch;
    },
    done: () => release([]),
    putBack(batch) {
      release(batch);
      makeRowsOfEnded();
      const later = waiting;
      waiting = new Map(batch.map((entry) => [entry.id, entry]));
      for (const [id, entry] of later) {
        const earlier = waiting.get(id);
        if (earlier === undefined) {
          waiting.set(id, entry);
          continue;
        }
        makeRows(entry);
        if (entry.rows !== undefined)
          earlier.rows = earlier.rows ? joinRows(earlier.rows, entry.rows) : entry.rows;
        earlier.prices.push(...entry.prices);
        earlier.chars += entry.chars;
      }
    },
  };
}

const gatheredIn = (entry: WaitingCall): Gathered =>
  (entry.gathered ??= {
    id: entry.id,
    opened: undefined,
    attempts: [],
    settlement: undefined,
    settledAtMs: undefined,
  });

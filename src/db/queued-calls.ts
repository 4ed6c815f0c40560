// The calls that wait to be written, oldest first, each once with all that is new of it.

import type { AttemptRecord, OpenedCall, Settlement } from "../core/usage/ledger.ts";
import type { BoundedBody, UnwrittenBody } from "./bound-body.ts";
import type { CallRows, NewOfCall } from "./record-rows.ts";
import type { UsedPrice } from "./record-store.ts";

/** What is new of a call, while it still gathers. */
interface Gathered extends NewOfCall {
  opened: OpenedCall | undefined;
  requestBody: UnwrittenBody | undefined;
  readonly attempts: AttemptRecord[];
  settlement: Settlement | undefined;
  settledAtMs: number | undefined;
  replyBody: UnwrittenBody | undefined;
}

export interface WaitingCall {
  /** Counts up over all calls. */
  readonly sequence: number;
  readonly id: string;
  /**
   * Of a call that has come to its end: made at once, for the records have just been in use, and need not wait in
   * memory. What comes behind it is gathered again.
   */
  whole: CallRows | undefined;
  gathered: Gathered | undefined;
  /** What its attempts cost by. */
  readonly prices: UsedPrice[];
  /** Of its bodies. */
  weight: number;
}

export interface QueuedCalls {
  /** Those that wait and those that were taken and are not done. */
  readonly size: number;
  readonly lastSequence: number;
  /** Whether a call up to that one is not done yet. */
  holdsUpTo(sequence: number): boolean;
  open(opened: OpenedCall, body: BoundedBody | undefined): void;
  attempt(attempt: AttemptRecord): void;
  settle(settlement: Settlement, settledAtMs: number, body: BoundedBody | undefined): void;
  /** The oldest calls, to be written; to be given to `done` or `putBack` before the next are taken. */
  take(count: number): readonly WaitingCall[];
  /** What a batch brings. */
  rows(batch: readonly WaitingCall[]): CallRows[];
  done(): void;
  /** Puts a batch, or what is to be kept of it, before those that came after it. */
  putBack(batch: readonly WaitingCall[]): void;
}

export interface QueuedCallsOptions {
  readonly rowsOf: (call: NewOfCall) => CallRows;
  /** Of all queued bodies; further ones are left out and marked as cut. */
  readonly bodiesMaxWeight: number;
}

export function createQueuedCalls({ rowsOf, bodiesMaxWeight }: QueuedCallsOptions): QueuedCalls {
  let waiting = new Map<string, WaitingCall>();
  let taken: readonly WaitingCall[] = [];
  let lastSequence = 0;
  let weight = 0;

  function waitingFor(id: string): WaitingCall {
    const known = waiting.get(id);
    if (known !== undefined) return known;
    lastSequence += 1;
    const fresh: WaitingCall = {
      sequence: lastSequence,
      id,
      whole: undefined,
      gathered: undefined,
      prices: [],
      weight: 0,
    };
    waiting.set(id, fresh);
    return fresh;
  }

  function weighIn(entry: WaitingCall, body: BoundedBody | undefined): UnwrittenBody | undefined {
    if (body === undefined) return undefined;
    if (weight + body.weight > bodiesMaxWeight) return { value: undefined, cut: true };
    weight += body.weight;
    entry.weight += body.weight;
    return body;
  }

  /** Ends the taking of a batch; what is not put back weighs no more. */
  function release(kept: readonly WaitingCall[]): void {
    for (const entry of taken) weight -= entry.weight;
    for (const entry of kept) weight += entry.weight;
    taken = [];
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
    open(opened, body) {
      const entry = waitingFor(opened.id);
      const gathered = gatheredIn(entry);
      if (gathered.opened !== undefined) return;
      const kept = weighIn(entry, body);
      gathered.requestBody = kept;
      // A copy only where it would hold more of the body than is kept: every call comes by here.
      const same = kept?.value === opened.requestBody;
      gathered.opened = same ? opened : { ...opened, requestBody: undefined };
    },
    attempt(attempt) {
      const entry = waitingFor(attempt.callId);
      gatheredIn(entry).attempts.push(attempt);
      const { price, kind, model, startedAtMs } = attempt;
      if (price !== undefined) entry.prices.push({ price, kind, model, firstUsedAtMs: startedAtMs });
    },
    settle(settlement, settledAtMs, body) {
      const entry = waitingFor(settlement.id);
      if (entry.whole !== undefined) return;
      const gathered = gatheredIn(entry);
      if (gathered.settlement !== undefined) return;
      const kept = weighIn(entry, body);
      gathered.replyBody = kept;
      const same = kept?.value === settlement.replyBody;
      gathered.settlement = same ? settlement : { ...settlement, replyBody: undefined };
      gathered.settledAtMs = settledAtMs;
      if (gathered.opened === undefined) return;
      entry.whole = rowsOf(gathered);
      entry.gathered = undefined;
    },
    take(count) {
      if (waiting.size <= count) {
        // A map of its own for each batch: one that lives on links its past to its future, and V8 then keeps
        // every call in memory until a full collection.
        taken = [...waiting.values()];
        waiting = new Map();
        return taken;
      }
      const batch: WaitingCall[] = [];
      for (const entry of waiting.values()) {
        if (batch.length === count) break;
        waiting.delete(entry.id);
        batch.push(entry);
      }
      taken = batch;
      return batch;
    },
    rows(batch) {
      const rows: CallRows[] = [];
      for (const { whole, gathered } of batch) {
        if (whole !== undefined) rows.push(whole);
        if (gathered !== undefined) rows.push(rowsOf(gathered));
      }
      return rows;
    },
    done: () => release([]),
    putBack(batch) {
      release(batch);
      const later = waiting;
      waiting = new Map(batch.map((entry) => [entry.id, entry]));
      for (const [id, entry] of later) {
        const earlier = waiting.get(id);
        if (earlier === undefined) waiting.set(id, entry);
        else merge(earlier, entry);
      }
    },
  };
}

const gatheredIn = (entry: WaitingCall): Gathered =>
  (entry.gathered ??= {
    id: entry.id,
    opened: undefined,
    requestBody: undefined,
    attempts: [],
    settlement: undefined,
    settledAtMs: undefined,
    replyBody: undefined,
  });

/** What came of a call while its batch was under way. */
function merge(earlier: WaitingCall, later: WaitingCall): void {
  earlier.weight += later.weight;
  earlier.prices.push(...later.prices);
  earlier.whole ??= later.whole;
  const from = later.gathered;
  if (from === undefined) return;
  const into = gatheredIn(earlier);
  into.attempts.push(...from.attempts);
  if (into.opened === undefined) {
    into.opened = from.opened;
    into.requestBody = from.requestBody;
  }
  if (into.settlement !== undefined) return;
  into.settlement = from.settlement;
  into.settledAtMs = from.settledAtMs;
  into.replyBody = from.replyBody;
}

// The calls that wait to be written, oldest first, each once with all that is new of it.

import type { AttemptRecord } from "../core/usage/ledger.ts";
import type { BoundedBody } from "./bound-body.ts";
import type { QueuedBody, QueuedCall } from "./record-store.ts";

type Opened = NonNullable<QueuedCall["opened"]>;
type Settled = NonNullable<QueuedCall["settlement"]>;

/** A queued call while it still gathers. */
interface GatheringCall extends QueuedCall {
  opened: Opened | undefined;
  requestBody: QueuedBody | undefined;
  readonly attempts: AttemptRecord[];
  settlement: Settled | undefined;
  settledAtMs: number | undefined;
  replyBody: QueuedBody | undefined;
}

export interface WaitingCall {
  /** Counts up over all calls. */
  readonly sequence: number;
  readonly call: GatheringCall;
  /** Of its bodies. */
  weight: number;
}

export interface QueuedCalls {
  /** Those that wait and those that were taken and are not done. */
  readonly size: number;
  readonly lastSequence: number;
  /** Whether a call up to that one is not done yet. */
  holdsUpTo(sequence: number): boolean;
  open(opened: Opened, body: BoundedBody | undefined): void;
  attempt(attempt: AttemptRecord): void;
  settle(settlement: Settled, settledAtMs: number, body: BoundedBody | undefined): void;
  /** The oldest calls, to be written; to be given to `done` or `putBack` before the next are taken. */
  take(count: number): readonly WaitingCall[];
  done(): void;
  /** Puts a batch, or what is to be kept of it, before those that came after it. */
  putBack(batch: readonly WaitingCall[]): void;
}

/** @param bodiesMaxWeight of all queued bodies; further ones are left out and marked as cut */
export function createQueuedCalls(bodiesMaxWeight: number): QueuedCalls {
  let waiting = new Map<string, WaitingCall>();
  let taken: readonly WaitingCall[] = [];
  let lastSequence = 0;
  let weight = 0;

  function waitingFor(id: string): WaitingCall {
    const known = waiting.get(id);
    if (known !== undefined) return known;
    lastSequence += 1;
    const fresh: WaitingCall = { sequence: lastSequence, call: emptyCall(id), weight: 0 };
    waiting.set(id, fresh);
    return fresh;
  }

  function weighIn(entry: WaitingCall, body: BoundedBody | undefined): QueuedBody | undefined {
    if (body === undefined) return undefined;
    if (weight + body.weight > bodiesMaxWeight) return { value: undefined, cut: true };
    weight += body.weight;
    entry.weight += body.weight;
    return { value: body.value, cut: body.cut };
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
      if (entry.call.opened !== undefined) return;
      const kept = weighIn(entry, body);
      entry.call.requestBody = kept;
      // A copy only where it would hold more of the body than is kept: every call comes by here.
      const whole = kept?.value === opened.requestBody;
      entry.call.opened = whole ? opened : { ...opened, requestBody: undefined };
    },
    attempt(attempt) {
      waitingFor(attempt.callId).call.attempts.push(attempt);
    },
    settle(settlement, settledAtMs, body) {
      const entry = waitingFor(settlement.id);
      if (entry.call.settlement !== undefined) return;
      const kept = weighIn(entry, body);
      entry.call.replyBody = kept;
      const whole = kept?.value === settlement.replyBody;
      entry.call.settlement = whole ? settlement : { ...settlement, replyBody: undefined };
      entry.call.settledAtMs = settledAtMs;
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
        waiting.delete(entry.call.id);
        batch.push(entry);
      }
      taken = batch;
      return batch;
    },
    done: () => release([]),
    putBack(batch) {
      release(batch);
      const later = waiting;
      waiting = new Map(batch.map((entry) => [entry.call.id, entry]));
      for (const [id, entry] of later) {
        const earlier = waiting.get(id);
        if (earlier === undefined) waiting.set(id, entry);
        else merge(earlier, entry);
      }
    },
  };
}

const emptyCall = (id: string): GatheringCall => ({
  id,
  opened: undefined,
  requestBody: undefined,
  attempts: [],
  settlement: undefined,
  settledAtMs: undefined,
  replyBody: undefined,
});

function merge(earlier: WaitingCall, later: WaitingCall): void {
  const into = earlier.call;
  const from = later.call;
  earlier.weight += later.weight;
  into.attempts.push(...from.attempts);
  if (into.opened === undefined) {
    into.opened = from.opened;
    into.requestBody = from.requestBody;
  }
  if (into.settlement === undefined) {
    into.settlement = from.settlement;
    into.settledAtMs = from.settledAtMs;
    into.replyBody = from.replyBody;
  }
}

// Audit entries that wait to be written. Many of a kind become one with a count, so that whoever floods the gateway with
// bad keys fills neither its memory nor its database. The first of a kind is due at once, those that follow it within a
// minute are due together at the minute's end.

import { readableEntry, type UndatedEntry } from "./audit-entry.ts";
import { platformTrail } from "./audit.ts";

export interface DueEntry {
  readonly entry: UndatedEntry;
  /** Of the first of them. */
  readonly atMs: number;
  readonly count: number;
  /** It could not be written: it is due again, with those that have come since. */
  putBack(): void;
}

export interface PendingOptions {
  /** That are told apart; of what is beyond, each tenant has a count. */
  readonly maxKinds: number;
  /** Of one trail: who floods it leaves room to others. */
  readonly maxKindsOfTrail: number;
  readonly windowMs: number;
}

interface Now {
  /** For the entry. */
  readonly epochMs: number;
  readonly monotonicMs: number;
}

interface Pending {
  readonly entry: UndatedEntry;
  count: number;
  atMs: number;
  /** Of the minute that it is counted in. */
  startMs: number;
  isFirst: boolean;
}

export class PendingEntries {
  readonly #options: PendingOptions;
  readonly #pending = new Map<string, Pending>();
  /** How many of those are of a trail. */
  readonly #kinds = new Map<string, number>();
  /** Of the tenants that have more kinds than are told apart. */
  readonly #more = new Map<string, Pending>();

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  /** None waits, and no minute has begun. */
  get isEmpty(): boolean {
    return this.#pending.size === 0 && this.#more.size === 0;
  }

  add(entry: UndatedEntry, now: Now): void {
    const readable = readableEntry(entry);
    const key = kindOf(readable);
    const known = this.#pending.get(key);
    if (known !== undefined) return count(known, now);
    const kinds = this.#kinds.get(readable.tenantId) ?? 0;
    const { maxKinds, maxKindsOfTrail } = this.#options;
    if (this.#pending.size >= maxKinds || kinds >= maxKindsOfTrail) return this.#countMore(readable, now);
    this.#pending.set(key, newPending(readable, now));
    this.#kinds.set(readable.tenantId, kinds + 1);
  }

  /** What is to be written now; with `all`, also what may wait. */
  due({ monotonicMs }: Pick<Now, "monotonicMs">, all: boolean): readonly DueEntry[] {
    return [this.#pending, this.#more].flatMap((entries) =>
      [...entries].flatMap(([key, pending]) => {
        const isOver = monotonicMs - pending.startMs >= this.#options.windowMs;
        if (isOver && pending.count === 0) this.#forget(entries, key, pending);
        if (pending.count === 0 || !(all || isOver || pending.isFirst)) return [];
        return [taken(pending, isOver ? monotonicMs : pending.startMs)];
      }),
    );
  }

  #forget(entries: Map<string, Pending>, key: string, { entry: { tenantId } }: Pending): void {
    entries.delete(key);
    if (entries !== this.#pending) return;
    const kinds = (this.#kinds.get(tenantId) ?? 0) - 1;
    if (kinds > 0) this.#kinds.set(tenantId, kinds);
    else this.#kinds.delete(tenantId);
  }

  #countMore(entry: UndatedEntry, now: Now): void {
    const isFull = this.#more.size >= this.#options.maxKinds;
    const tenantId = isFull ? platformTrail : entry.tenantId;
    const known = this.#more.get(tenantId);
    if (known === undefined) this.#more.set(tenantId, newPending(moreOf(entry, tenantId), now));
    else count(known, now);
  }
}

const newPending = (entry: UndatedEntry, { epochMs, monotonicMs }: Now): Pending => ({
  entry,
  count: 1,
  atMs: epochMs,
  startMs: monotonicMs,
  isFirst: true,
});

function count(pending: Pending, { epochMs }: Now): void {
  if (pending.count === 0) pending.atMs = epochMs;
  pending.count += 1;
}

function taken(pending: Pending, nextStartMs: number): DueEntry {
  const { entry, atMs, count, isFirst, startMs } = pending;
  pending.count = 0;
  pending.startMs = nextStartMs;
  pending.isFirst = false;
  return {
    entry,
    atMs,
    count,
    putBack() {
      pending.count += count;
      pending.atMs = atMs;
      pending.startMs = startMs;
      pending.isFirst = isFirst;
    },
  };
}

/** Equal but for time, for what was seen and for the caller's own name of the request. */
const kindOf = ({ tenantId, kind, action, actor, target, origin }: UndatedEntry): string =>
  JSON.stringify([tenantId, kind, action, actor.type, actor.id, target?.type, target?.id, origin.address]);

const moreOf = ({ kind }: UndatedEntry, tenantId: string): UndatedEntry => ({
  tenantId,
  kind,
  action: "audit.more",
  actor: { type: "unknown", id: undefined },
  target: undefined,
  before: undefined,
  after: undefined,
  origin: {},
});

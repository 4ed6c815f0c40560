// One execution with a log of its events, for several readers: a run that duplicates and resumers join, a flight that
// equal calls share.

import { GatewayError } from "../errors.ts";
import { leaveUnread } from "../pulled-events.ts";
import type { Reply, ReplyMeta } from "../reply.ts";
import { createEventLog, type EventLog } from "./event-log.ts";
import { Seat } from "./seat.ts";

export interface ExecutionOptions<E extends object> {
  /** Of the log. */
  readonly maxBytes: number;
  readonly bytesOf: (event: E) => number;
  readonly isLast: (event: E) => boolean;
  /** The last reader has left before the end. */
  readonly abandoned: () => void;
  /** Once; with the error where it failed, before its first event or after. */
  readonly ended: (failure: { readonly error: unknown } | undefined) => void;
}

/** Why a log cannot be read from there: it is no longer kept, or not there yet. */
export type NotThere = "trimmed" | "future";

export class SharedExecution<E extends object> {
  readonly #options: ExecutionOptions<E>;
  readonly #seats = new Set<Seat<E>>();
  #meta: ReplyMeta | undefined;
  #log: EventLog<E> | undefined;
  #over = false;
  /** What it ended with before there were events. */
  #refusal: { readonly error: unknown } | undefined;

  constructor(options: ExecutionOptions<E>) {
    this.#options = options;
  }

  /** The reply resolves when something has committed to an answer. */
  begin(reply: Promise<Reply<E>>): void {
    reply.then(
      ({ meta, events }) => this.#open(meta, events),
      (error: unknown) => this.end(error),
    );
  }

  /** What was known when it committed; undefined until then. */
  get meta(): ReplyMeta | undefined {
    return this.#meta;
  }

  get log(): EventLog<E> | undefined {
    return this.#log;
  }

  get over(): boolean {
    return this.#over;
  }

  join(fromIndex = 0): Seat<E> | NotThere {
    const log = this.#log;
    if (log === undefined && fromIndex > 0) return "future";
    const read = log?.read(fromIndex);
    if (read !== undefined && read.type !== "events") return read.type;
    const seat: Seat<E> = new Seat(() => this.#leave(seat));
    this.#seats.add(seat);
    if (this.#refusal !== undefined) seat.endWith(this.#refusal.error);
    if (read !== undefined && this.#meta !== undefined) seat.give(read.events, this.#meta);
    return seat;
  }

  get readers(): number {
    return this.#seats.size;
  }

  /** Readers beside that one. */
  others(seat: Seat<E>): number {
    return this.#seats.has(seat) ? this.#seats.size - 1 : this.#seats.size;
  }

  /** Goes on although nobody reads, as far as the log has room. */
  keepGoing(): void {
    this.#log?.keepGoing();
  }

  /** Its own end, before that of its events: whoever reads has what has come, then the error. */
  end(error: unknown): void {
    if (this.#over) return;
    if (this.#log === undefined) {
      this.#over = true;
      this.#refusal = { error };
      for (const seat of this.#seats) seat.endWith(error);
      this.#options.ended({ error });
    } else {
      this.#log.end(error);
      void this.#log.closeSource();
    }
  }

  #open(meta: ReplyMeta, events: AsyncIterable<E>): void {
    if (this.#over) {
      // Whoever made the reply may not have heard of the end.
      void leaveUnread(events);
      return;
    }
    this.#meta = meta;
    const { maxBytes, bytesOf, isLast } = this.#options;
    const log = createEventLog({
      events,
      maxBytes,
      bytesOf,
      isLast,
      onOver: (outcome) => {
        this.#over = true;
        this.#options.ended(outcome.type === "failed" ? outcome : undefined);
      },
    });
    this.#log = log;
    for (const seat of this.#seats) {
      const read = log.read(0);
      if (read.type === "events") seat.give(read.events, meta);
    }
    if (this.#seats.size === 0) this.#options.abandoned();
  }

  #leave(seat: Seat<E>): void {
    this.#seats.delete(seat);
    if (this.#seats.size === 0 && !this.#over) this.#options.abandoned();
  }
}

export const nobodyReads = (): GatewayError =>
  new GatewayError({ code: "cancelled", message: "Every reader left before the answer was complete." });

// The events of one stream for several readers, each at its own pace: of a run with its duplicates and resumers, and
// of a flight with its followers.

import { GatewayError } from "../errors.ts";
import type { PulledEvents } from "../pulled-events.ts";
import { KeptEvents } from "./kept-events.ts";
import { LogReader, type ReadLog } from "./log-reader.ts";
import { type LogOutcome, LogSource } from "./log-source.ts";

export interface EventLogOptions<E extends object> {
  /** Asked no further than the fastest reader asks; see `keepGoing`. */
  readonly events: AsyncIterable<E>;
  /** What it holds, and one event more. */
  readonly maxBytes: number;
  /** More than 0. */
  readonly bytesOf: (event: E) => number;
  /** Whether nothing that comes after this event is part of the stream. Absent: it ends when its source does. */
  readonly isLast?: ((event: E) => boolean) | undefined;
  /** Called once, before a reader hears of it. */
  readonly onOver?: ((outcome: LogOutcome) => void) | undefined;
}

export type LogRead<E> =
  | { readonly type: "events"; readonly events: PulledEvents<E> }
  /** The log begins later by now. */
  | { readonly type: "trimmed"; readonly firstIndex: number }
  /** So much has not come yet. */
  | { readonly type: "future"; readonly nextIndex: number };

/**
 * Holds every event while they fit. Then it drops those that all of its readers have passed; where one of them still
 * needs the oldest, the source is not asked until that one has moved on or left.
 */
export interface EventLog<E extends object> {
  readonly firstIndex: number;
  /** Of the event that comes next. */
  readonly nextIndex: number;
  readonly bytes: number;
  readonly readers: number;
  /** Nothing more comes. */
  readonly ended: boolean;
  /** What it has ended with; undefined: as it should, or it has not. */
  readonly error: unknown;
  /** All events from that index on, then the end or the error. It counts as a reader until it has read that or is left. */
  read(fromIndex: number): LogRead<E>;
  /** From now on it asks by itself while what it holds fits. */
  keepGoing(): void;
  /** Its readers get what has come, then the error. The source is left to `closeSource`. */
  end(error: unknown): void;
  /** Leaves the source, and ends the log as cancelled where it has not ended. */
  closeSource(): Promise<void>;
  /** Undefined: it has dropped some. */
  eventsIfWhole(): readonly E[] | undefined;
}

export const createEventLog = <E extends object>(options: EventLogOptions<E>): EventLog<E> =>
  new Log(options);

class Log<E extends object> implements EventLog<E>, ReadLog<E> {
  readonly kept = new KeptEvents<E>();
  readonly #maxBytes: number;
  /** Let go when the log is over, with all that its owner remembers in them. */
  #owner: Omit<EventLogOptions<E>, "events" | "maxBytes"> | undefined;
  readonly #source: LogSource<E>;
  readonly #readers = new Set<LogReader<E>>();
  /** Readers that have read all and ask for more. */
  #waiting = 0;
  #outcome: LogOutcome | undefined;
  #keepsGoing = false;
  #hasNews = false;
  #running = false;
  /** One that was found to need the oldest event: while it does, no other is looked for. */
  #needsFirst: LogReader<E> | undefined;

  constructor({ events, bytesOf, maxBytes, isLast, onOver }: EventLogOptions<E>) {
    this.#maxBytes = maxBytes;
    this.#owner = { bytesOf, isLast, onOver };
    this.#source = new LogSource({
      events,
      came: (event) => this.#came(event),
      over: (outcome) => this.#isOver(outcome),
    });
  }

  get firstIndex(): number {
    return this.kept.firstIndex;
  }

  get nextIndex(): number {
    return this.kept.nextIndex;
  }

  get bytes(): number {
    return this.kept.bytes;
  }

  get readers(): number {
    return this.#readers.size;
  }

  get ended(): boolean {
    return this.#outcome !== undefined;
  }

  get error(): unknown {
    return this.#outcome?.type === "failed" ? this.#outcome.error : undefined;
  }

  read(fromIndex: number): LogRead<E> {
    const { firstIndex, nextIndex } = this.kept;
    if (fromIndex < firstIndex) return { type: "trimmed", firstIndex };
    if (!(fromIndex <= nextIndex)) return { type: "future", nextIndex };
    const reader = new LogReader(this, fromIndex);
    this.#readers.add(reader);
    return { type: "events", events: reader };
  }

  keepGoing(): void {
    this.#keepsGoing = true;
    this.#run();
  }

  end(error: unknown): void {
    this.#isOver({ type: "failed", error });
  }

  closeSource(): Promise<void> {
    if (this.#outcome === undefined) this.end(leftEarly());
    return this.#source.close();
  }

  eventsIfWhole(): readonly E[] | undefined {
    return this.kept.firstIndex === 0 ? this.kept.all() : undefined;
  }

  outcome(): LogOutcome | undefined {
    return this.#outcome;
  }

  waits(): void {
    this.#waiting += 1;
  }

  waitsNoMore(): void {
    this.#waiting -= 1;
  }

  asked(): void {
    this.#run();
  }

  gone(reader: LogReader<E>): void {
    this.#readers.delete(reader);
    if (reader === this.#needsFirst) this.#needsFirst = undefined;
    this.#run();
  }

  #came(event: E): void {
    const owner = this.#owner;
    if (owner === undefined) return;
    this.kept.add(event, owner.bytesOf(event));
    this.#hasNews = true;
    if (owner.isLast?.(event) === true) {
      // First: whoever hears that the source is left must find the log over.
      this.#isOver({ type: "ended" });
      void this.#source.close();
    }
    this.#run();
  }

  #isOver(outcome: LogOutcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    const owner = this.#owner;
    this.#owner = undefined;
    owner?.onOver?.(outcome);
    this.#hasNews = true;
    this.#run();
  }

  /** One loop, whatever the depth that it is called from: an event may come, and be read, as soon as it is asked for. */
  #run(): void {
    if (this.#running) return;
    this.#running = true;
    for (;;) {
      if (this.#hasNews) {
        this.#hasNews = false;
        for (const reader of this.#readers) reader.handOut();
      } else if (this.#wantsMore()) {
        this.#source.ask();
      } else {
        break;
      }
    }
    this.#running = false;
  }

  #wantsMore(): boolean {
    if (this.#outcome !== undefined || this.#source.isAsked) return false;
    return this.#waiting > 0 ? this.#makesRoom() : this.#keepsGoing && this.#hasRoom();
  }

  #hasRoom(): boolean {
    return this.kept.bytes < this.#maxBytes;
  }

  #makesRoom(): boolean {
    while (!this.#hasRoom() && this.kept.firstIndex < this.kept.nextIndex) {
      if (this.#isFirstNeeded()) return false;
      this.kept.dropFirst();
    }
    return true;
  }

  #isFirstNeeded(): boolean {
    const { firstIndex } = this.kept;
    if (this.#needsFirst !== undefined && this.#needsFirst.nextIndex <= firstIndex) return true;
    this.#needsFirst = undefined;
    for (const reader of this.#readers) {
      if (reader.nextIndex > firstIndex) continue;
      this.#needsFirst = reader;
      return true;
    }
    return false;
  }
}

const leftEarly = (): GatewayError =>
  new GatewayError({
    code: "cancelled",
    message: "The stream was ended before it was complete. Send the call again if it is still needed.",
  });

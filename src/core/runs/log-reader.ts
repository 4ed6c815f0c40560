// One of those who read a log, at a pace of its own.

import { type EventReader, over, PulledEvents } from "../pulled-events.ts";
import type { KeptEvents } from "./kept-events.ts";
import type { LogOutcome } from "./log-source.ts";

/** The log as its readers see it. */
export interface ReadLog<E extends object> {
  readonly kept: KeptEvents<E>;
  /** Undefined: more may come. */
  outcome(): LogOutcome | undefined;
  /** One more reader has nothing to read until more comes. */
  waits(): void;
  waitsNoMore(): void;
  /** A reader has asked: it may wait now, or have made room. */
  asked(): void;
  /** It holds nothing any more. */
  gone(reader: LogReader<E>): void;
}

export class LogReader<E extends object> extends PulledEvents<E> {
  readonly #log: ReadLog<E>;
  #nextIndex: number;
  #asking: EventReader<E> | undefined;
  #waits = false;
  #handing = false;
  #over = false;

  constructor(log: ReadLog<E>, fromIndex: number) {
    super();
    this.#log = log;
    this.#nextIndex = fromIndex;
  }

  /** It needs what the log holds from there on. */
  get nextIndex(): number {
    return this.#nextIndex;
  }

  pull(reader: EventReader<E>): void {
    this.#asking = reader;
    this.handOut();
    if (!this.#handing) this.#log.asked();
  }

  /** Gives whoever asks what there is. One loop, whatever the depth: it may ask again as soon as it is given one. */
  handOut(): void {
    if (this.#handing || this.#asking === undefined) return;
    this.#handing = true;
    this.#waitNoMore();
    while (this.#asking !== undefined && this.#handNext(this.#asking)) {
      // The next one.
    }
    this.#handing = false;
  }

  async return(): Promise<IteratorResult<E>> {
    if (this.#over) return over;
    this.#waitNoMore();
    this.#goes();
    const asking = this.#asking;
    this.#asking = undefined;
    asking?.end();
    return over;
  }

  /** False: it has to wait. */
  #handNext(reader: EventReader<E>): boolean {
    const event = this.#over ? undefined : this.#log.kept.at(this.#nextIndex);
    const outcome = this.#log.outcome();
    if (event === undefined && outcome === undefined && !this.#over) {
      this.#waits = true;
      this.#log.waits();
      return false;
    }
    this.#asking = undefined;
    if (event !== undefined) {
      this.#nextIndex += 1;
      reader.event(event);
      return true;
    }
    const failed = !this.#over && outcome?.type === "failed" ? outcome : undefined;
    this.#goes();
    if (failed === undefined) reader.end();
    else reader.fail(failed.error);
    return true;
  }

  #waitNoMore(): void {
    if (!this.#waits) return;
    this.#waits = false;
    this.#log.waitsNoMore();
  }

  #goes(): void {
    if (this.#over) return;
    this.#over = true;
    this.#log.gone(this);
  }
}

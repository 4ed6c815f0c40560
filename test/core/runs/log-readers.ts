// Those who read a log in tests, and what they were told.

import type { EventReader, PulledEvents } from "../../../src/core/pulled-events.ts";
import type { EventLog } from "../../../src/core/runs/event-log.ts";

export interface SizedEvent {
  readonly n: number;
  readonly size: number;
}

export type Told = { readonly type: "end" } | { readonly type: "fail"; readonly error: unknown };

/** Asks when a test says so, or again with each event. */
export class TestReader implements EventReader<SizedEvent> {
  readonly #events: PulledEvents<SizedEvent>;
  readonly seen: number[] = [];
  readonly told: Told[] = [];
  isAsking = false;
  isGreedy = false;
  hasLeft = false;
  onEvent: (() => void) | undefined;

  constructor(events: PulledEvents<SizedEvent>) {
    this.#events = events;
  }

  ask(): void {
    if (this.isAsking) return;
    this.isAsking = true;
    this.#events.pull(this);
  }

  askForAll(): this {
    this.isGreedy = true;
    this.ask();
    return this;
  }

  leave(): void {
    this.hasLeft = true;
    this.isGreedy = false;
    void this.#events.return();
  }

  event(event: SizedEvent): void {
    this.isAsking = false;
    this.seen.push(event.n);
    this.onEvent?.();
    if (this.isGreedy) this.ask();
  }

  end(): void {
    this.isAsking = false;
    this.told.push({ type: "end" });
  }

  fail(error: unknown): void {
    this.isAsking = false;
    this.told.push({ type: "fail", error });
  }
}

export function readFrom(log: EventLog<SizedEvent>, index: number): TestReader {
  const read = log.read(index);
  if (read.type !== "events") throw new Error(`The log cannot be read from ${index}: ${read.type}.`);
  return new TestReader(read.events);
}

export const numbersFrom = (first: number, end: number): number[] =>
  Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at);

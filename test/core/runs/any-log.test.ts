// Any sequence of what a source, readers and an owner do, against what a log promises.

import fc from "fast-check";
import { expect, it } from "vitest";
import { createEventLog, type EventLog } from "../../../src/core/runs/event-log.ts";
import type { LogOutcome } from "../../../src/core/runs/log-source.ts";
import { GivenEvents } from "./given-events.ts";
import { numbersFrom, type SizedEvent, TestReader } from "./log-readers.ts";

type Step =
  | { readonly type: "give"; readonly sizes: readonly number[] }
  | { readonly type: "join"; readonly back: number; readonly greedy: boolean; readonly leavesAfter: number }
  | { readonly type: "ask" | "askForAll" | "leave"; readonly reader: number }
  | { readonly type: "keepGoing" | "end" | "fail" | "ownerEnds" };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("give"),
      sizes: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 6 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("join"),
      back: fc.integer({ min: -2, max: 8 }),
      greedy: fc.boolean(),
      leavesAfter: fc.integer({ min: 1, max: 20 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constantFrom("ask", "ask", "askForAll", "leave"), reader: fc.nat(5) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom("keepGoing", "end", "fail", "ownerEnds") }) },
);

interface Joined {
  readonly reader: TestReader;
  readonly from: number;
}

const ownersError = new Error("ended by its owner");
const sourcesError = new Error("failed by itself");

class World {
  readonly #maxBytes: number;
  readonly #source = new GivenEvents<SizedEvent>();
  readonly #sizes: number[] = [];
  readonly #joined: Joined[] = [];
  readonly #outcomes: LogOutcome[] = [];
  readonly #log: EventLog<SizedEvent>;
  #given = 0;
  #keepsGoing = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#log = createEventLog<SizedEvent>({
      events: this.#source,
      maxBytes,
      bytesOf: ({ size }) => size,
      onOver: (outcome) => void this.#outcomes.push(outcome),
    });
  }

  do(step: Step): void {
    const at = "reader" in step ? this.#joined[step.reader]?.reader : undefined;
    switch (step.type) {
      case "give":
        for (const size of step.sizes) {
          this.#sizes.push(size);
          this.#source.give({ n: this.#given, size });
          this.#given += 1;
        }
        break;
      case "join":
        this.#join(this.#log.nextIndex - step.back, step);
        break;
      case "ask":
        at?.ask();
        break;
      case "askForAll":
        at?.askForAll();
        break;
      case "leave":
        at?.leave();
        break;
      case "keepGoing":
        this.#keepsGoing = true;
        this.#log.keepGoing();
        break;
      case "end":
        this.#source.end();
        break;
      case "fail":
        this.#source.end({ type: "failed", error: sourcesError });
        break;
      case "ownerEnds":
        this.#log.end(ownersError);
        break;
    }
  }

  #join(
    from: number,
    { greedy, leavesAfter }: { readonly greedy: boolean; readonly leavesAfter: number },
  ): void {
    const { firstIndex, nextIndex } = this.#log;
    const read = this.#log.read(from);
    if (from < firstIndex) expect(read).toEqual({ type: "trimmed", firstIndex });
    else if (from > nextIndex) expect(read).toEqual({ type: "future", nextIndex });
    if (read.type !== "events") return;
    expect(from).toBeGreaterThanOrEqual(firstIndex);
    expect(from).toBeLessThanOrEqual(nextIndex);
    const reader = new TestReader(read.events);
    reader.onEvent = () => {
      if (reader.seen.length === leavesAfter) reader.leave();
    };
    this.#joined.push({ reader, from });
    if (greedy) reader.askForAll();
  }

  /** What holds after every step. */
  check(): void {
    const log = this.#log;
    const { firstIndex, nextIndex, bytes, ended } = log;
    const held = this.#sizes.slice(firstIndex, nextIndex);
    expect(bytes).toBe(sum(held));
    expect(sum(held.slice(0, -1))).toBeLessThan(this.#maxBytes);
    // Nothing is dropped before it has to be.
    if (sum(this.#sizes.slice(0, nextIndex)) < this.#maxBytes) expect(firstIndex).toBe(0);
    const present = this.#joined.filter(({ reader }) => !reader.hasLeft && reader.told.length === 0);
    expect(log.readers).toBe(present.length);
    for (const { reader, from } of this.#joined) {
      expect(reader.seen).toEqual(numbersFrom(from, from + reader.seen.length));
    }
    for (const position of present.map(positionOf)) expect(position).toBeGreaterThanOrEqual(firstIndex);
    const waits = present.some((joined) => joined.reader.isAsking && positionOf(joined) === nextIndex);
    for (const joined of present) if (joined.reader.isAsking) expect(positionOf(joined)).toBe(nextIndex);
    const full = bytes >= this.#maxBytes;
    const blocked = full && present.some((joined) => positionOf(joined) === firstIndex);
    if (ended) expect(waits).toBe(false);
    else if (waits) expect(this.#source.isAsked).toBe(!blocked);
    else if (this.#keepsGoing && !full) expect(this.#source.isAsked).toBe(true);
    expect(this.#outcomes).toHaveLength(ended ? 1 : 0);
    if (log.eventsIfWhole() !== undefined) {
      expect(log.eventsIfWhole()?.map(({ n }) => n)).toEqual(numbersFrom(0, nextIndex));
    }
  }

  /** Everyone reads on: each comes to the same end, with all that there was. */
  finish(): void {
    this.#source.end();
    for (const { reader } of this.#joined) reader.onEvent = undefined;
    for (const { reader } of this.#joined) if (!reader.hasLeft) reader.askForAll();
    const staying = this.#joined.filter(({ reader }) => !reader.hasLeft);
    const [outcome] = this.#outcomes;
    if (staying.length > 0) expect(outcome).toBeDefined();
    for (const { reader, from } of staying) {
      expect(reader.seen).toEqual(numbersFrom(from, this.#log.nextIndex));
      expect(reader.told[0]).toEqual(
        outcome?.type === "failed" ? { type: "fail", error: outcome.error } : { type: "end" },
      );
    }
  }
}

const positionOf = ({ reader, from }: Joined): number => from + reader.seen.length;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

it("keeps every promise of a log, whatever is done with it", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (steps, maxBytes) => {
      const world = new World(maxBytes);
      for (const step of steps) {
        world.do(step);
        world.check();
      }
      world.finish();
    }),
    { numRuns: 1_000 },
  );
});

// How records are gathered and made into rows, whatever the order in which they come and batches succeed.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createQueuedCalls } from "../../src/db/queued-calls.ts";
import { type CallRows, createRowMaker, type NewOfCall } from "../../src/db/record-rows.ts";
import { attemptColumns, bodyColumns, settledColumns } from "../../src/db/record-columns.ts";
import { attemptOf, openedCall, settlementOf } from "./sample-records.ts";

const bodiesMaxChars = 10_000;

function start() {
  const makeRows = createRowMaker(1000);
  const made: string[] = [];
  let charsLeft = bodiesMaxChars;
  let news = 0;
  const queued = createQueuedCalls({
    rowsOf(call: NewOfCall, room) {
      made.push(call.id);
      const rows = makeRows(call, room);
      ({ charsLeft } = room);
      return rows;
    },
    bodiesMaxChars,
    onNews: () => (news += 1),
    onUnfit: (_id, error) => {
      throw error;
    },
  });
  return {
    queued,
    /** Ids of the calls of which rows were made, in order. */
    made,
    /** The room for bodies when rows were last made. */
    charsLeft: () => charsLeft,
    news: () => news,
  };
}

const column = (names: readonly string[], name: string, row: readonly unknown[] | undefined): unknown =>
  row?.[names.indexOf(name)];

/** What a database holds of calls whose batches came through. */
interface Written {
  opened: number;
  ends: unknown[];
  attempts: unknown[];
  requests: unknown[];
  replies: unknown[];
}

function write(written: Map<string, Written>, rows: CallRows): void {
  const call = written.get(rows.id) ?? { opened: 0, ends: [], attempts: [], requests: [], replies: [] };
  written.set(rows.id, call);
  if (rows.opened !== undefined) call.opened += 1;
  if (rows.settled !== undefined) call.ends.push(column(settledColumns, "model", rows.settled));
  call.attempts.push(...rows.attempts.map((row) => column(attemptColumns, "number", row)));
  for (const [name, texts] of [["request", call.requests] as const, ["reply", call.replies] as const]) {
    const text = column(bodyColumns, name, rows.bodies);
    if (typeof text === "string") texts.push(text);
  }
}

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ call: fc.nat(5), brings: fc.constantFrom("open", "attempt", "settle") }),
    },
    { weight: 1, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 2, arbitrary: fc.record({ ends: fc.constantFrom("done", "putBack") }) },
  ),
  { maxLength: 60 },
);

it("every record is written once, with its call's others, whatever fails in between", () => {
  const property = fc.property(steps, (list) => {
    const { queued, charsLeft } = start();
    const calls = Array.from({ length: 6 }, (_, i) => ({
      opened: openedCall(),
      reply: i % 2 === 0 ? { parts: [] } : undefined,
      begun: 0,
      attempts: 0,
      ends: 0,
    }));
    const written = new Map<string, Written>();
    let taken: ReturnType<typeof queued.take> | undefined;
    const finish = (ends: "done" | "putBack") => {
      if (taken === undefined) return;
      expect(new Set(taken.map(({ id }) => id)).size).toBe(taken.length);
      if (ends === "putBack") queued.putBack(taken);
      else {
        for (const { rows } of taken) if (rows !== undefined) write(written, rows);
        queued.done();
      }
      taken = undefined;
    };
    for (const step of list) {
      if ("take" in step) taken ??= queued.take(step.take);
      else if ("ends" in step) finish(step.ends);
      else {
        const call = calls[step.call];
        if (call === undefined) continue;
        // As every call does: it begins once, and first.
        if (step.brings === "open" || call.begun === 0) {
          if (call.begun === 0) queued.open(call.opened);
          call.begun = 1;
        } else if (step.brings === "attempt") {
          call.attempts += 1;
          queued.attempt(attemptOf(call.opened, { number: call.attempts }));
        } else if (call.ends === 0) {
          call.ends = 1;
          queued.settle(settlementOf(call.opened, { model: "first", replyBody: call.reply }));
          queued.settle(settlementOf(call.opened, { model: "second" }));
        }
      }
    }
    finish("putBack");
    while (queued.size > 0) {
      taken = queued.take(2);
      finish("done");
    }
    for (const { opened, reply, begun, attempts, ends } of calls) {
      const told = written.get(opened.id);
      expect(told?.opened ?? 0).toBe(begun);
      expect(told?.ends ?? []).toEqual(ends === 0 ? [] : ["first"]);
      expect(told?.attempts ?? []).toEqual(Array.from({ length: attempts }, (_, i) => i + 1));
      expect(told?.requests ?? []).toEqual(begun === 0 ? [] : [JSON.stringify(opened.requestBody)]);
      expect(told?.replies ?? []).toEqual(ends === 0 || reply === undefined ? [] : [JSON.stringify(reply)]);
    }
    // Nothing is queued any more, and so all of the room is free for the next.
    const last = openedCall({ requestBody: undefined });
    queued.open(last);
    queued.take(1);
    expect(charsLeft()).toBe(bodiesMaxChars);
  });
  fc.assert(property, { numRuns: 500 });
});

/** A short call from its beginning to its end. */
const bring = ({ queued }: ReturnType<typeof start>, outputChars = 10) => {
  const call = openedCall();
  queued.open(call);
  queued.attempt(attemptOf(call));
  queued.settle(settlementOf(call, { outputChars }));
};

describe("rows are made", () => {
  it("of many ended calls in one run, though nothing is taken", () => {
    const started = start();
    for (let i = 0; i < 33; i++) bring(started);
    expect(started.made).toEqual([]);
    bring(started);
    expect(started.made).toHaveLength(33);
  });

  it("of a long call at once", () => {
    const started = start();
    bring(started, 70_000);
    expect(started.made).toHaveLength(1);
  });

  it("of a call that still runs only when it is taken", () => {
    const started = start();
    for (let i = 0; i < 150; i++) started.queued.open(openedCall());
    expect(started.made).toEqual([]);
    started.queued.take(2);
    expect(started.made).toHaveLength(2);
  });
});

it("the writer hears of the first record of a run and of its end, and not of each", () => {
  const { queued, news } = start();
  for (let i = 0; i < 99; i++) queued.open(openedCall());
  expect(news()).toBe(1);
  queued.open(openedCall());
  expect(news()).toBe(2);
  queued.open(openedCall());
  expect(news()).toBe(3);
});

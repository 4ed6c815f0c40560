// Joins, leaves, steps of a provider and the clock, in any order.

import fc from "fast-check";
import { expect, it } from "vitest";
import { failing } from "../../support/chat-scripts.ts";
import type { Step } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import {
  gate,
  type Gate,
  heads,
  keyed,
  type Listener,
  numbersTo,
  resuming,
  startGateway,
  streaming,
  tails,
  wireOf,
  word,
} from "./running-gateway.ts";

const keys = ["a", "b"] as const;

const anyKey = fc.constantFrom(...keys);
const anyAct = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant("join" as const),
      key: anyKey,
      timeoutMs: fc.constantFrom(5_000, 600_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant("leave" as const), who: fc.nat(20), quietly: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ act: fc.constant("step" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant("resume" as const),
      who: fc.nat(20),
      after: fc.integer({ min: -1, max: 8 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant("wait" as const), ms: fc.constantFrom(1_000, 5_000, 30_000) }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constant("turn" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant("store" as const),
      what: fc.constantFrom("release", "finish", "claim"),
      fails: fc.boolean(),
    }),
  },
);

const anySchedule = fc.record({
  acts: fc.array(anyAct, { minLength: 5, maxLength: 40, size: "max" }),
  isResumable: fc.boolean(),
  breaks: fc.constantFrom<"never" | "before" | "after">("never", "before", "after"),
});

type Schedule = typeof anySchedule extends fc.Arbitrary<infer T> ? T : never;

class Scheduled {
  readonly readers: Listener[] = [];
  readonly left = new Set<Listener>();
  readonly resumed = new Map<Listener, number>();
  /** After how many turns each joined, and each run was settled. */
  readonly joined = new Map<Listener, number>();
  readonly settled = new Map<string, number>();
  #turns = 0;
  readonly #gates: Gate[] = [];
  readonly #isResumable: boolean;
  readonly running;

  constructor({ isResumable, breaks }: Schedule) {
    this.#isResumable = isResumable;
    const steps = (): Step[] => {
      const broken = failing("unavailable");
      const begin = breaks === "before" ? [broken] : [...heads, word("a ")];
      const end = breaks === "after" ? [broken] : [...tails];
      return [this.#gate(), ...begin, this.#gate(), word("b "), this.#gate(), ...end];
    };
    const scripts = Array.from({ length: 50 }, () => ({ steps: steps() }));
    this.running = startGateway(scripts, {
      kept: { endedMaxBytes: 20_000 },
      runLimits: { awayMs: 20_000 },
      // The clock is not to end attempts: calls alone.
      targetPolicies: { groq: { firstTokenMs: 3_600_000, betweenTokensMs: 3_600_000 } },
    });
  }

  #gate(): Step {
    const each = gate();
    this.#gates.push(each);
    return each.step;
  }

  async do(act: Schedule["acts"][number]): Promise<void> {
    await this.#do(act);
    const { readers, running } = this;
    for (const reader of readers) {
      if (!this.joined.has(reader)) this.joined.set(reader, this.#turns);
    }
    for (const { id } of running.ledger.settled) {
      if (!this.settled.has(id)) this.settled.set(id, this.#turns);
    }
  }

  async #do(act: Schedule["acts"][number]): Promise<void> {
    const { running, readers } = this;
    switch (act.act) {
      case "join": {
        const { key: idempotencyKey, timeoutMs } = act;
        readers.push(streaming(running, keyed({ idempotencyKey, timeoutMs, resumable: this.#isResumable })));
        return;
      }
      case "leave": {
        const reader = readers[act.who % readers.length];
        if (reader === undefined) return;
        this.left.add(reader);
        if (act.quietly) await reader.leave();
        else reader.goAway();
        return;
      }
      case "step":
        this.#gates.shift()?.open();
        return;
      case "resume": {
        const id = readers[act.who % readers.length]?.reply?.meta.requestId;
        if (id === undefined) return;
        const reader = resuming(running, id, act.after);
        this.resumed.set(reader, act.after);
        readers.push(reader);
        return;
      }
      case "wait":
        running.clock.advance(act.ms);
        return;
      case "turn":
        await turn();
        this.#turns += 1;
        return;
      case "store": {
        const what = act.what === "claim" || act.what === "finish" ? act.what : "release";
        if (act.fails) running.keys?.failing.add(what);
        else running.keys?.failing.delete(what);
      }
    }
  }

  async finish(): Promise<void> {
    this.running.keys?.failing.clear();
    for (const each of this.#gates) each.open();
    await turn();
    await turn();
  }
}

/** What those may be told who stay. */
function mayFail({ acts, breaks }: Schedule, isResumed: boolean): readonly string[] {
  const failing = new Set(acts.flatMap((act) => (act.act === "store" && act.fails ? [act.what] : [])));
  return [
    "deadline_exceeded",
    "cancelled",
    ...(isResumed ? ["not_found", "invalid_request"] : []),
    ...(failing.has("claim") || failing.has("release") || breaks === "after" ? ["unavailable"] : []),
    ...(breaks === "never" ? [] : ["all_providers_failed"]),
    // Nobody knows the answer of a run that is forgotten here and of which the store was not told.
    ...(failing.has("finish") ? ["conflict"] : []),
  ];
}

/** One that has joined runs out of time in the moment in which the call whose run it is loses its caller. */
const outOfTimeAsTheFirstGoes: Schedule = {
  acts: [
    { act: "join", key: "a", timeoutMs: 5_000 },
    { act: "join", key: "a", timeoutMs: 5_000 },
    { act: "resume", who: 0, after: 0 },
    { act: "leave", who: 0, quietly: false },
    { act: "wait", ms: 5_000 },
    { act: "step" },
  ],
  isResumable: false,
  breaks: "never",
};

it("a key's calls run once at a time, are settled once each, and give all who stay the same events", async () => {
  await fc.assert(
    fc.asyncProperty(anySchedule, async (schedule) => {
      const scheduled = new Scheduled(schedule);
      const { running, readers, left, resumed } = scheduled;
      for (const act of schedule.acts) await scheduled.do(act);
      await scheduled.finish();
      const byRun = Map.groupBy(readers, ({ reply }) => reply?.meta.requestId);
      for (const [id, ofRun] of byRun) {
        if (id === undefined) continue;
        /** Of the run, as its readers have seen it. */
        const seen = new Map(ofRun.flatMap(({ events }) => events.map((event) => [event.sequence, event])));
        for (const reader of ofRun) {
          const from = (resumed.get(reader) ?? -1) + 1;
          const { length } = reader.events;
          const expected = numbersTo(from + length, from).map((sequence) => seen.get(sequence));
          expect(wireOf(reader.events)).toBe(wireOf(expected.filter((event) => event !== undefined)));
          if (left.has(reader)) continue;
          expect(reader.ended).toBe(true);
          if (reader.error?.code === "deadline_exceeded") continue;
          expect(Math.max(-1, ...seen.keys())).toBeLessThan(from + length);
          const isWhole = reader.events.at(-1)?.type === "finished" || (from > 0 && length === 0);
          expect(isWhole || reader.error !== undefined).toBe(true);
        }
      }
      for (const reader of readers) {
        const { code } = reader.error ?? {};
        if (code === undefined || left.has(reader)) continue;
        expect(mayFail(schedule, resumed.has(reader)), `told ${code}`).toContain(code);
        if (code !== "cancelled") continue;
        // What others leave ends for nobody who stays: only who came later is told how it ended.
        const id = reader.reply?.meta.requestId ?? "none";
        const settledAfter = scheduled.settled.get(id) ?? Number.POSITIVE_INFINITY;
        expect(settledAfter).toBeLessThanOrEqual(scheduled.joined.get(reader) ?? 0);
      }
      await running.gateway.close();
      await turn();
      for (const reader of readers) expect(reader.ended).toBe(true);
      const settled = running.ledger.settled.map(({ id }) => id);
      expect(new Set(settled).size).toBe(settled.length);
      expect(settled.toSorted()).toEqual(running.ledger.opened.map(({ id }) => id).toSorted());
      // What has sent something is what its key gives from then on.
      for (const key of keys) {
        const calls = running.ledger.opened.filter(({ idempotencyKey }) => idempotencyKey === key);
        const sent = calls.filter(
          ({ id }) => byRun.has(id) || running.ledger.settled.some((s) => s.id === id && s.status === "ok"),
        );
        expect(sent.length).toBeLessThanOrEqual(1);
      }
      expect(running.provider.ended).toBe(running.provider.calls.length);
      expect(running.clock.pendingTimers).toBe(0);
    }),
    { numRuns: 300, examples: [[outOfTimeAsTheFirstGoes]] },
  );
});

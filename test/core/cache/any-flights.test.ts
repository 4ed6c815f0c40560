// Equal calls that come, read, leave and are late in any order, while their upstream answers, breaks or is silent.

import fc from "fast-check";
import { expect, it } from "vitest";
import type { GatewayError } from "../../../src/core/errors.ts";
import {
  delta,
  failing,
  finished,
  partFinished,
  started,
  textOf,
  textStarted,
  usage,
} from "../../support/chat-scripts.ts";
import { aborted, createScriptedProvider, type Step } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import { asked, cachingGateway, type CachingGateway, StreamReader } from "./caching-gateway.ts";
import { wholeText } from "./gated-answer.ts";

type Action =
  | { readonly type: "join"; readonly timeoutMs: number; readonly own: "nothing" | "key" | "resumable" }
  | { readonly type: "ask"; readonly timeoutMs: number }
  | { readonly type: "read" | "read all" | "abort" | "return"; readonly who: number }
  | { readonly type: "step" }
  | { readonly type: "pass"; readonly ms: number };

const timeoutMs = fc.integer({ min: 500, max: 5_000 });
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("join"),
      timeoutMs,
      own: fc.constantFrom("nothing", "nothing", "nothing", "key", "resumable"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("ask"), timeoutMs }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constantFrom("read", "read all", "abort", "return"),
      who: fc.nat({ max: 7 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ type: fc.constant("step") }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("pass"), ms: fc.integer({ min: 1, max: 2_000 }) }) },
);

interface Upstream {
  readonly steps: readonly Step[];
  step(): void;
}

/** Each step of an answer comes when the test says so; every third answer breaks off. */
function stepped(breaksOff: boolean): Upstream {
  let waiting: (() => void)[] = [];
  const gate = (signal: AbortSignal): Promise<unknown> =>
    Promise.race([new Promise<void>((resolve) => waiting.push(resolve)), aborted(signal)]);
  const end: readonly Step[] = breaksOff
    ? [failing("unavailable")]
    : [delta("three"), partFinished, usage(5, 3), finished];
  return {
    steps: [gate, started, textStarted, gate, delta("one "), gate, delta("two "), gate, ...end],
    step() {
      const released = waiting;
      waiting = [];
      for (const release of released) release();
    },
  };
}

interface Asking {
  readonly caller: AbortController;
  readonly settled: Promise<unknown>;
}

const costs = (all: readonly { readonly costNanos: bigint | null }[]): bigint =>
  all.reduce((sum, { costNanos }) => sum + (costNanos ?? 0n), 0n);

class Schedule {
  readonly upstreams = Array.from({ length: 60 }, (_, number) => stepped(number % 3 === 2));
  readonly provider = createScriptedProvider(...this.upstreams.map(({ steps }) => ({ steps })));
  readonly made: CachingGateway;
  readonly readers: StreamReader[] = [];
  readonly asking: Asking[] = [];
  readonly #logHoldsAll: boolean;
  #keys = 0;

  constructor(logHoldsAll: boolean) {
    this.#logHoldsAll = logHoldsAll;
    this.made = cachingGateway({
      providers: { first: this.provider },
      cache: { mode: "deterministic", ttlSeconds: 1 },
      ...(logHoldsAll ? {} : { answerMaxBytes: 300 }),
    });
  }

  async run(action: Action): Promise<void> {
    const { gateway, clock } = this.made;
    switch (action.type) {
      case "join": {
        const { timeoutMs, own } = action;
        const idempotencyKey = own === "key" ? `key-${++this.#keys}` : undefined;
        const options = { timeoutMs, idempotencyKey, resumable: own === "resumable" };
        this.readers.push(new StreamReader(gateway, asked, options));
        break;
      }
      case "ask": {
        const caller = new AbortController();
        const { timeoutMs } = action;
        const settled = gateway.chat(asked, { timeoutMs, signal: caller.signal }).then(
          ({ parts }) => expect(parts).toMatchObject([{ text: wholeText }]),
          (error: GatewayError) => error.code,
        );
        this.asking.push({ caller, settled });
        break;
      }
      case "read":
        void this.readers[action.who]?.read();
        break;
      case "read all":
        this.readers[action.who]?.readAll();
        break;
      case "abort":
        this.readers[action.who]?.caller.abort();
        this.asking[action.who]?.caller.abort();
        break;
      case "return":
        this.readers[action.who]?.leave();
        break;
      case "step":
        for (const upstream of this.upstreams) upstream.step();
        break;
      case "pass":
        clock.advance(action.ms);
    }
    await turn();
  }

  /** Equal calls have one at a time, unless it has outgrown its log. */
  expectOneUpstream(): void {
    if (!this.#logHoldsAll) return;
    const { calls, ended } = this.provider;
    const open = calls.filter(({ context }) => !context.signal.aborted).length;
    expect(open - ended).toBeLessThanOrEqual(1);
  }

  async end(): Promise<void> {
    for (const reader of this.readers) reader.readAll();
    for (let times = 0; times < 40; times += 1) await this.run({ type: "step" });
    // Whoever still waits, as one who has left and may resume.
    await this.made.gateway.close();
    const ends = Promise.all([
      ...this.readers.map(({ done }) => done),
      ...this.asking.map(({ settled }) => settled),
    ]);
    const hangs = turn()
      .then(turn)
      .then(() => Promise.reject(new Error("It hangs.")));
    await Promise.race([ends, hangs]);
  }

  expectEnd(): void {
    const { ledger, expectNothingHeld } = this.made;
    expectNothingHeld();
    expect(ledger.opened).toHaveLength(this.readers.length + this.asking.length);
    expect(costs(ledger.settled)).toBe(costs(ledger.attempts));
    const attempts = ledger.settled.reduce((sum, settlement) => sum + settlement.attempts, 0);
    expect(attempts).toBe(this.provider.calls.length);
    expect(ledger.attempts).toHaveLength(attempts);
    for (const { attempts: own, costNanos } of ledger.settled) if (own === 0) expect(costNanos).toBe(0n);
    for (const { events, error } of this.readers) {
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index));
      expect(wholeText.startsWith(textOf(events))).toBe(true);
      const isWhole = events.at(-1)?.type === "finished";
      if (isWhole) expect([textOf(events), error]).toEqual([wholeText, undefined]);
    }
  }
}

it("each settles once, what is paid is what upstreams took, and nothing is left behind", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyAction, { minLength: 3, maxLength: 40 }),
      fc.boolean(),
      async (actions, logHoldsAll) => {
        const schedule = new Schedule(logHoldsAll);
        for (const action of actions) {
          await schedule.run(action);
          schedule.expectOneUpstream();
        }
        await schedule.end();
        schedule.expectEnd();
      },
    ),
    { numRuns: 200, interruptAfterTimeLimit: 15_000 },
  );
});

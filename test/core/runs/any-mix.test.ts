// Equal calls with and without idempotency keys, resumable or not, that wait for places, limits and budgets, in any
// order, while their upstream answers, breaks or is silent, until the gateway closes in the middle.

import fc from "fast-check";
import { expect, it } from "vitest";
import type { Principal } from "../../../src/core/access/principal.ts";
import type { BudgetAccount, BudgetStore } from "../../../src/core/budgets/budget-store.ts";
import { createOpenCallsOfAccount } from "../../../src/core/budgets/open-calls-of-account.ts";
import type { CallOptions } from "../../../src/core/call.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { LimitStore, StreamPlace } from "../../../src/core/limits/limit-store.ts";
import { createOpenCalls } from "../../../src/core/open-calls.ts";
import { defaultKeptLimits, defaultRunLimits } from "../../../src/core/runs/run-settings.ts";
import { createMemoryBudgets } from "../../../src/stores/memory/budgets.ts";
import { createMemoryAnswers } from "../../../src/stores/memory/memory-answers.ts";
import { createMemoryLimits } from "../../../src/stores/memory/memory-limits.ts";
import { WrittenSpend } from "../../stores/written-spend.ts";
import {
  delta,
  failing,
  finished,
  partFinished,
  request,
  started,
  textStarted,
  usage,
} from "../../support/chat-scripts.ts";
import { limitedPrincipal } from "../../support/limited-principal.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createTestKeys } from "../../support/memory-keys.ts";
import { aborted, createScriptedProvider, type Step } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { turn } from "../../support/turn.ts";
import { Listener } from "./running-gateway.ts";

const anyJoin = fc.record({
  type: fc.constant("join" as const),
  key: fc.constantFrom(undefined, undefined, "a", "b"),
  isResumable: fc.boolean(),
  isCacheable: fc.constantFrom(true, true, false),
  isUnary: fc.constantFrom(true, false, false),
  timeoutMs: fc.constantFrom(700, 3_000, 60_000),
  /** An abort in the same turn. */
  leavesAtOnce: fc.constantFrom(false, false, false, true),
});
const who = fc.nat({ max: 9 });
const anyAction = fc.oneof(
  { weight: 5, arbitrary: anyJoin },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("leave" as const), who, isQuiet: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("resume" as const), who }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("step" as const) }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("turn" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("pass" as const), ms: fc.constantFrom(300, 1_000, 5_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("keys" as const),
      what: fc.constantFrom("answer", "slow claim", "slow release"),
    }),
  },
);
type Action = typeof anyAction extends fc.Arbitrary<infer T> ? T : never;

interface Mix {
  readonly actions: readonly Action[];
  readonly breaks: number;
  readonly storesAreSlow: boolean;
  readonly isTight: boolean;
}

const tokensPerMinute = 100_000_000;
const price = { version: "1", inputPicos: 2_000_000n, outputPicos: 10_000_000n };
const cached: ChatRequest = { ...request, sampling: { temperature: 0 } };
const uncached: ChatRequest = { ...request, sampling: { temperature: 1 } };
const reservedTokens = 1_000;

/** As a store on another machine answers. */
async function later<T>(work: () => T | Promise<T>): Promise<T> {
  await turn();
  return work();
}

class Mixed {
  readonly clock = createManualClock();
  readonly openCalls = createOpenCalls();
  readonly keys = createTestKeys(this.clock);
  readonly readers: Listener[] = [];
  readonly unary: { readonly caller: AbortController; readonly done: Promise<unknown> }[] = [];
  readonly provider;
  readonly made;
  readonly budgets: BudgetStore;
  readonly limits: LimitStore;
  readonly places = new Map<string, StreamPlace>();
  readonly accounts = new Map<string, BudgetAccount>();
  /** By bucket: what was taken and not given back. */
  readonly taken = new Map<string, number>();
  readonly principal: Principal;
  /** What the store of keys had been asked when the gateway let go of it. */
  askedAtRelease: number | undefined;
  #waiting: (() => void)[] = [];

  constructor({ breaks, storesAreSlow, isTight }: Mix) {
    const gate = (signal: AbortSignal): Promise<unknown> =>
      Promise.race([new Promise<void>((resolve) => this.#waiting.push(resolve)), aborted(signal)]);
    const broken = failing("unavailable");
    const scripts = Array.from({ length: 80 }, (_, number): { steps: readonly Step[] } => {
      const tail = number % 4 === breaks ? [broken] : [partFinished, usage(5, 3), finished];
      return {
        steps: [
          gate,
          ...(number % 5 === breaks ? [broken] : []),
          started,
          textStarted,
          delta("one "),
          gate,
          delta("two "),
          gate,
          ...tail,
        ],
      };
    });
    this.provider = createScriptedProvider(...scripts);
    const memory = createMemoryLimits({ clock: this.clock });
    const note = (takes: Parameters<LimitStore["correct"]>[0]): void => {
      for (const { bucket, cost } of takes)
        this.taken.set(bucket.key, (this.taken.get(bucket.key) ?? 0) + cost);
    };
    this.limits = memory;
    const limits: LimitStore = {
      ...memory,
      take(takes) {
        const decide = () => {
          const decision = memory.take(takes);
          if (decision.allowed) note(takes);
          return decision;
        };
        return storesAreSlow ? later(decide) : decide();
      },
      correct(takes) {
        note(takes);
        memory.correct(takes);
      },
      enter: (places, id) => {
        for (const place of places) this.places.set(place.key, place);
        return storesAreSlow ? later(() => memory.enter(places, id)) : memory.enter(places, id);
      },
    };
    this.budgets = createMemoryBudgets({
      spend: new WrittenSpend(),
      clock: this.clock,
      openCalls: createOpenCallsOfAccount(this.openCalls),
    });
    const budgetStore: BudgetStore = {
      ...this.budgets,
      reserve: (reservation) => {
        for (const { account } of reservation.holds) this.accounts.set(account.scope, account);
        return storesAreSlow
          ? later(() => this.budgets.reserve(reservation))
          : this.budgets.reserve(reservation);
      },
      settle: (settlement) => this.budgets.settle(settlement),
      standing: (account) => this.budgets.standing(account),
      problems: () => [],
      close: () => this.budgets.close(),
    };
    const limited = limitedPrincipal({
      tenant: { concurrentStreams: isTight ? 4 : 100 },
      key: { tokensPerMinute },
    });
    const { grants } = limited;
    this.principal = {
      ...limited,
      grants: grants && {
        ...grants,
        tenant: { ...grants.tenant, budget: { hardNanos: isTight ? 45_000_000n : 10n ** 15n } },
      },
    };
    this.made = createTestGateway({
      providers: { groq: this.provider },
      clock: this.clock,
      openCalls: this.openCalls,
      prices: { find: () => price },
      cache: { mode: "deterministic", ttlSeconds: 1 },
      answers: {
        cache: createMemoryAnswers({ maxEntries: 10, maxBytes: 1_000_000, clock: this.clock }),
        maxBytes: 100_000,
      },
      retries: 1,
      release: async () => {
        this.askedAtRelease = this.keys.asked.length;
      },
      limits: { store: limits, defaultOutputReserve: reservedTokens },
      budgetStore,
      overload: isTight ? { maxConcurrent: 3, queueMax: 2, maxWaitMs: 2_000 } : undefined,
      runs: {
        keys: this.keys,
        limits: { ...defaultRunLimits, awayMs: 4_000 },
        kept: { ...defaultKeptLimits, endedMaxBytes: 20_000 },
      },
    });
  }

  async do(action: Action): Promise<void> {
    const { gateway } = this.made;
    switch (action.type) {
      case "join": {
        const { key: idempotencyKey, isResumable: resumable, timeoutMs } = action;
        const asked = action.isCacheable ? cached : uncached;
        const options: Partial<CallOptions> = {
          principal: this.principal,
          idempotencyKey,
          resumable,
          timeoutMs,
        };
        if (action.isUnary) {
          const caller = new AbortController();
          const answered = gateway.chat(asked, { ...options, signal: caller.signal });
          this.unary.push({
            caller,
            done: answered.then(
              () => undefined,
              () => undefined,
            ),
          });
          if (action.leavesAtOnce) caller.abort();
          return;
        }
        const reader = new Listener();
        this.readers.push(reader);
        void reader.listen(gateway.stream(asked, { ...options, signal: reader.signal }));
        if (action.leavesAtOnce) reader.goAway();
        return;
      }
      case "leave": {
        const reader = this.readers[action.who];
        this.unary[action.who]?.caller.abort();
        if (action.isQuiet) await reader?.leave();
        else reader?.goAway();
        return;
      }
      case "resume": {
        const before = this.readers[action.who];
        const id = before?.reply?.meta.requestId;
        if (before === undefined || id === undefined) return;
        const reader = new Listener();
        this.readers.push(reader);
        const after = before.events.at(-1)?.sequence ?? -1;
        void reader.listen(gateway.resume(id, after, { principal: this.principal, signal: reader.signal }));
        return;
      }
      case "step":
        for (const go of this.#waiting.splice(0)) go();
        return;
      case "turn":
        return turn();
      case "pass":
        this.clock.advance(action.ms);
        return;
      case "keys":
        if (action.what === "answer") this.keys.answer();
        else this.keys.slow.add(action.what === "slow claim" ? "claim" : "release");
    }
  }

  async close(): Promise<void> {
    const closing = this.made.gateway.close();
    this.keys.answer();
    await turn();
    this.keys.answer();
    await turn();
    await turn();
    await Promise.race([
      closing,
      turn()
        .then(turn)
        .then(() => Promise.reject(new Error("It does not close."))),
    ]);
    await turn();
  }

  async expectNothingLeft(): Promise<void> {
    const { made, provider, readers, unary, openCalls, clock } = this;
    const { ledger, faults } = made;
    const over = Promise.all(unary.map(({ done }) => done));
    await Promise.race([
      over,
      turn()
        .then(turn)
        .then(() => Promise.reject(new Error("A unary call hangs."))),
    ]);
    expect(readers.filter(({ ended, reply }) => !ended && reply === undefined)).toEqual([]);
    expect(faults).toEqual([]);
    expect(this.keys.asked.length).toBe(this.askedAtRelease);
    for (const key of ["a", "b"]) expect(await this.standingOf(key), key).not.toBe("running");
    expect(openCalls.all()).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
    const settled = ledger.settled.map(({ id }) => id);
    expect(settled.toSorted()).toEqual(ledger.opened.map(({ id }) => id).toSorted());
    expect(new Set(settled).size).toBe(settled.length);
    const begun = ledger.attempts.filter(({ status }) => status !== "skipped");
    expect(begun.length).toBe(provider.calls.length);
    expect(provider.ended).toBe(provider.calls.length);
    for (const { id, costNanos, attempts } of ledger.settled) {
      const own = begun.filter(({ callId }) => callId === id);
      expect(own.length).toBe(attempts);
      const isKnown = own.every((attempt) => attempt.costNanos !== null);
      expect(costNanos).toBe(
        isKnown ? own.reduce((sum, attempt) => sum + (attempt.costNanos ?? 0n), 0n) : null,
      );
    }
    this.#expectPaid();
    await this.#expectBudgets();
    for (const place of this.places.values()) {
      expect(await this.limits.enter([{ ...place, limit: 1 }], "probe"), place.key).toBeUndefined();
    }
  }

  async standingOf(key: string): Promise<string> {
    const times = { createdAtMs: 0, expiresAtMs: Infinity };
    const claim = {
      tenantId: this.principal.tenantId,
      key,
      runId: "none",
      nodeId: "none",
      requestHash: "none",
    };
    return (await this.keys.claim({ ...claim, ...times })).state;
  }

  #expectPaid(): void {
    const { settled } = this.made.ledger;
    const used = settled.map(({ attempts, usage: told, costNanos }) => {
      if (attempts === 0 || (told === undefined && costNanos === 0n)) return 0;
      return told === undefined ? undefined : (told.input.total ?? 0) + (told.output.total ?? 0);
    });
    const unknown = used.filter((tokens) => tokens === undefined).length;
    const known = used.reduce((sum: number, tokens) => sum + (tokens ?? 0), 0);
    const key = [...this.taken.keys()].find((each) => each.startsWith("tpm"));
    const rest = (key === undefined ? 0 : (this.taken.get(key) ?? 0)) - known;
    if (unknown === 0) expect(rest).toBe(0);
    // What is not known stays reserved: as much for each of these equal calls.
    else expect([rest % unknown, rest / unknown > reservedTokens]).toEqual([0, true]);
  }

  async #expectBudgets(): Promise<void> {
    const paid = this.made.ledger.attempts.reduce((sum, { costNanos }) => sum + (costNanos ?? 0n), 0n);
    for (const account of this.accounts.values()) {
      expect(await this.budgets.standing(account)).toEqual({ spentNanos: paid, reservedNanos: 0n });
    }
  }
}

it("each call settles once and pays once, and nothing is left behind", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        actions: fc.array(anyAction, { minLength: 4, maxLength: 50, size: "max" }),
        breaks: fc.integer({ min: -1, max: 3 }),
        storesAreSlow: fc.boolean(),
        isTight: fc.boolean(),
        closesInTheMiddle: fc.boolean(),
      }),
      async ({ closesInTheMiddle, ...mix }) => {
        const mixed = new Mixed(mix);
        for (const action of mix.actions) await mixed.do(action);
        if (!closesInTheMiddle) {
          mixed.keys.answer();
          for (let times = 0; times < 25; times += 1) {
            await turn();
            await mixed.do({ type: "step" });
          }
        }
        await mixed.close();
        await mixed.expectNothingLeft();
      },
    ),
    {
      numRuns: Number(process.env["RUNS"] ?? 300),
      interruptAfterTimeLimit: Number(process.env["LIMIT"] ?? 12_000),
    },
  );
}, 30_000);

// What is spent is read while calls go on: each call is counted once, whenever it began, ended and was written.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OpenCallOfAccount, SoftLimitCrossed } from "../../../src/core/budgets/budget-store.ts";
import { createMemoryBudgets } from "../../../src/stores/memory/budgets.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { turn } from "../../support/turn.ts";
import { accountOf } from "../budget-contract.ts";
import { WrittenSpend } from "../written-spend.ts";

const step = fc.oneof(
  fc.constant({ type: "begin" as const }),
  fc.record({ type: fc.constant("attempt" as const), at: fc.nat(10), nanos: fc.nat(100) }),
  fc.record({ type: fc.constant("settle" as const), at: fc.nat(10), nanos: fc.nat(100) }),
  fc.record({ type: fc.constant("elsewhere" as const), nanos: fc.nat(100) }),
  fc.record({ type: fc.constant("pass" as const), ms: fc.constantFrom(1, 20, 60_000) }),
  fc.record({
    type: fc.constant("slow" as const),
    sees: fc.constantFrom("asked" as const, "answered" as const),
  }),
  fc.constant({ type: "answer" as const }),
);

/** No minute passes unless the records are asked for at its end. */
const ownStep = fc.oneof(
  fc.constant({ type: "begin" as const }),
  fc.record({ type: fc.constant("attempt" as const), at: fc.nat(10), nanos: fc.nat(100) }),
  fc.record({ type: fc.constant("settle" as const), at: fc.nat(10), nanos: fc.nat(100) }),
  fc.record({ type: fc.constant("pass" as const), ms: fc.constantFrom(1, 20) }),
  fc.record({
    type: fc.constant("slow" as const),
    sees: fc.constantFrom("asked" as const, "answered" as const),
  }),
  fc.constant({ type: "answer" as const }),
);

const nothingHeld = (): void => {};

interface OpenCall {
  readonly id: string;
  readonly createdAtMs: number;
  readonly holds: boolean;
  /** Before that it spends nothing. */
  mayPay: boolean;
  settled: boolean;
  paidNanos: bigint;
  readonly listeners: ((paidNanos: bigint) => void)[];
}

/** A process, its calls and its records; a call's attempts are written as they end. */
function processOn(spend: WrittenSpend) {
  const clock = createManualClock();
  const account = accountOf(clock);
  const open: OpenCall[] = [];
  const openCalls = (): readonly OpenCallOfAccount[] =>
    open.map(({ id, createdAtMs, listeners }) => ({
      id,
      createdAtMs,
      whenSettled: (listener) => void listeners.push(listener),
    }));
  const store = createMemoryBudgets({ spend, clock, openCalls, rereadMs: 60_000 });
  const holds = [{ account, hardNanos: 10n ** 12n }];
  let ids = 0;
  let settledNanos = 0n;
  const settleInStore = ({ id, createdAtMs }: OpenCall, paidNanos: bigint): void =>
    store.settle({ id, createdAtMs, holds, paidNanos });
  const pay = (call: OpenCall, nanos: bigint): void => {
    if (!call.mayPay) return;
    call.paidNanos += nanos;
    spend.write({ callId: call.id, account, createdAtMs: call.createdAtMs, nanos });
  };
  return {
    clock,
    account,
    store,
    open,
    pay,
    settledNanos: () => settledNanos,
    begin(reserves: boolean): void {
      const id = `own-${++ids}`;
      const createdAtMs = clock.epochMs();
      const call: OpenCall = {
        id,
        createdAtMs,
        holds: reserves,
        mayPay: !reserves,
        settled: false,
        paidNanos: 0n,
        listeners: [],
      };
      open.push(call);
      if (!reserves) return;
      const decided = store.reserve({ id, createdAtMs, holds, nanos: 5n, endsInMs: 60_000 });
      const mayBegin = (): void => {
        if (call.settled) settleInStore(call, 0n);
        else call.mayPay = true;
      };
      // Refused where the records do not answer in time.
      if (decided instanceof Promise) void decided.then(mayBegin, () => undefined);
      else mayBegin();
    },
    settle(call: OpenCall, nanos: bigint): void {
      pay(call, nanos);
      settledNanos += call.paidNanos;
      call.settled = true;
      if (call.holds) settleInStore(call, call.paidNanos);
      for (const listener of call.listeners) listener(call.paidNanos);
      open.splice(open.indexOf(call), 1);
    },
    /** Has the records read where it is time to. */
    async use(): Promise<void> {
      this.begin(true);
      await turn();
      const call = open.at(-1);
      if (call !== undefined) this.settle(call, 0n);
      await turn();
    },
    /** As a decision tells it, without a promise. */
    spentNow(): bigint | undefined {
      const asked = { id: `probe-${++ids}`, createdAtMs: clock.epochMs(), holds, nanos: 0n, endsInMs: 1 };
      const decided = store.reserve(asked);
      store.settle({ ...asked, paidNanos: 0n });
      return decided instanceof Promise ? undefined : decided.standings[0]?.spentNanos;
    },
  };
}

describe("reading what was spent while calls go on", () => {
  it("counts each call of this process once, and others' when the records are read again", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat(3), async (steps, unheld) => {
        const spend = new WrittenSpend();
        const own = processOn(spend);
        const { account, clock, open, store } = own;
        spend.write({ callId: "before", account, createdAtMs: clock.epochMs() - 1, nanos: 1_000n });
        // Of a time before the account had a budget.
        for (let i = 0; i < unheld; i += 1) own.begin(false);
        for (const call of open) own.pay(call, 7n);
        let release = nothingHeld;
        let elsewhere = 1_000n;
        for (const each of steps) {
          const call = "at" in each ? open[each.at % Math.max(1, open.length)] : undefined;
          if (each.type === "begin") own.begin(true);
          else if (each.type === "attempt" && call !== undefined) own.pay(call, BigInt(each.nanos));
          else if (each.type === "settle" && call !== undefined) own.settle(call, BigInt(each.nanos));
          else if (each.type === "elsewhere") {
            const nanos = BigInt(each.nanos);
            elsewhere += nanos;
            spend.write({ callId: "elsewhere", account, createdAtMs: clock.epochMs(), nanos });
          } else if (each.type === "pass") clock.advance(each.ms);
          else if (each.type === "slow") {
            release();
            release = spend.hold(each.sees);
          } else if (each.type === "answer") release();
          await turn();
        }
        release();
        await turn();
        clock.advance(60_001);
        await own.use();
        expect((await store.standing(account)).spentNanos).toBe(elsewhere + own.settledNanos());
        for (const call of open.slice()) own.settle(call, 3n);
        expect(await store.standing(account)).toEqual({
          spentNanos: elsewhere + own.settledNanos(),
          reservedNanos: 0n,
        });
        expect(clock.pendingTimers).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });

  it("never miscounts this process's own calls, however slowly the records answer", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(ownStep, { maxLength: 40 }), fc.nat(3), async (steps, unheld) => {
        const spend = new WrittenSpend();
        const own = processOn(spend);
        for (let i = 0; i < unheld; i += 1) own.begin(false);
        for (const call of own.open) own.pay(call, 7n);
        await own.use();
        let release = nothingHeld;
        for (const each of [...steps, { type: "answer" } as const]) {
          const call = "at" in each ? own.open[each.at % Math.max(1, own.open.length)] : undefined;
          if (each.type === "begin") own.begin(true);
          else if (each.type === "attempt" && call !== undefined) own.pay(call, BigInt(each.nanos));
          else if (each.type === "settle" && call !== undefined) own.settle(call, BigInt(each.nanos));
          else if (each.type === "pass") own.clock.advance(each.ms);
          else if (each.type === "slow") {
            release();
            release = spend.hold(each.sees);
            own.clock.advance(60_000);
            own.begin(true);
          } else if (each.type === "answer") {
            release();
            await turn();
            expect(own.spentNow()).toBe(own.settledNanos());
          }
          await turn();
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("accounts in memory", () => {
  it("need no promise once they are known", async () => {
    const clock = createManualClock();
    const store = createMemoryBudgets({ spend: new WrittenSpend(), clock });
    const holds = [{ account: accountOf(clock), hardNanos: 10n }];
    const reservation = { createdAtMs: clock.epochMs(), holds, nanos: 1n, endsInMs: 1 };
    const first = store.reserve({ ...reservation, id: "1" });
    expect(first).toBeInstanceOf(Promise);
    await first;
    expect(store.reserve({ ...reservation, id: "2" })).toMatchObject({ allowed: true });
  });

  it("are read once where nobody else writes, and again after the time where somebody does", async () => {
    for (const rereadMs of [undefined, 60_000]) {
      const spend = new WrittenSpend();
      const clock = createManualClock();
      const store = createMemoryBudgets({ spend, clock, rereadMs });
      const holds = [{ account: accountOf(clock), hardNanos: 10n }];
      const reserve = () =>
        store.reserve({
          id: `${clock.monotonicMs()}`,
          createdAtMs: clock.epochMs(),
          holds,
          nanos: 0n,
          endsInMs: 1,
        });
      await reserve();
      for (let i = 0; i < 240; i += 1) {
        clock.advance(1_000);
        await reserve();
        await turn();
      }
      expect(spend.questions).toHaveLength(rereadMs === undefined ? 1 : 5);
    }
  });

  it("that are read again are read once, whatever begins in the same millisecond", async () => {
    const spend = new WrittenSpend();
    const clock = createManualClock();
    const store = createMemoryBudgets({ spend, clock, rereadMs: 60_000 });
    const account = accountOf(clock);
    const holds = [{ account, hardNanos: 100n }];
    const reserve = (id: string) =>
      store.reserve({ id, createdAtMs: clock.epochMs(), holds, nanos: 1n, endsInMs: 1 });
    await reserve("first");
    clock.advance(60_000);
    const answer = spend.hold();
    await reserve("second");
    const createdAtMs = clock.epochMs();
    await reserve("third");
    spend.write({ callId: "third", account, createdAtMs, nanos: 5n });
    store.settle({ id: "third", createdAtMs, holds, paidNanos: 5n });
    answer();
    await turn();
    expect(spend.questions).toHaveLength(2);
    expect(await store.standing(account)).toEqual({ spentNanos: 5n, reservedNanos: 2n });
  });

  it("are forgotten after an hour without use, where nothing is reserved", async () => {
    const spend = new WrittenSpend();
    const clock = createManualClock();
    const store = createMemoryBudgets({ spend, clock });
    const [idle, held, other] = [accountOf(clock), accountOf(clock), accountOf(clock)];
    const reserve = (id: string, account: typeof idle) =>
      store.reserve({
        id,
        createdAtMs: clock.epochMs(),
        holds: [{ account, hardNanos: 9n }],
        nanos: 1n,
        endsInMs: 1,
      });
    await reserve("1", idle);
    await reserve("2", held);
    store.settle({ id: "1", createdAtMs: clock.epochMs(), holds: [], paidNanos: 1n });
    clock.advance(3_600_001);
    await reserve("3", other);
    expect(spend.questions).toHaveLength(3);
    expect(reserve("4", held)).toMatchObject({ standings: [{ reservedNanos: 2n }] });
    expect(reserve("5", idle)).toBeInstanceOf(Promise);
  });

  it("are forgotten sooner where they are many, so that they stay bounded", async () => {
    const clock = createManualClock();
    const store = createMemoryBudgets({ spend: { spentNanos: () => Promise.resolve(0n) }, clock });
    const first = accountOf(clock);
    const call = (id: string, account = first) => ({
      id,
      createdAtMs: clock.epochMs(),
      holds: [{ account, hardNanos: 9n }],
    });
    const reserve = (id: string, account = first) =>
      store.reserve({ ...call(id, account), nanos: 1n, endsInMs: 1 });
    const use = async (id: string, account = first): Promise<void> => {
      await reserve(id, account);
      store.settle({ ...call(id, account), paidNanos: 0n });
    };
    await use("first");
    await use("again");
    for (let i = 0; i < 90_000; i += 1) {
      clock.advance(1);
      await use(String(i), { ...first, id: String(i) });
    }
    expect(reserve("unused for long")).toBeInstanceOf(Promise);
  });

  it("of another zone are others, also where their months begin together", async () => {
    const spend = new WrittenSpend();
    const clock = createManualClock();
    const store = createMemoryBudgets({ spend, clock });
    const account = accountOf(clock);
    for (const toMs of [account.toMs, account.toMs + 3_600_000]) {
      const holds = [{ account: { ...account, toMs }, hardNanos: 9n }];
      await store.reserve({ id: String(toMs), createdAtMs: clock.epochMs(), holds, nanos: 1n, endsInMs: 1 });
    }
    expect(spend.questions).toHaveLength(2);
  });

  it("begin with all that is on record, what was written this very millisecond too", async () => {
    const spend = new WrittenSpend();
    const clock = createManualClock();
    const store = createMemoryBudgets({ spend, clock });
    const account = accountOf(clock);
    const createdAtMs = clock.epochMs();
    spend.write({ callId: "without a budget", account, createdAtMs, nanos: 5n });
    const holds = [{ account, hardNanos: 9n }];
    const decision = await store.reserve({ id: "1", createdAtMs, holds, nanos: 1n, endsInMs: 1 });
    expect(decision.standings).toEqual([{ spentNanos: 5n, reservedNanos: 1n }]);
  });

  it("lose nothing where the clock is put back", async () => {
    const spend = new WrittenSpend();
    const manual = createManualClock();
    let putBackMs = 0;
    const clock = { ...manual, epochMs: () => manual.epochMs() - putBackMs };
    const store = createMemoryBudgets({ spend, clock, rereadMs: 60_000 });
    const account = accountOf(clock);
    const holds = [{ account, hardNanos: 100n }];
    const reserve = (id: string) =>
      store.reserve({ id, createdAtMs: clock.epochMs(), holds, nanos: 0n, endsInMs: 1 });
    await reserve("1");
    const settled = { callId: "1", account, createdAtMs: clock.epochMs(), nanos: 5n };
    spend.write(settled);
    store.settle({ id: "1", createdAtMs: settled.createdAtMs, holds, paidNanos: 5n });
    putBackMs = 3_600_000;
    manual.advance(60_000);
    await reserve("2");
    await turn();
    expect(spend.questions.length).toBeGreaterThan(1);
    expect(await reserve("3")).toMatchObject({ standings: [{ spentNanos: 5n }] });
  });

  it("that no call has used for a minute are read again for a report", async () => {
    const spend = new WrittenSpend();
    const clock = createManualClock();
    const store = createMemoryBudgets({ spend, clock });
    const account = accountOf(clock);
    const createdAtMs = clock.epochMs();
    const holds = [{ account, hardNanos: 9n }];
    await store.reserve({ id: "1", createdAtMs, holds, nanos: 1n, endsInMs: 1 });
    store.settle({ id: "1", createdAtMs, holds, paidNanos: 0n });
    spend.write({ callId: "without a budget", account, createdAtMs, nanos: 5n });
    clock.advance(59_000);
    expect((await store.standing(account)).spentNanos).toBe(0n);
    clock.advance(1_000);
    expect((await store.standing(account)).spentNanos).toBe(5n);
  });

  it("that cannot be read again keep what is known, and operators hear of it", async () => {
    const spend = new WrittenSpend();
    const clock = createManualClock();
    const crossed: SoftLimitCrossed[] = [];
    const onSoftLimit = (each: SoftLimitCrossed) => void crossed.push(each);
    const store = createMemoryBudgets({ spend, clock, rereadMs: 60_000, onSoftLimit });
    const holds = [{ account: accountOf(clock), hardNanos: 10n }];
    const reserve = (id: string) =>
      store.reserve({ id, createdAtMs: clock.epochMs(), holds, nanos: 4n, endsInMs: 1 });
    await reserve("1");
    spend.failure = new Error("the database is down");
    clock.advance(60_000);
    expect(reserve("2")).toMatchObject({ allowed: true });
    await turn();
    expect(store.problems()).toHaveLength(1);
    expect(reserve("3")).toMatchObject({ allowed: false });
  });

  it("that are not answered for are unavailable after ten seconds", async () => {
    const spend = new WrittenSpend();
    const clock = createManualClock();
    const store = createMemoryBudgets({ spend, clock });
    spend.hold();
    const holds = [{ account: accountOf(clock), hardNanos: 10n }];
    const asked = store.reserve({ id: "1", createdAtMs: clock.epochMs(), holds, nanos: 4n, endsInMs: 1 });
    const outcome = Promise.resolve(asked).catch((error: unknown) => error);
    clock.advance(10_000);
    expect(await outcome).toMatchObject({ code: "unavailable", retryAfterMs: 1_000 });
    expect(clock.pendingTimers).toBe(0);
  });
});

// What several gateways on one Redis have to agree on, and what becomes of it when one of them or Redis is lost.

import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BudgetHold, BudgetStore } from "../../../src/core/budgets/budget-store.ts";
import { keyOf } from "../../../src/stores/redis/budgets-wire.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { accountOf } from "../budget-contract.ts";
import { type Paid, WrittenSpend } from "../written-spend.ts";
import { createBudgetNodes, type NodeOptions } from "./shared-budgets.ts";

const nodes = createBudgetNodes("all tests");

function join(spend: WrittenSpend, options: Partial<NodeOptions> = {}): BudgetStore {
  const node = nodes.begin({ spend, ...options });
  return node.store;
}

const minuteMs = 60_000;

function reserveIn(store: BudgetStore, holds: readonly BudgetHold[]) {
  return async (nanos: bigint, id: string = randomUUID(), endsInMs = minuteMs) =>
    store.reserve({ id, createdAtMs: Date.now(), holds, nanos, endsInMs });
}

describe("gateways that share budgets", () => {
  it("admit together exactly what a budget pays for", async () => {
    const spend = new WrittenSpend();
    const account = accountOf(systemClock);
    const holds = [{ account, hardNanos: 123n * 7n + 6n }];
    const reserves = [1, 2, 3].map(() => reserveIn(join(spend), holds));
    const decisions = await Promise.all(
      Array.from({ length: 501 }, (_, i) => reserves[i % 3]?.(7n) ?? Promise.reject(new Error("none"))),
    );
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(123);
    expect(spend.questions).toHaveLength(1);
  });

  it("settle each other's calls once", async () => {
    const spend = new WrittenSpend();
    const account = accountOf(systemClock);
    const holds = [{ account, hardNanos: 100n }];
    const [one, two] = [join(spend), join(spend)];
    await reserveIn(one, holds)(10n, "call");
    for (const store of [one, two, one]) {
      store.settle({ id: "call", createdAtMs: Date.now(), holds, paidNanos: 4n });
      expect(await store.standing(account)).toEqual({ spentNanos: 4n, reservedNanos: 0n });
    }
  });

  it("tell of a soft limit once", async () => {
    const spend = new WrittenSpend();
    const holds = [{ account: accountOf(systemClock), hardNanos: undefined, softNanos: 10n }];
    const crossed: string[] = [];
    const stores = ["one", "two"].map((name) => join(spend, { onSoftLimit: () => void crossed.push(name) }));
    for (let i = 0; i < 5; i += 1) for (const store of stores) await reserveIn(store, holds)(3n);
    expect(crossed).toEqual(["two"]);
  });

  it("free what one of them held that died, some time after its calls' deadlines", async () => {
    const spend = new WrittenSpend();
    const account = accountOf(systemClock);
    const holds = [{ account, hardNanos: 10n }];
    const dying = join(spend, { leaseAfterMs: 40 });
    await reserveIn(dying, holds)(10n, randomUUID(), 10);
    await reserveIn(dying, holds)(0n, randomUUID(), minuteMs);
    const other = join(spend);
    expect((await reserveIn(other, holds)(10n)).allowed).toBe(false);
    await expect.poll(async () => (await reserveIn(other, holds)(10n)).allowed).toBe(true);
    expect((await other.standing(account)).reservedNanos).toBe(10n);
  });

  it("wait for the one that reads the records", async () => {
    const spend = new WrittenSpend();
    const account = accountOf(systemClock);
    spend.write({ callId: "earlier", account, createdAtMs: Date.now() - 1_000, nanos: 95n });
    const holds = [{ account, hardNanos: 100n }];
    const release = spend.hold();
    const decisions = [1, 2].map(() => reserveIn(join(spend), holds)(5n));
    await expect.poll(() => spend.questions.length).toBe(1);
    release();
    const letIn = (await Promise.all(decisions)).filter(({ allowed }) => allowed);
    expect(letIn).toHaveLength(1);
    expect(spend.questions).toHaveLength(1);
  });

  it("do not heed one whose turn to read is over", async () => {
    const [late, other] = [new WrittenSpend(), new WrittenSpend()];
    const account = accountOf(systemClock);
    const holds = [{ account, hardNanos: 100n }];
    const earlier = { callId: "earlier", account, createdAtMs: Date.now() - 1_000 };
    late.write({ ...earlier, nanos: 1n });
    other.write({ ...earlier, nanos: 50n });
    const release = late.hold();
    const waiting = reserveIn(join(late), holds)(1n);
    await expect.poll(() => late.questions.length).toBe(1);
    // As it comes to pass after a quarter of a minute.
    await nodes.redis.run("DEL", `${keyOf(account)}:load`);
    expect((await reserveIn(join(other), holds)(1n)).standings[0]?.spentNanos).toBe(50n);
    release();
    expect((await waiting).standings).toEqual([{ spentNanos: 50n, reservedNanos: 2n }]);
  });

  it("read the records again after a while, one of them, and so find what was lost", async () => {
    const spend = new WrittenSpend();
    const account = accountOf(systemClock);
    const holds = [{ account, hardNanos: 1_000n }];
    const stores = [join(spend, { staleMs: 200 }), join(spend, { staleMs: 200 })];
    await Promise.all(stores.map((store) => reserveIn(store, holds)(1n)));
    spend.write({ callId: "of one that died", account, createdAtMs: Date.now() - minuteMs, nanos: 50n });
    await expect
      .poll(async () => {
        await Promise.all(stores.map((store) => reserveIn(store, holds)(0n)));
        return (await reserveIn(join(spend, { staleMs: minuteMs }), holds)(0n)).standings[0]?.spentNanos;
      })
      .toBe(50n);
    expect(spend.questions.length).toBeLessThan(5);
  });
});

interface OpenCall {
  readonly id: string;
  readonly createdAtMs: number;
  readonly store: BudgetStore;
  paidNanos: bigint;
}

describe("reading the records while calls go on", () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant("begin" as const), node: fc.nat(1) }),
    fc.record({ type: fc.constant("attempt" as const), at: fc.nat(10), nanos: fc.nat(100) }),
    fc.record({ type: fc.constant("settle" as const), at: fc.nat(10), nanos: fc.nat(100) }),
    fc.record({
      type: fc.constant("pass" as const),
      ms: fc.constantFrom(1, 20_000, 7 * minuteMs, 16 * minuteMs),
    }),
    fc.record({
      type: fc.constant("slow" as const),
      sees: fc.constantFrom("asked" as const, "answered" as const),
    }),
    fc.constant({ type: "look" as const }),
    fc.constant({ type: "read" as const }),
    fc.constant({ type: "write" as const }),
  );

  it("counts what Redis was told until the records say it, and then what they say", async () => {
    const spend = new WrittenSpend();
    // Ten seconds before a minute is over.
    let nowMs = Math.floor(Date.now() / minuteMs) * minuteMs - 10_000;
    const clock = { ...systemClock, epochMs: () => nowMs };
    const account = accountOf(clock);
    const holds = [{ account, hardNanos: 100n }];
    const store = join(spend, { clock, staleMs: 0 });
    const call = () => ({ id: randomUUID(), createdAtMs: nowMs, holds });
    await store.reserve({ ...call(), nanos: 0n, endsInMs: minuteMs });
    nowMs += 1;
    const late = call();
    await store.reserve({ ...late, nanos: 9n, endsInMs: minuteMs });
    store.settle({ ...late, paidNanos: 7n });
    nowMs += 20_000;
    expect((await store.standing(account)).spentNanos).toBe(7n);
    const { id: callId, createdAtMs } = late;
    spend.write({ callId, account, createdAtMs, nanos: 7n });
    expect((await store.standing(account)).spentNanos).toBe(7n);
    nowMs += 16 * minuteMs;
    expect((await store.standing(account)).spentNanos).toBe(7n);
    expect(spend.questions.at(-1)?.account.toMs).toBe(Math.floor(nowMs / minuteMs - 15) * minuteMs);
  });

  it("begins anew where a call comes in that was created before and is to be left out", async () => {
    const spend = new WrittenSpend();
    const account = accountOf(systemClock);
    const holds = [{ account, hardNanos: 100n }];
    const late = { id: randomUUID(), createdAtMs: Date.now(), holds };
    const store = join(spend);
    await reserveIn(store, holds)(1n);
    const release = spend.hold();
    const reading = join(spend, { staleMs: 0 }).standing(account);
    await expect.poll(() => spend.questions.length).toBe(2);
    await store.reserve({ ...late, nanos: 5n, endsInMs: minuteMs });
    spend.write({ callId: late.id, account, createdAtMs: late.createdAtMs, nanos: 4n });
    release();
    await reading;
    await expect.poll(() => store.standing(account)).toEqual({ spentNanos: 0n, reservedNanos: 6n });
    await expect.poll(() => spend.questions.at(-1)?.exceptCallIds.includes(late.id)).toBe(true);
    store.settle({ ...late, paidNanos: 4n });
    expect(await store.standing(account)).toEqual({ spentNanos: 4n, reservedNanos: 1n });
  });

  it("never counts a call twice, and loses none, although records are written later", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const spend = new WrittenSpend();
        let nowMs = Date.now();
        const clock = { ...systemClock, epochMs: () => nowMs };
        const account = accountOf(clock);
        spend.write({ callId: "earlier", account, createdAtMs: nowMs - minuteMs, nanos: 1_000n });
        const holds = [{ account, hardNanos: 10n ** 12n }];
        const open: OpenCall[] = [];
        // Due at once: whoever asks reads.
        const stores = [1, 2].map(() => join(spend, { staleMs: 0, clock }));
        const probe = join(spend, { staleMs: 60 * minuteMs, clock });
        let settledNanos = 0n;
        const unwritten: Paid[] = [];
        let release = nothingHeld;
        const write = (): void => spend.write(...unwritten.splice(0));
        const spentNow = async () => {
          // What was settled has arrived.
          await Promise.all(stores.map((store) => store.close()));
          const asked = { id: randomUUID(), createdAtMs: nowMs, holds, nanos: 0n, endsInMs: minuteMs };
          const { standings } = await probe.reserve(asked);
          probe.settle({ ...asked, paidNanos: 0n });
          return standings[0]?.spentNanos;
        };
        // Created before the records are read for the first time.
        for (const store of stores) open.push({ id: randomUUID(), createdAtMs: nowMs, store, paidNanos: 0n });
        await Promise.all(
          open.map(async ({ id, createdAtMs, store }) =>
            store.reserve({ id, createdAtMs, holds, nanos: 5n, endsInMs: 60 * minuteMs }),
          ),
        );
        nowMs += 1;
        const reading: Promise<unknown>[] = [];
        for (const each of steps) {
          const call = "at" in each ? open[each.at % Math.max(1, open.length)] : undefined;
          if (each.type === "begin") {
            const store = stores[each.node];
            if (store === undefined) continue;
            const begun = { id: randomUUID(), createdAtMs: nowMs, store, paidNanos: 0n };
            await store.reserve({ ...begun, holds, nanos: 5n, endsInMs: 60 * minuteMs });
            open.push(begun);
          } else if (each.type === "attempt" && call !== undefined) {
            const { id, createdAtMs } = call;
            const nanos = BigInt(each.nanos);
            call.paidNanos += nanos;
            spend.write({ callId: id, account, createdAtMs, nanos });
          } else if (each.type === "settle" && call !== undefined) {
            const { id, createdAtMs, store } = call;
            const nanos = BigInt(each.nanos);
            open.splice(open.indexOf(call), 1);
            unwritten.push({ callId: id, account, createdAtMs, nanos });
            // Until the records are read twice, which is never within a minute.
            if (nowMs - createdAtMs > 14 * minuteMs) write();
            settledNanos += call.paidNanos + nanos;
            store.settle({ id, createdAtMs, holds, paidNanos: call.paidNanos + nanos });
          } else if (each.type === "pass") {
            if (each.ms > minuteMs) write();
            nowMs += each.ms;
          } else if (each.type === "slow") {
            release();
            release = spend.hold(each.sees);
          } else if (each.type === "read") {
            release();
            await Promise.all(reading.splice(0));
            expect(await spentNow()).toBe(1_000n + settledNanos);
          } else if (each.type === "write") write();
          // Begins to read, and does not wait for it.
          if (each.type !== "look" && each.type !== "slow") continue;
          reading.push(...stores.map((store) => store.standing(account).catch(() => undefined)));
        }
        release();
        await Promise.all(reading);
        expect(await spentNow()).toBe(1_000n + settledNanos);
        for (const { id, createdAtMs, store, paidNanos } of open) {
          store.settle({ id, createdAtMs, holds, paidNanos });
        }
        await Promise.all(stores.map((store) => store.close()));
        expect((await probe.standing(account)).reservedNanos).toBe(0n);
        await nodes.end();
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

const nothingHeld = (): void => {};

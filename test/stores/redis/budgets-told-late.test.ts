// What a gateway and Redis say to each other around the moment in which Redis goes away or comes back: whatever of it is
// late, lost or said twice, each call is held once while it is under way, and not afterwards.

import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { BudgetDecision, BudgetHold } from "../../../src/core/budgets/budget-store.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { accountOf } from "../budget-contract.ts";
import { WrittenSpend } from "../written-spend.ts";
import { createBudgetNodes, type NodeOptions } from "./shared-budgets.ts";
import { createUnsteadyWay } from "./unsteady-way.ts";

const nodes = createBudgetNodes("all tests");

const lost = () => Promise.reject(new Error("No answer came."));

async function begin(options: Partial<NodeOptions> = {}) {
  const spend = new WrittenSpend();
  const account = accountOf(systemClock);
  const way = createUnsteadyWay();
  const node = nodes.begin({ spend, policy: "open", through: way.through, ...options });
  const observer = nodes.begin({ spend });
  const { store } = node;
  const holds: readonly BudgetHold[] = [{ account, hardNanos: 1_000n }];
  const reserve = async (nanos: bigint, id: string = randomUUID()) =>
    store.reserve({ id, createdAtMs: Date.now(), holds, nanos, endsInMs: 60_000 });
  const settle = (id: string, paidNanos: bigint) =>
    store.settle({ id, createdAtMs: Date.now(), holds, paidNanos });
  const standing = () => observer.store.standing(account);
  // The account is known on both sides.
  await reserve(0n);
  return { ...way, store, reserve, settle, standing, holds, observer: observer.store };
}

/** Scripts wait, each until it is let go. */
function createGate() {
  const waiting: (() => void)[] = [];
  return {
    waiting,
    pass: () =>
      new Promise<void>((resolve) => {
        waiting.push(resolve);
      }),
    open() {
      for (const resolve of waiting.splice(0)) resolve();
    },
  };
}

const isLetIn = async (decided: Promise<BudgetDecision>): Promise<boolean> =>
  decided.then(
    ({ allowed }) => allowed,
    () => false,
  );

describe("a reservation that a gateway holds alone", () => {
  it("is held once where Redis had done it without an answer, however often it is told", async () => {
    const { reserve, settle, standing, meanwhile, goAway, comeBack } = await begin();
    let unanswered = 0;
    meanwhile(async (run) => {
      await run();
      goAway();
      unanswered += 1;
      return lost();
    });
    expect((await reserve(30n, "call")).allowed).toBe(true);
    for (const tellings of [1, 2]) {
      comeBack();
      await expect.poll(() => unanswered).toBe(1 + tellings);
      await expect.poll(standing).toEqual({ spentNanos: 0n, reservedNanos: 30n });
    }
    meanwhile((run) => run());
    comeBack();
    await expect.poll(standing).toEqual({ spentNanos: 0n, reservedNanos: 30n });
    settle("call", 12n);
    await expect.poll(standing).toEqual({ spentNanos: 12n, reservedNanos: 0n });
  });

  it("is held once where Redis does later what it was asked before", async () => {
    const { reserve, settle, standing, meanwhile, goAway, comeBack } = await begin();
    const late: (() => Promise<unknown>)[] = [];
    meanwhile((run) => {
      late.push(run);
      goAway();
      return lost();
    });
    await reserve(30n, "open");
    comeBack();
    await expect.poll(() => late.length).toBe(2);
    await reserve(40n, "ended");
    meanwhile((run) => run());
    settle("ended", 7n);
    comeBack();
    await expect.poll(standing).toEqual({ spentNanos: 7n, reservedNanos: 30n });
    for (const run of late) await run();
    expect(await standing()).toEqual({ spentNanos: 7n, reservedNanos: 30n });
    settle("open", 5n);
    await expect.poll(standing).toEqual({ spentNanos: 12n, reservedNanos: 0n });
  });

  it("is added to what its call holds in Redis", async () => {
    const { reserve, settle, standing, goAway, comeBack } = await begin();
    await reserve(10n, "call");
    goAway();
    await reserve(20n, "call");
    await reserve(30n, "call");
    comeBack();
    await reserve(40n, "call");
    expect(await standing()).toEqual({ spentNanos: 0n, reservedNanos: 100n });
    settle("call", 60n);
    await expect.poll(standing).toEqual({ spentNanos: 60n, reservedNanos: 0n });
  });

  it("is held whatever others have reserved meanwhile: it is under way", async () => {
    const { reserve, standing, goAway, comeBack, observer, holds } = await begin();
    goAway();
    expect((await reserve(700n)).allowed).toBe(true);
    const asked = { id: "elsewhere", createdAtMs: Date.now(), holds, endsInMs: 60_000 };
    expect((await observer.reserve({ ...asked, nanos: 800n })).allowed).toBe(true);
    comeBack();
    await expect.poll(standing).toEqual({ spentNanos: 0n, reservedNanos: 1_500n });
    expect((await reserve(1n)).allowed).toBe(false);
  });

  it("counts once here, too, when Redis has been told and goes away again", async () => {
    const { reserve, standing, goAway, comeBack } = await begin();
    goAway();
    await reserve(600n);
    comeBack();
    await expect.poll(standing).toEqual({ spentNanos: 0n, reservedNanos: 600n });
    // Answered behind the other one.
    await reserve(0n);
    goAway();
    expect((await reserve(401n)).allowed).toBe(false);
    expect((await reserve(400n)).allowed).toBe(true);
  });

  it("does not stay where its call ends while Redis is told, whichever arrives first", async () => {
    const { reserve, settle, standing, meanwhile, goAway, comeBack } = await begin();
    for (const first of ["telling", "settlement"]) {
      goAway();
      await reserve(30n, first);
      const [told, settled] = [createGate(), createGate()];
      let gate = told;
      meanwhile((run) => gate.pass().then(run));
      comeBack();
      gate = settled;
      settle(first, 7n);
      meanwhile((run) => run());
      const order = first === "telling" ? [told, settled] : [settled, told];
      for (const each of order) {
        each.open();
        // Whoever asks next is served behind it.
        await reserve(0n);
      }
      expect((await standing()).reservedNanos).toBe(0n);
    }
    expect((await standing()).spentNanos).toBe(14n);
  });

  it("is told with hundreds of others, some at once, unless its call has ended by then", async () => {
    const { reserve, settle, standing, meanwhile, goAway, comeBack } = await begin();
    goAway();
    for (let i = 0; i < 250; i += 1) await reserve(1n, `call-${i}`);
    const gate = createGate();
    meanwhile((run) => gate.pass().then(run));
    comeBack();
    expect(gate.waiting).toHaveLength(100);
    meanwhile((run) => run());
    settle("call-249", 5n);
    gate.open();
    await expect.poll(standing).toEqual({ spentNanos: 5n, reservedNanos: 249n });
    for (let i = 0; i < 250; i += 1) settle(`call-${i}`, 2n);
    await expect.poll(standing).toEqual({ spentNanos: 5n + 249n * 2n, reservedNanos: 0n });
  });

  it("is held in an account that Redis has lost, unless its call has ended", async () => {
    const { reserve, settle, standing, meanwhile, goAway, comeBack } = await begin();
    goAway();
    for (let i = 0; i < 101; i += 1) await reserve(5n, `call-${i}`);
    await nodes.redis.run("FLUSHALL");
    const gate = createGate();
    let answered = 0;
    const counted = (run: () => Promise<unknown>) => run().finally(() => (answered += 1));
    meanwhile((run) => gate.pass().then(() => counted(run)));
    comeBack();
    expect(gate.waiting).toHaveLength(100);
    settle("call-100", 3n);
    meanwhile(counted);
    gate.open();
    await expect.poll(() => answered).toBe(101);
    goAway();
    // 3 are spent and 500 held.
    expect((await reserve(498n)).allowed).toBe(false);
    meanwhile((run) => run());
    comeBack();
    expect(await reserve(0n)).toMatchObject({ standings: [{ spentNanos: 0n, reservedNanos: 500n }] });
    expect((await standing()).reservedNanos).toBe(500n);
  });

  it("is told at once where Redis is back by the time that it is decided", async () => {
    const { reserve, standing, meanwhile } = await begin();
    let sent = 0;
    meanwhile((run) => {
      sent += 1;
      return sent === 1 ? lost() : run();
    });
    expect((await reserve(30n)).allowed).toBe(true);
    await expect.poll(standing).toEqual({ spentNanos: 0n, reservedNanos: 30n });
  });
});

describe.each(["closed", "open"] as const)(
  "a reservation without an answer that is then refused (%s)",
  (policy) => {
    // Half of what is left is its own part while it is alone.
    const options = { policy, nodes: 2 };

    it("is taken back, and only that one of its call", async () => {
      const { reserve, settle, standing, meanwhile, goAway, comeBack, store } = await begin(options);
      await reserve(10n, "call");
      meanwhile(async (run) => {
        await run();
        goAway();
        return lost();
      });
      expect(await isLetIn(reserve(600n, "call"))).toBe(false);
      expect((await standing()).reservedNanos).toBe(610n);
      meanwhile((run) => run());
      for (let i = 0; i < 2; i += 1) {
        comeBack();
        await store.close();
        expect(await standing()).toEqual({ spentNanos: 0n, reservedNanos: 10n });
      }
      expect(await isLetIn(reserve(20n, "call"))).toBe(true);
      expect((await standing()).reservedNanos).toBe(30n);
      settle("call", 4n);
      await expect.poll(standing).toEqual({ spentNanos: 4n, reservedNanos: 0n });
    });

    it("is taken back where it was all of its call, also where Redis does it later", async () => {
      const { reserve, standing, meanwhile, goAway, comeBack, store } = await begin(options);
      const late: (() => Promise<unknown>)[] = [];
      for (const isLate of [false, true]) {
        meanwhile(async (run) => {
          if (isLate) late.push(run);
          else await run();
          goAway();
          return lost();
        });
        expect(await isLetIn(reserve(600n))).toBe(false);
        meanwhile((run) => run());
        comeBack();
        await store.close();
        expect(await standing()).toEqual({ spentNanos: 0n, reservedNanos: 0n });
      }
      expect(late).toHaveLength(1);
      for (const run of late) await run();
      expect(await standing()).toEqual({ spentNanos: 0n, reservedNanos: 0n });
      expect(await isLetIn(reserve(600n))).toBe(true);
    });
  },
);

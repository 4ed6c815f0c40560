// Redis that freezes, or is lost with all that it held: what each gateway lets in meanwhile, and what stands afterwards.

import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { BudgetHold } from "../../../src/core/budgets/budget-store.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { accountOf } from "../budget-contract.ts";
import { WrittenSpend } from "../written-spend.ts";
import { createBudgetNodes, type NodeOptions, steadyClock } from "./shared-budgets.ts";

const nodes = createBudgetNodes("each test");

function begin(options: Partial<NodeOptions> = {}) {
  const spend = new WrittenSpend();
  const account = accountOf(systemClock);
  const node = nodes.begin({ spend, linkClock: steadyClock, policy: "open", ...options });
  const { store, told } = node;
  const holds: readonly BudgetHold[] = [{ account, hardNanos: 100n }];
  const reserve = async (nanos: bigint, id: string = randomUUID(), held = holds) =>
    store.reserve({ id, createdAtMs: Date.now(), holds: held, nanos, endsInMs: 60_000 });
  const settle = (id: string, paidNanos: bigint) =>
    store.settle({ id, createdAtMs: Date.now(), holds, paidNanos });
  const isBack = () => expect.poll(() => told.at(-1)).toMatch(/answers again/);
  return { ...node, spend, account, holds, reserve, settle, isBack, standing: () => store.standing(account) };
}

/** The first who asks waits for it; it is away from then on. */
async function freeze(reserve: (nanos: bigint) => Promise<unknown>): Promise<void> {
  nodes.redis.freeze();
  await Promise.allSettled([reserve(0n)]);
}

describe("while Redis is away", () => {
  it("a gateway spends its part of what was left, and tells what was paid when it is back", async () => {
    const { reserve, settle, standing, isBack, store, told } = begin({ nodes: 2 });
    await reserve(20n, "before");
    await freeze(reserve);
    expect(told).toHaveLength(1);
    // Of 80 that are left it has 40.
    expect(await reserve(41n)).toMatchObject({ allowed: false, refused: 0 });
    expect((await reserve(25n, "first")).allowed).toBe(true);
    expect((await reserve(15n, "second")).allowed).toBe(true);
    expect((await reserve(1n)).allowed).toBe(false);
    settle("first", 5n);
    expect((await reserve(21n)).allowed).toBe(false);
    expect((await reserve(20n, "third")).allowed).toBe(true);
    settle("before", 18n);
    expect(store.problems().join()).toMatch(/SLUICE_NODES=2/);
    nodes.redis.thaw();
    await isBack();
    expect(store.problems()).toEqual([]);
    await expect.poll(standing).toEqual({ spentNanos: 23n, reservedNanos: 35n });
    settle("second", 7n);
    settle("third", 0n);
    settle("second", 7n);
    expect(await standing()).toEqual({ spentNanos: 30n, reservedNanos: 0n });
  });

  it("what a gateway let in alone is held when it is back, for every gateway", async () => {
    const { reserve, settle, standing, isBack, spend, holds } = begin();
    await reserve(0n);
    await freeze(reserve);
    expect((await reserve(70n, "alone")).allowed).toBe(true);
    nodes.redis.thaw();
    await isBack();
    const other = nodes.begin({ spend });
    const asked = { id: "elsewhere", createdAtMs: Date.now(), holds, endsInMs: 60_000 };
    expect(await other.store.reserve({ ...asked, nanos: 31n })).toMatchObject({
      allowed: false,
      standings: [{ spentNanos: 0n, reservedNanos: 70n }],
    });
    expect((await reserve(31n)).allowed).toBe(false);
    expect((await reserve(30n, "shared")).allowed).toBe(true);
    settle("alone", 60n);
    settle("shared", 30n);
    await expect.poll(standing).toEqual({ spentNanos: 90n, reservedNanos: 0n });
  });

  it("one that had asked before it went away counts what came of it once", async () => {
    const { reserve, settle, standing, isBack } = begin();
    await reserve(0n, "known");
    nodes.redis.freeze();
    // Redis reads this when it wakes; by then it was decided here.
    const decision = await reserve(30n, "call");
    expect(decision.allowed).toBe(true);
    nodes.redis.thaw();
    await isBack();
    await expect.poll(async () => (await standing()).reservedNanos).toBe(30n);
    for (let i = 0; i < 2; i += 1) settle("call", 12n);
    settle("known", 0n);
    expect(await standing()).toEqual({ spentNanos: 12n, reservedNanos: 0n });
  });

  it("what a gateway spent alone is part of what it hears afterwards", async () => {
    const { reserve, settle, isBack, told, standing } = begin();
    await reserve(0n);
    await freeze(reserve);
    await reserve(60n, "call");
    nodes.redis.thaw();
    await isBack();
    settle("call", 60n);
    await expect.poll(async () => (await standing()).spentNanos).toBe(60n);
    await freeze(reserve);
    expect(told).toHaveLength(3);
    expect((await reserve(41n)).allowed).toBe(false);
    expect((await reserve(40n)).allowed).toBe(true);
  });

  it("a settlement that may have been heard is told again, and counted once", async () => {
    const { reserve, settle, isBack, standing, told } = begin();
    await reserve(0n);
    await freeze(reserve);
    await reserve(30n, "alone");
    nodes.redis.thaw();
    await isBack();
    await reserve(20n, "shared");
    nodes.redis.freeze();
    settle("alone", 12n);
    settle("shared", 8n);
    await expect.poll(() => told.length).toBe(3);
    nodes.redis.thaw();
    await isBack();
    await expect.poll(standing).toEqual({ spentNanos: 20n, reservedNanos: 0n });
  });

  it("a settlement that Redis does not take is told again when it does", async () => {
    const { reserve, settle, isBack, standing, told } = begin();
    await reserve(30n, "call");
    await nodes.redis.run("REPLICAOF", "127.0.0.1", "1");
    settle("call", 12n);
    await expect.poll(() => told.length).toBe(1);
    await nodes.redis.run("REPLICAOF", "NO", "ONE");
    await isBack();
    await expect.poll(standing).toEqual({ spentNanos: 12n, reservedNanos: 0n });
  });

  it("an account that Redis has told nothing of is read from the records", async () => {
    const { reserve, spend, account } = begin();
    await freeze(reserve);
    const other = { ...account, scope: "user", id: "u" } as const;
    const holds = [{ account: other, hardNanos: 100n }];
    spend.write({ callId: "earlier", account: other, createdAtMs: Date.now() - 1_000, nanos: 90n });
    expect(await reserve(11n, randomUUID(), holds)).toMatchObject({ allowed: false });
    expect(await reserve(10n, randomUUID(), holds)).toMatchObject({ allowed: true });
    spend.failure = new Error("the database is down");
    const unknown = [{ account: { ...other, id: "v" }, hardNanos: 100n }];
    await expect(reserve(1n, randomUUID(), unknown)).rejects.toMatchObject({ code: "unavailable" });
    const soft = [{ account: { ...other, id: "v" }, hardNanos: undefined, softNanos: 1n }];
    expect(await reserve(1n, randomUUID(), soft)).toMatchObject({ allowed: true });
  });

  it("a gateway that is told to refuse does so, but for what has no hard limit", async () => {
    const { reserve, settle, store, standing, isBack, holds } = begin({ policy: "closed" });
    await reserve(20n, "before");
    await freeze(reserve);
    await expect(reserve(1n)).rejects.toMatchObject({ code: "unavailable", retryAfterMs: 1_000 });
    const soft = holds.map(({ account }) => ({ account, hardNanos: undefined, softNanos: 1n }));
    expect((await reserve(1n, randomUUID(), soft)).allowed).toBe(true);
    expect(store.problems().join()).toMatch(/REDIS_FAILURE=closed/);
    settle("before", 11n);
    nodes.redis.thaw();
    await isBack();
    await expect.poll(standing).toEqual({ spentNanos: 11n, reservedNanos: 0n });
  });

  it("what it reserved for a call that was refused meanwhile is given back when it is back", async () => {
    const { reserve, standing, isBack } = begin({ policy: "closed" });
    await reserve(20n);
    nodes.redis.freeze();
    await expect(reserve(30n)).rejects.toMatchObject({ code: "unavailable" });
    nodes.redis.thaw();
    await isBack();
    await expect.poll(standing).toEqual({ spentNanos: 0n, reservedNanos: 20n });
    expect((await reserve(80n)).allowed).toBe(true);
  });

  it("costs a caller little time, and the next ones none", async () => {
    const { reserve } = begin();
    await reserve(1n);
    nodes.redis.freeze();
    const beganMs = performance.now();
    await reserve(1n);
    const firstMs = performance.now() - beganMs;
    for (let i = 0; i < 100; i += 1) await reserve(0n);
    const restMs = performance.now() - beganMs - firstMs;
    // What the connection waits for an answer here, and what else the machine has to do.
    expect(firstMs).toBeLessThan(2_000);
    expect(restMs).toBeLessThan(200);
  });

  it("reports tell what the records say", async () => {
    const { reserve, spend, account, standing } = begin();
    await freeze(reserve);
    spend.write({ callId: "earlier", account, createdAtMs: Date.now() - 1_000, nanos: 90n });
    expect(await standing()).toEqual({ spentNanos: 90n, reservedNanos: 0n });
  });
});

describe("a Redis that has lost everything", () => {
  it("is told what a gateway let in alone, before the records are read again", async () => {
    const { reserve, settle, spend, account, isBack, told, standing } = begin();
    await reserve(0n);
    await nodes.redis.kill();
    await expect.poll(() => told.length).toBe(1);
    expect((await reserve(60n, "alone")).allowed).toBe(true);
    spend.write({ callId: "earlier", account, createdAtMs: Date.now() - 10_000, nanos: 10n });
    await nodes.redis.start();
    await isBack();
    expect(await reserve(31n)).toMatchObject({
      allowed: false,
      standings: [{ spentNanos: 10n, reservedNanos: 60n }],
    });
    expect((await reserve(30n, "shared")).allowed).toBe(true);
    settle("alone", 50n);
    settle("shared", 0n);
    await expect.poll(standing).toEqual({ spentNanos: 60n, reservedNanos: 0n });
  });

  it("is told again what the records say; calls that were under way are in them when they are read again", async () => {
    const { reserve, settle, spend, account, standing, isBack, told } = begin({ staleMs: 300 });
    await reserve(20n, "one");
    await reserve(30n, "two");
    settle("one", 15n);
    spend.write({ callId: "one", account, createdAtMs: Date.now(), nanos: 15n });
    expect(await standing()).toEqual({ spentNanos: 15n, reservedNanos: 30n });
    await nodes.redis.kill();
    await expect.poll(() => told.length).toBe(1);
    await nodes.redis.start();
    await isBack();
    expect(await reserve(5n, "three")).toMatchObject({ standings: [{ spentNanos: 15n, reservedNanos: 5n }] });
    spend.write({ callId: "two", account, createdAtMs: Date.now() - 10_000, nanos: 25n });
    settle("two", 25n);
    settle("three", 1n);
    spend.write({ callId: "three", account, createdAtMs: Date.now(), nanos: 1n });
    await expect.poll(standing).toEqual({ spentNanos: 41n, reservedNanos: 0n });
  });
});

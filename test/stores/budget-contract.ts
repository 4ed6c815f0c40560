// What every store of budgets does, in memory and in Redis.

import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type {
  BudgetAccount,
  BudgetDecision,
  BudgetHold,
  BudgetReservation,
  BudgetStore,
  SoftLimitCrossed,
} from "../../src/core/budgets/budget-store.ts";
import type { Clock } from "../../src/core/clock.ts";
import { WrittenSpend } from "./written-spend.ts";

export interface StoreUnderTest {
  readonly store: BudgetStore;
  readonly clock: Clock;
  /** Lets what waits for time come to pass. */
  readonly later: () => void;
}

export interface BudgetPartsUnderTest {
  readonly spend: WrittenSpend;
  readonly onSoftLimit: (crossed: SoftLimitCrossed) => void;
}

export type CreateStore = (parts: BudgetPartsUnderTest) => StoreUnderTest;

const dayMs = 86_400_000;

/** Of the month around now; tenants of their own, since a Redis outlives a test. */
export const accountOf = (clock: Clock, changes: Partial<BudgetAccount> = {}): BudgetAccount => {
  const tenantId = changes.tenantId ?? `t-${randomUUID()}`;
  const nowMs = clock.epochMs();
  return {
    tenantId,
    scope: "tenant",
    id: tenantId,
    fromMs: nowMs - 10 * dayMs,
    toMs: nowMs + 20 * dayMs,
    ...changes,
  };
};

const sumOf = ({ spentNanos, reservedNanos }: { spentNanos: bigint; reservedNanos: bigint }): bigint =>
  spentNanos + reservedNanos;

export function budgetContract(create: CreateStore): void {
  function begin() {
    const spend = new WrittenSpend();
    const crossed: SoftLimitCrossed[] = [];
    const made = create({ spend, onSoftLimit: (each) => void crossed.push(each) });
    const { store, clock } = made;
    const account = accountOf(clock);
    const reservation = (
      nanos: bigint,
      holds: readonly BudgetHold[],
      id: string = randomUUID(),
    ): BudgetReservation => ({ id, createdAtMs: clock.epochMs(), holds, nanos, endsInMs: 60_000 });
    const reserve = async (
      nanos: bigint,
      holds: readonly BudgetHold[],
      id?: string,
    ): Promise<BudgetDecision & { readonly id: string }> => {
      const asked = reservation(nanos, holds, id);
      return { ...(await store.reserve(asked)), id: asked.id };
    };
    const settle = (id: string, holds: readonly BudgetHold[], paidNanos: bigint) =>
      store.settle({ id, createdAtMs: clock.epochMs(), holds, paidNanos });
    const hold = (hardNanos?: bigint, softNanos?: bigint): BudgetHold => ({ account, hardNanos, softNanos });
    return { ...made, spend, crossed, account, reserve, settle, hold };
  }

  describe("reserving", () => {
    it("admits exactly as many of 500 at once as the budget pays for", async () => {
      const { reserve, hold, store, account } = begin();
      const decisions = await Promise.all(
        Array.from({ length: 500 }, () => reserve(7n, [hold(7n * 123n + 6n)])),
      );
      expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(123);
      expect(await store.standing(account)).toEqual({ spentNanos: 0n, reservedNanos: 861n });
    });

    it("tells how the account stands with it, or, refused, without it", async () => {
      const { reserve, hold } = begin();
      expect(await reserve(60n, [hold(100n)])).toMatchObject({
        allowed: true,
        refused: undefined,
        standings: [{ spentNanos: 0n, reservedNanos: 60n }],
      });
      expect(await reserve(41n, [hold(100n)])).toMatchObject({
        allowed: false,
        refused: 0,
        standings: [{ spentNanos: 0n, reservedNanos: 60n }],
      });
      expect(await reserve(40n, [hold(100n)])).toMatchObject({ allowed: true });
    });

    it("takes from all accounts of a call or from none, and names the first that has not enough", async () => {
      const { reserve, clock, account, store } = begin();
      const { tenantId } = account;
      const key = accountOf(clock, { tenantId, scope: "api_key", id: randomUUID() });
      const user = accountOf(clock, { tenantId, scope: "user", id: randomUUID() });
      const holds = [
        { account, hardNanos: 100n },
        { account: key, hardNanos: 50n },
        { account: user, hardNanos: 40n },
      ];
      expect((await reserve(45n, holds)).refused).toBe(2);
      expect((await reserve(55n, holds)).refused).toBe(1);
      expect((await reserve(40n, holds)).allowed).toBe(true);
      for (const each of [account, key, user]) {
        expect(await store.standing(each)).toEqual({ spentNanos: 0n, reservedNanos: 40n });
      }
    });

    it("only counts where there is no hard limit", async () => {
      const { reserve, hold, store, account } = begin();
      for (let i = 0; i < 3; i += 1) expect((await reserve(10n ** 15n, [hold()])).allowed).toBe(true);
      expect((await store.standing(account)).reservedNanos).toBe(3n * 10n ** 15n);
    });

    it("lets nothing through a limit of nothing but what costs nothing", async () => {
      const { reserve, hold } = begin();
      expect((await reserve(1n, [hold(0n)])).allowed).toBe(false);
      expect((await reserve(0n, [hold(0n)])).allowed).toBe(true);
    });

    it("is exact for amounts that no double holds", async () => {
      const { reserve, settle, hold, store, account, spend, clock } = begin();
      const spent = 9_007_199_254_740_993n * 100n + 1n;
      spend.write({ callId: "earlier", account, createdAtMs: clock.epochMs() - 1_000, nanos: spent });
      const hard = spent + 10n ** 18n + 1n;
      const first = await reserve(10n ** 18n, [hold(hard)]);
      expect(first.allowed).toBe(true);
      expect((await reserve(2n, [hold(hard)])).allowed).toBe(false);
      expect((await reserve(1n, [hold(hard)])).allowed).toBe(true);
      settle(first.id, [hold(hard)], 10n ** 18n - 1n);
      expect(await store.standing(account)).toEqual({
        spentNanos: spent + 10n ** 18n - 1n,
        reservedNanos: 1n,
      });
    });

    it("is exact at whole dollars, and across them", async () => {
      const { reserve, settle, hold, store, account } = begin();
      const hard = 1_100_000_000n;
      const first = await reserve(600_000_000n, [hold(hard)]);
      expect((await reserve(600_000_000n, [hold(hard)])).allowed).toBe(false);
      const second = await reserve(400_000_000n, [hold(hard)]);
      expect(second.standings).toEqual([{ spentNanos: 0n, reservedNanos: 1_000_000_000n }]);
      settle(first.id, [hold(hard)], 999_999_999n);
      settle(second.id, [hold(hard)], 1n);
      expect((await reserve(100_000_001n, [hold(hard)])).allowed).toBe(false);
      expect((await reserve(100_000_000n, [hold(hard)])).allowed).toBe(true);
      expect(await store.standing(account)).toEqual({
        spentNanos: 1_000_000_000n,
        reservedNanos: 100_000_000n,
      });
    });

    it("keeps tenants, scopes and months apart", async () => {
      const { reserve, clock, account } = begin();
      const { tenantId, id, toMs } = account;
      const full = [{ account, hardNanos: 10n }];
      expect((await reserve(10n, full)).allowed).toBe(true);
      expect((await reserve(1n, full)).allowed).toBe(false);
      for (const other of [
        accountOf(clock),
        { ...account, scope: "user" } as const,
        { ...account, id: randomUUID(), scope: "api_key" } as const,
        { tenantId, id, scope: "tenant", fromMs: toMs, toMs: toMs + dayMs } as const,
      ]) {
        expect((await reserve(10n, [{ account: other, hardNanos: 10n }])).allowed).toBe(true);
      }
    });
  });

  describe("settling", () => {
    it("puts what was paid in the place of all that the call reserved, once", async () => {
      const { reserve, settle, hold, store, account } = begin();
      const holds = [hold(100n)];
      const { id } = await reserve(30n, holds);
      expect((await reserve(50n, holds, id)).standings).toEqual([{ spentNanos: 0n, reservedNanos: 80n }]);
      for (let i = 0; i < 3; i += 1) settle(id, holds, 25n);
      expect(await store.standing(account)).toEqual({ spentNanos: 25n, reservedNanos: 0n });
    });

    it("changes nothing for a call that has reserved nothing", async () => {
      const { reserve, settle, hold, store, account } = begin();
      await reserve(1n, [hold(100n)]);
      const { id } = await reserve(100n, [hold(100n)]);
      settle(id, [hold(100n)], 5n);
      settle("unheard-of", [hold(100n)], 5n);
      expect(await store.standing(account)).toEqual({ spentNanos: 0n, reservedNanos: 1n });
    });

    it("counts what was paid beyond the limit, and refuses until there is room again", async () => {
      const { reserve, settle, hold, store, account } = begin();
      const { id } = await reserve(10n, [hold(10n)]);
      settle(id, [hold(10n)], 15n);
      expect((await reserve(0n, [hold(10n)])).allowed).toBe(false);
      expect((await reserve(5n, [hold(20n)])).allowed).toBe(true);
      expect(await store.standing(account)).toEqual({ spentNanos: 15n, reservedNanos: 5n });
    });

    it("leaves nothing reserved and the sum of what was paid, whatever the order, and never more than the limit", async () => {
      await fc.assert(
        fc.asyncProperty(schedule, async ({ hards, steps }) => {
          const { reserve, settle, store, clock, account: tenant } = begin();
          const key = accountOf(clock, { tenantId: tenant.tenantId, scope: "api_key", id: randomUUID() });
          const holds = [
            { account: tenant, hardNanos: BigInt(hards[0]) },
            { account: key, hardNanos: BigInt(hards[1]) },
          ];
          const open = new Map<string, bigint>();
          let paid = 0n;
          for (const step of steps) {
            if (step.type === "reserve") {
              const [, again] = [...open.keys()];
              const decision = await reserve(BigInt(step.nanos), holds, step.again ? again : undefined);
              const fits = decision.standings.map((standing, i) =>
                decision.allowed ? sumOf(standing) <= (holds[i]?.hardNanos ?? 0n) : true,
              );
              expect(fits).toEqual([true, true]);
              if (decision.allowed) open.set(decision.id, (open.get(decision.id) ?? 0n) + BigInt(step.nanos));
            } else {
              const [id] = [...open.keys()].slice(step.at % Math.max(1, open.size));
              if (id === undefined) continue;
              const reserved = open.get(id) ?? 0n;
              open.delete(id);
              const pays = (reserved * BigInt(step.percent)) / 100n;
              paid += pays;
              settle(id, holds, pays);
            }
            const reservedNanos = [...open.values()].reduce((sum, nanos) => sum + nanos, 0n);
            expect(await store.standing(tenant)).toEqual({ spentNanos: paid, reservedNanos });
          }
          for (const id of open.keys()) settle(id, holds, 0n);
          for (const each of [tenant, key]) {
            expect(await store.standing(each)).toEqual({ spentNanos: paid, reservedNanos: 0n });
          }
        }),
        { numRuns: 40 },
      );
    });
  });

  describe("what was spent before", () => {
    it("is read from the records when an account is first used, once for all who wait for it", async () => {
      const { reserve, hold, spend, account, clock } = begin();
      spend.write({ callId: "earlier", account, createdAtMs: clock.epochMs() - 5_000, nanos: 90n });
      spend.write({ callId: "last month", account, createdAtMs: account.fromMs - 1, nanos: 1_000n });
      const decisions = await Promise.all(Array.from({ length: 20 }, () => reserve(1n, [hold(100n)])));
      expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(10);
      expect(spend.questions).toHaveLength(1);
    });

    it("is asked for by a report of an account that no call uses", async () => {
      const { spend, account, clock, store } = begin();
      spend.write({ callId: "earlier", account, createdAtMs: clock.epochMs() - 5_000, nanos: 90n });
      expect(await store.standing(account)).toEqual({ spentNanos: 90n, reservedNanos: 0n });
      spend.write({ callId: "later", account, createdAtMs: clock.epochMs() - 4_000, nanos: 5n });
      expect(await store.standing(account)).toEqual({ spentNanos: 95n, reservedNanos: 0n });
    });

    it("that cannot be read lets nobody in below a hard limit, and is tried again", async () => {
      const { reserve, hold, spend, store, account, later } = begin();
      spend.failure = new Error("the database is down");
      await expect(reserve(1n, [hold(100n)])).rejects.toMatchObject({ code: "unavailable" });
      await expect(store.standing(account)).rejects.toMatchObject({ code: "unavailable" });
      expect(await reserve(1n, [hold(undefined, 5n)])).toMatchObject({ allowed: true });
      expect(store.problems().join()).toContain("cannot be read");
      spend.failure = undefined;
      await expect
        .poll(async () => {
          later();
          return (await reserve(1n, [hold(100n)])).allowed;
        })
        .toBe(true);
      expect(store.problems()).toEqual([]);
    });
  });

  describe("a soft limit", () => {
    it("is told of when it is crossed, once, and again when it was raised", async () => {
      const { reserve, settle, hold, crossed, account } = begin();
      const first = await reserve(10n, [hold(undefined, 10n)]);
      expect(crossed).toEqual([]);
      await reserve(1n, [hold(undefined, 10n)]);
      const standing = { spentNanos: 0n, reservedNanos: 11n };
      await expect.poll(() => crossed).toEqual([{ account, softNanos: 10n, standing }]);
      settle(first.id, [hold(undefined, 10n)], 0n);
      await reserve(20n, [hold(undefined, 10n)]);
      expect(crossed).toHaveLength(1);
      await reserve(0n, [hold(undefined, 30n)]);
      await reserve(10n, [hold(undefined, 30n)]);
      await expect.poll(() => crossed.map(({ softNanos }) => softNanos)).toEqual([10n, 30n]);
    });

    it("is told of too when a call costs more than it had reserved", async () => {
      const { reserve, settle, hold, crossed, account } = begin();
      const { id } = await reserve(10n, [hold(undefined, 10n)]);
      settle(id, [hold(undefined, 10n)], 11n);
      const standing = { spentNanos: 11n, reservedNanos: 0n };
      await expect.poll(() => crossed).toEqual([{ account, softNanos: 10n, standing }]);
    });

    it("is not crossed by who is refused, nor by who begins above it", async () => {
      const { reserve, hold, crossed, spend, account, clock } = begin();
      await reserve(11n, [hold(10n, 5n)]);
      expect(crossed).toEqual([]);
      spend.write({ callId: "earlier", account, createdAtMs: clock.epochMs() - 5_000, nanos: 50n });
      const other = accountOf(clock);
      spend.write({ callId: "earlier", account: other, createdAtMs: clock.epochMs() - 5_000, nanos: 50n });
      await reserve(1n, [{ account: other, hardNanos: undefined, softNanos: 10n }]);
      expect(crossed).toEqual([]);
    });
  });
}

const schedule = fc.record({
  hards: fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200 })),
  steps: fc.array(
    fc.oneof(
      fc.record({
        type: fc.constant("reserve" as const),
        nanos: fc.integer({ min: 0, max: 60 }),
        again: fc.boolean(),
      }),
      fc.record({
        type: fc.constant("settle" as const),
        at: fc.nat(20),
        percent: fc.integer({ min: 0, max: 100 }),
      }),
    ),
    { maxLength: 25 },
  ),
});

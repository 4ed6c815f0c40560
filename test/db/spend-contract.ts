// What was spent, as every database tells it.

import fc from "fast-check";
import { expect, it } from "vitest";
import type { BudgetAccount } from "../../src/core/budgets/budget-store.ts";
import type { Database } from "../../src/db/database.ts";
import { attemptOf, idAt, newId, openedCall, settlementOf } from "./sample-records.ts";

const monthFromMs = Date.UTC(2026, 2, 1);
const monthToMs = Date.UTC(2026, 3, 1);

interface SpendingCall {
  readonly atMs: number;
  readonly tenant: 0 | 1;
  /** The other one acted for it. */
  readonly isActing: boolean;
  readonly apiKeyId: string | undefined;
  readonly userId: string | undefined;
  readonly costs: readonly (bigint | null)[];
  readonly isSettled: boolean;
  readonly isLeftOut: boolean;
}

// Most at the edges of the month, where faults would be.
const times = fc.oneof(
  fc.integer({ min: monthFromMs, max: monthToMs - 1 }),
  fc.constantFrom(monthFromMs - 1, monthFromMs, monthFromMs + 1, monthToMs - 1, monthToMs, monthToMs + 1),
);
const costs = fc.oneof(
  fc.constant(null),
  fc.bigInt({ min: 0n, max: 1_000_000_000n }),
  // Two of these are more than 64 bits hold.
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
);
const calls = fc.array(
  fc.record<SpendingCall>({
    atMs: times,
    tenant: fc.constantFrom(0, 1),
    isActing: fc.boolean(),
    apiKeyId: fc.constantFrom("key_1", "key_2", "o'neil \\ ? \"%_", undefined),
    userId: fc.constantFrom("key_1", "日本😀", undefined),
    costs: fc.array(costs, { maxLength: 4 }),
    isSettled: fc.boolean(),
    isLeftOut: fc.boolean(),
  }),
  { maxLength: 12 },
);

export function spendIsExact(database: () => Database): void {
  it("is the sum over the attempts of the account's calls of that time, but for those left out", async () => {
    const property = fc.asyncProperty(calls, async (made) => {
      const spending = made.map(withOwnIds);
      const tenants = [`spend-${newId()}`, `spend-${newId()}`] as const;
      const ids = spending.map((call) => write(database(), call, tenants));
      const leftOut = ids.filter((_, index) => spending[index]?.isLeftOut);
      for (const tenant of [0, 1] as const) {
        for (const { scope, id } of accountsOf(spending, tenants, tenant)) {
          const account = { tenantId: tenants[tenant], scope, id, fromMs: monthFromMs, toMs: monthToMs };
          const own = spending.filter((call) => payerOf(call, scope) === tenant && isOf(call, account));
          const { spend } = database();
          expect(await spend.spentNanos(account, [])).toBe(sumOf(own));
          expect(await spend.spentNanos(account, [...leftOut, newId(), "no id"])).toBe(
            sumOf(own.filter(({ isLeftOut }) => !isLeftOut)),
          );
        }
      }
    });
    await fc.assert(property, { numRuns: 15 });
  });

  it("counts a call in the month in which it began, from its first millisecond to its last", async () => {
    const tenantId = `spend-${newId()}`;
    const tenants = [tenantId, "other"] as const;
    const edges = [monthFromMs - 1, monthFromMs, monthToMs - 1, monthToMs];
    for (const [index, atMs] of edges.entries()) {
      const bare = { apiKeyId: "k", userId: "u", isSettled: true, isLeftOut: false, tenant: 0 } as const;
      write(database(), { ...bare, isActing: false, atMs, costs: [10n ** BigInt(index)] }, tenants);
    }
    for (const [scope, id] of [
      ["tenant", tenantId],
      ["api_key", "k"],
      ["user", "u"],
    ] as const) {
      const of = (fromMs: number, toMs: number) =>
        database().spend.spentNanos({ tenantId, scope, id, fromMs, toMs }, []);
      expect(await of(monthFromMs, monthToMs)).toBe(110n);
      expect(await of(monthFromMs - 1, monthToMs + 1)).toBe(1111n);
      expect(await of(monthToMs, Date.UTC(2026, 4, 1))).toBe(1000n);
      expect(await of(monthFromMs, monthFromMs)).toBe(0n);
      expect(await of(0, monthFromMs)).toBe(1n);
    }
  });

  it("knows what was taken a moment ago, and what came of a call that goes on", async () => {
    const tenantId = `spend-${newId()}`;
    const { ledger, spend } = database();
    const call = openedCall({ tenantId });
    const account = {
      tenantId,
      scope: "tenant",
      id: tenantId,
      fromMs: 0,
      toMs: call.createdAtMs + 1,
    } as const;
    ledger.open(call);
    expect(await spend.spentNanos(account, [])).toBe(0n);
    ledger.attempt(attemptOf(call, { costNanos: 3n }));
    expect(await spend.spentNanos(account, [])).toBe(3n);
    ledger.attempt(attemptOf(call, { number: 2, costNanos: 4n }));
    ledger.settle(settlementOf(call));
    expect(await spend.spentNanos(account, [])).toBe(7n);
    expect(await spend.spentNanos(account, [call.id])).toBe(0n);
  });
}

/** No two tenants have a key or a user of the same id. */
function withOwnIds(call: SpendingCall): SpendingCall {
  const ownId = (id: string | undefined) => (id && call.isActing ? `${id} from ${1 - call.tenant}` : id);
  return { ...call, apiKeyId: ownId(call.apiKeyId), userId: ownId(call.userId) };
}

/** A key and a user pay at home, whomever they act for. */
const payerOf = ({ tenant, isActing }: SpendingCall, scope: BudgetAccount["scope"]): number =>
  isActing && scope !== "tenant" ? 1 - tenant : tenant;

function write({ ledger }: Database, call: SpendingCall, tenants: readonly [string, string]): string {
  const { atMs, tenant, isActing, apiKeyId, userId, isSettled } = call;
  const opened = openedCall({
    id: idAt(atMs),
    createdAtMs: atMs,
    tenantId: tenants[tenant],
    actingFrom: isActing ? tenants[tenant === 0 ? 1 : 0] : undefined,
    apiKeyId,
    userId,
  });
  ledger.open(opened);
  for (const [index, costNanos] of call.costs.entries()) {
    ledger.attempt(attemptOf(opened, { number: index + 1, costNanos }));
  }
  // What its record says of the whole is not asked: here it is something else.
  if (isSettled) ledger.settle(settlementOf(opened, { costNanos: 1n }));
  return opened.id;
}

function accountsOf(spending: readonly SpendingCall[], tenants: readonly [string, string], tenant: 0 | 1) {
  const ofOwn = spending.filter((call) => !call.isActing || payerOf(call, "user") === tenant);
  const keys = new Set(ofOwn.flatMap(({ apiKeyId }) => apiKeyId ?? []));
  const users = new Set(ofOwn.flatMap(({ userId }) => userId ?? []));
  return [
    { scope: "tenant" as const, id: tenants[tenant] },
    ...[...keys].map((id) => ({ scope: "api_key" as const, id })),
    ...[...users].map((id) => ({ scope: "user" as const, id })),
  ];
}

function isOf(call: SpendingCall, { scope, id, fromMs, toMs }: BudgetAccount): boolean {
  const owner = { tenant: id, api_key: call.apiKeyId, user: call.userId }[scope];
  return owner === id && call.atMs >= fromMs && call.atMs < toMs;
}

const sumOf = (spending: readonly SpendingCall[]): bigint =>
  spending.flatMap((call) => call.costs).reduce<bigint>((sum, cost) => sum + (cost ?? 0n), 0n);

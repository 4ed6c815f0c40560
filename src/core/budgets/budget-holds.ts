// The accounts that a call is counted in: those of its tenant, its key and its user that have a budget.

import type { Budget, Grants } from "../access/grants.ts";
import type { Principal } from "../access/principal.ts";
import type { BudgetAccount, BudgetHold } from "./budget-store.ts";
import { type BudgetMonth, type BudgetMonths, isIn } from "./budget-months.ts";

/** Undefined: nothing is held for the call. The tenant's first, then the key's, then the user's. */
export type BudgetHolds = (principal: Principal, createdAtMs: number) => readonly BudgetHold[] | undefined;

interface MonthsHolds extends BudgetMonth {
  readonly holds: readonly BudgetHold[] | undefined;
}

/** Whoever authenticates gives the same grants for many calls: their accounts are put together once a month. */
export function createBudgetHolds(months: BudgetMonths): BudgetHolds {
  const latest = new WeakMap<Grants, MonthsHolds>();
  return ({ grants, tenantId }, createdAtMs) => {
    // Who acts for another tenant is on that one's records: it is no spend of the own one.
    if (grants === undefined || grants.tenant.id !== tenantId) return undefined;
    const known = latest.get(grants);
    if (known !== undefined && isIn(known, createdAtMs)) return known.holds;
    if (!hasBudget(grants)) {
      latest.set(grants, { fromMs: -Infinity, toMs: Infinity, holds: undefined });
      return undefined;
    }
    const { tenant, home = tenant } = grants;
    const month = months(tenant.timeZone, createdAtMs);
    const homeMonth = months(home.timeZone, createdAtMs);
    const holds = holdsIn(grants, { month, homeMonth });
    const fromMs = Math.max(month.fromMs, homeMonth.fromMs);
    latest.set(grants, { fromMs, toMs: Math.min(month.toMs, homeMonth.toMs), holds });
    return holds;
  };
}

const isSet = (budget: Budget | undefined): budget is Budget =>
  budget?.hardNanos !== undefined || budget?.softNanos !== undefined;

const hasBudget = ({ tenant, key, user }: Grants): boolean =>
  isSet(tenant.budget) || isSet(key?.budget) || isSet(user?.budget);

interface MonthsOfHolds {
  readonly month: BudgetMonth;
  readonly homeMonth: BudgetMonth;
}

/** A key and a user have one budget, whomever they act for. */
function holdsIn(
  { tenant, home = tenant, key, user }: Grants,
  { month, homeMonth }: MonthsOfHolds,
): readonly BudgetHold[] {
  const atHome = { tenantId: home.id, ...homeMonth };
  return [
    ...holdOf({ tenantId: tenant.id, scope: "tenant", ...month }, tenant),
    ...holdOf({ scope: "api_key", ...atHome }, key),
    ...holdOf({ scope: "user", ...atHome }, user),
  ];
}

const holdOf = (
  account: Omit<BudgetAccount, "id">,
  of: { readonly id: string; readonly budget: Budget } | undefined,
): readonly BudgetHold[] =>
  of !== undefined && isSet(of.budget)
    ? [
        {
          account: { ...account, id: of.id },
          hardNanos: of.budget.hardNanos,
          softNanos: of.budget.softNanos,
        },
      ]
    : [];

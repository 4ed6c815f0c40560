import type { BudgetAccount, BudgetStanding, Spend } from "../core/budgets/budget-store.ts";
import type { Clock } from "../core/clock.ts";
import { spendPatienceMs, spendUnknown } from "./spend-unknown.ts";
import { withinTime } from "./within-time.ts";

/** What the records say now, of an account that nobody uses. @throws GatewayError `unavailable` */
export async function readStanding(
  account: BudgetAccount,
  { spend, clock }: { readonly spend: Spend; readonly clock: Clock },
): Promise<BudgetStanding> {
  try {
    const patience = { clock, patienceMs: spendPatienceMs };
    return { spentNanos: await withinTime(spend.spentNanos(account, []), patience), reservedNanos: 0n };
  } catch (error) {
    throw spendUnknown(error);
  }
}

// What calls reserve, by the budgets of their principals: whoever asks first, for each call once.

import type { Call } from "../call.ts";
import type { OperationShape } from "../operation-shape.ts";
import { createBudgetHolds } from "./budget-holds.ts";
import { createBudgetMonths } from "./budget-months.ts";
import { CallSpending, type SpendingPorts } from "./call-spending.ts";
import type { Spending } from "./spending.ts";
import { createUpperBound } from "./upper-bound.ts";

/** Undefined: the call has no budget. */
export type SpendingOf = <S extends OperationShape>(call: Call<S>) => Spending<S> | undefined;

export function createSpendings(ports: Omit<SpendingPorts, "upperBound">): SpendingOf {
  const holdsOf = createBudgetHolds(createBudgetMonths());
  const spendingPorts: SpendingPorts = { ...ports, upperBound: createUpperBound() };
  return (call) => {
    if (call.spending !== undefined) return call.spending;
    const holds = holdsOf(call.principal, call.createdAtMs);
    if (holds === undefined) return undefined;
    call.spending = new CallSpending(call, holds, spendingPorts);
    return call.spending;
  };
}

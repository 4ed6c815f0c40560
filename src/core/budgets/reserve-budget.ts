// The stage that reserves what a call may cost in the budgets of its tenant, its key and its user, before it is sent
// anywhere. What is reserved is the upper bound of one attempt at the dearest target; `CallSpending` sees to the rest.

import type { Call } from "../call.ts";
import type { GatewayError } from "../errors.ts";
import type { ModelLists } from "../model-lists.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Handler, Stage } from "../pipeline.ts";
import { targetsOf } from "../routing/find-targets.ts";
import type { ResolvedModel } from "../routing/resolve-model.ts";
import { createBudgetHolds } from "./budget-holds.ts";
import { createBudgetMonths } from "./budget-months.ts";
import { CallSpending, type SpendingPorts } from "./call-spending.ts";
import { createUpperBound } from "./upper-bound.ts";

export interface ReserveBudgetPorts extends Omit<SpendingPorts, "upperBound"> {
  readonly modelLists: ModelLists;
}

/** Stands after `recordCall`: a call that is refused has a record. */
export function createReserveBudget(ports: ReserveBudgetPorts): Stage {
  const holdsOf = createBudgetHolds(createBudgetMonths());
  const spendingPorts: SpendingPorts = { ...ports, upperBound: createUpperBound() };

  return <S extends OperationShape>(call: Call<S>, next: Handler<Call<S>, S["event"]>) => {
    const holds = holdsOf(call.principal, call.createdAtMs);
    if (holds === undefined) return next(call);
    const reserve = ({ targets }: ResolvedModel): MaybeLater<GatewayError | undefined> => {
      const spending = new CallSpending(call, holds, spendingPorts);
      call.spending = spending;
      return spending.reserveFor(targets);
    };
    let refusal: MaybeLater<GatewayError | undefined>;
    try {
      const resolved = targetsOf(call, ports);
      refusal = resolved instanceof Promise ? resolved.then(reserve) : reserve(resolved);
    } catch (error) {
      return Promise.reject(error);
    }
    if (refusal === undefined) return next(call);
    return unlessRefused(refusal, () => next(call));
  };
}

type MaybeLater<T> = T | Promise<T>;

async function unlessRefused<T>(
  refusal: MaybeLater<GatewayError | undefined>,
  goOn: () => Promise<T>,
): Promise<T> {
  const refused = await refusal;
  if (refused !== undefined) throw refused;
  return goOn();
}

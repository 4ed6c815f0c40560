// The stage that reserves what a call may cost in the budgets of its tenant, its key and its user, before it is sent
// anywhere. What is reserved is the upper bound of one attempt at the dearest target; `CallSpending` sees to the rest.

import type { Call } from "../call.ts";
import type { GatewayError } from "../errors.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Handler, Stage } from "../pipeline.ts";
import { type FindTargetsPorts, targetsOf } from "../routing/find-targets.ts";
import type { ResolvedModel } from "../routing/resolve-model.ts";
import type { SpendingOf } from "./spendings.ts";

export interface ReserveBudgetPorts extends FindTargetsPorts {
  readonly spendingOf: SpendingOf;
}

/** Stands after `recordCall`: a call that is refused has a record. */
export const createReserveBudget =
  ({ spendingOf, ...ports }: ReserveBudgetPorts): Stage =>
  <S extends OperationShape>(call: Call<S>, next: Handler<Call<S>, S["event"]>) => {
    const spending = spendingOf(call);
    if (spending === undefined) return next(call);
    const reserve = ({ targets }: ResolvedModel): MaybeLater<GatewayError | undefined> =>
      spending.reserveFor(targets);
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

type MaybeLater<T> = T | Promise<T>;

async function unlessRefused<T>(
  refusal: MaybeLater<GatewayError | undefined>,
  goOn: () => Promise<T>,
): Promise<T> {
  const refused = await refusal;
  if (refused !== undefined) throw refused;
  return goOn();
}

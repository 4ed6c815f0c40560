// The calls under way that an account will pay for: whoever reads the records meanwhile has to leave them out.

import { Call } from "../call.ts";
import type { OpenCalls } from "../open-calls.ts";
import type { OperationShape } from "../operation-shape.ts";
import { isIn } from "./budget-months.ts";
import type { BudgetAccount, OpenCallsOfAccount } from "./budget-store.ts";

export const createOpenCallsOfAccount =
  (openCalls: OpenCalls): OpenCallsOfAccount =>
  (account) =>
    openCalls
      .all()
      .flatMap((call) => (call instanceof Call && paysFor(account, call) ? [openCall(call)] : []));

/** By the columns that its record has. */
function paysFor<S extends OperationShape>(account: BudgetAccount, call: Call<S>): boolean {
  const { tenantId, actingFrom = tenantId, apiKeyId, userId } = call.principal;
  if (!isIn(account, call.createdAtMs)) return false;
  switch (account.scope) {
    case "tenant":
      return tenantId === account.tenantId;
    case "api_key":
      return actingFrom === account.tenantId && apiKeyId === account.id;
    case "user":
      return actingFrom === account.tenantId && userId === account.id;
  }
}

const openCall = <S extends OperationShape>(call: Call<S>) => ({
  id: call.id,
  createdAtMs: call.createdAtMs,
  whenSettled: (listener: (paidNanos: bigint) => void) =>
    call.whenReleased(() => listener(call.account.paidNanos())),
});

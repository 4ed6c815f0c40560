// What is said when a budget has not enough left: to the caller, and in the audit trail.

import type { Call } from "../call.ts";
import { entryOfCall } from "../directory/audit-entry.ts";
import type { AuditTrail } from "../directory/audit.ts";
import { GatewayError } from "../errors.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { BudgetAccount, BudgetDecision, BudgetHold, BudgetStanding } from "./budget-store.ts";

/** A reservation that was refused. */
export interface RefusedReservation {
  readonly hold: BudgetHold;
  readonly standing: BudgetStanding;
  readonly nanos: bigint;
}

export function refusedOf(
  { allowed, refused, standings }: BudgetDecision,
  holds: readonly BudgetHold[],
  nanos: bigint,
): RefusedReservation | undefined {
  if (allowed) return undefined;
  const hold = holds[refused ?? 0];
  const standing = standings[refused ?? 0];
  if (hold === undefined || standing === undefined)
    throw new Error("A refusal has to name one of its holds.");
  return { hold, standing, nanos };
}

/** Tells what the call may cost, and not how much is left: that is for those who may see budgets. */
export const budgetExceeded = ({ hold: { account }, nanos }: RefusedReservation): GatewayError =>
  new GatewayError({
    code: "budget_exceeded",
    message:
      `The month's budget of ${whose(account)} has not enough left for this call, which may cost up to ` +
      `${dollars(nanos)}. A new month begins at ${new Date(account.toMs).toISOString()}. Until then ask for a shorter ` +
      "answer (maxOutputTokens), name a cheaper model, or have an administrator raise the budget.",
  });

export function noteRefusal<S extends OperationShape>(
  audit: AuditTrail,
  call: Call<S>,
  { hold, standing, nanos }: RefusedReservation,
): void {
  audit.note(
    entryOfCall(call, {
      action: "budget.refuse",
      target: { type: hold.account.scope, id: hold.account.id },
      after: {
        hardNanos: String(hold.hardNanos),
        spentNanos: String(standing.spentNanos),
        reservedNanos: String(standing.reservedNanos),
        askedNanos: String(nanos),
      },
    }),
  );
}

function whose({ scope, id }: BudgetAccount): string {
  switch (scope) {
    case "tenant":
      return `the tenant "${id}"`;
    case "api_key":
      return `the API key ${id}`;
    case "user":
      return `the user ${id}`;
  }
}

const nanosADollar = 1_000_000_000n;

/** As `$0.0125`. */
function dollars(nanos: bigint): string {
  const rest = String(nanos % nanosADollar).padStart(9, "0");
  return `$${nanos / nanosADollar}.${rest.replace(/0{1,7}$/, "")}`;
}

// The port that tells administrators how a budget stands.

import type { Budget } from "../access/grants.ts";
import type { Principal } from "../access/principal.ts";

export interface BudgetSubject {
  readonly tenantId: string;
  readonly scope: "tenant" | "api_key" | "user";
  /** Of the tenant, key or user. */
  readonly id: string;
  readonly budget: Budget;
  /** The tenant's. Absent: it is looked up, and the tenant has to be there. */
  readonly timeZone?: string | undefined;
}

export interface BudgetReport {
  /** Paid in the current month, as the records say, and by calls that have just ended. */
  readonly spentNanos: bigint;
  /** Held for calls under way. */
  readonly reservedNanos: bigint;
  /** Of the hard limit what is neither spent nor reserved, not below 0; absent: there is none. */
  readonly remainingNanos: bigint | undefined;
  /** When the month ends, in the tenant's time zone. */
  readonly resetsAtMs: number;
}

export interface BudgetReports {
  /** Needs `budgets:view`. @throws GatewayError `permission_denied`, `not_found`, `unavailable` */
  of(by: Principal, subjects: readonly BudgetSubject[]): Promise<readonly BudgetReport[]>;
}

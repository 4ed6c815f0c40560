// The port that keeps what is reserved and spent of budgets: in memory for one gateway, in Redis for many. What is
// spent is what the records say (`Spend`); what is reserved is on its way there.

/** Whose money, in which month. */
export interface BudgetAccount {
  readonly tenantId: string;
  readonly scope: "tenant" | "api_key" | "user";
  /** Of the tenant, key or user. */
  readonly id: string;
  readonly fromMs: number;
  /** Left out itself. */
  readonly toMs: number;
}

export interface BudgetHold {
  readonly account: BudgetAccount;
  /** Absent: only counted. */
  readonly hardNanos: bigint | undefined;
}

export interface BudgetStanding {
  readonly spentNanos: bigint;
  readonly reservedNanos: bigint;
}

export interface BudgetDecision {
  readonly allowed: boolean;
  /** Of each hold, in their order; with this reservation where it is allowed. */
  readonly standings: readonly BudgetStanding[];
  /** Of the holds: the first that has not enough left. */
  readonly refused: number | undefined;
}

export interface BudgetStore {
  /** Reserves the amount in each, or in none: spent + reserved + nanos must not be above `hardNanos`. */
  reserve(id: string, holds: readonly BudgetHold[], nanos: bigint): BudgetDecision | Promise<BudgetDecision>;
  /** Puts what was paid in the place of what was reserved, once: a second time nothing happens. */
  settle(id: string, holds: readonly BudgetHold[], paidNanos: bigint): void;
  standing(account: BudgetAccount): Promise<BudgetStanding>;
  problems(): readonly string[];
  close(): Promise<void>;
}

/** What the records say was paid. */
export interface Spend {
  /** The sum over the attempts of its calls that were created in that time; those calls are left out. */
  spentNanos(account: BudgetAccount, exceptCallIds: readonly string[]): Promise<bigint>;
}

// The port that keeps what is reserved and spent of budgets: in memory for one gateway, in Redis for many. What is
// spent is what the records say (`Spend`); what is reserved is on its way there.

/** Whose money, in which month. */
export interface BudgetAccount {
  /** Of a key and a user: their own one, whomever they act for. */
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
  /** Absent: nobody is told. */
  readonly softNanos?: bigint | undefined;
}

/** A call that means to spend. */
export interface BudgetReservation {
  /** The call's; a further one under the same id is added to what the call has reserved. */
  readonly id: string;
  readonly createdAtMs: number;
  readonly holds: readonly BudgetHold[];
  readonly nanos: bigint;
  /** Until the call's deadline: a reservation whose process died ends some time after it. */
  readonly endsInMs: number;
}

export interface BudgetSettlement {
  readonly id: string;
  readonly createdAtMs: number;
  readonly holds: readonly BudgetHold[];
  readonly paidNanos: bigint;
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
  /**
   * Reserves the amount in each, or in none: spent + reserved + nanos must not be above `hardNanos`.
   * What is refused, or cannot be known, holds nothing.
   * @throws GatewayError `unavailable`, as a rejection or at once, where that cannot be known and there is a hard limit
   */
  reserve(reservation: BudgetReservation): BudgetDecision | Promise<BudgetDecision>;
  /** Puts what was paid in the place of all that the call reserved, once: a second time nothing happens. */
  settle(settlement: BudgetSettlement): void;
  /** @throws GatewayError `unavailable` */
  standing(account: BudgetAccount): Promise<BudgetStanding>;
  /** For operators: a sentence each. */
  problems(): readonly string[];
  close(): Promise<void>;
}

/** An account that has come from below its soft limit to above it; told once a month for each limit. */
export interface SoftLimitCrossed {
  readonly account: BudgetAccount;
  readonly softNanos: bigint;
  readonly standing: BudgetStanding;
}

/** Hears of it in the middle of a call: must neither wait nor throw. */
export type OnSoftLimit = (crossed: SoftLimitCrossed) => void;

/** What the records say was paid. */
export interface Spend {
  /**
   * The sum over the attempts of its calls that were created in that time; those calls are left out. Whatever this
   * process gave its ledger before is in it.
   */
  spentNanos(account: BudgetAccount, exceptCallIds: readonly string[]): Promise<bigint>;
}

/** A call of this process that is under way, and that an account will pay for. */
export interface OpenCallOfAccount {
  readonly id: string;
  readonly createdAtMs: number;
  readonly whenSettled: (listener: (paidNanos: bigint) => void) => void;
}

/** Those that were created in the account's time. */
export type OpenCallsOfAccount = (account: BudgetAccount) => readonly OpenCallOfAccount[];

// What a database does for records, whichever it is. The record queue writes to it, Records read from it.

import type { BudgetAccount } from "../core/budgets/budget-store.ts";
import type { Price } from "../core/pricing/price.ts";
import type { KeyUsage, KeyUsageQuestion } from "../core/usage/key-usage.ts";
import type { KeptBodies, RequestFilter, RequestPage, RequestRecord } from "../core/usage/records.ts";
import type { UsageDimension, UsageFilter, UsageReport } from "../core/usage/usage-report.ts";
import type { CallRows } from "./record-rows.ts";

/** A version of a price and what it was first used for. */
export interface UsedPrice {
  readonly price: Price;
  /** The provider's kind and the model that was asked for. */
  readonly kind: string;
  readonly model: string;
  readonly firstUsedAtMs: number;
}

/** A call that the database will never take, and why. */
export interface RejectedCall {
  readonly id: string;
  readonly message: string;
}

export interface RecordQuery {
  /** Undefined: every tenant's. */
  readonly tenantId: string | undefined;
  /** 1 to 200. */
  readonly first: number;
  /** The last record of the page before. */
  readonly after: { readonly createdAtMs: number; readonly id: string } | undefined;
  readonly filter: RequestFilter;
}

export interface RecordKey {
  /** Undefined: whichever tenant's. */
  readonly tenantId: string | undefined;
  readonly id: string;
}

/** A usage question that was checked. */
export interface UsageQuery {
  /** Undefined: every tenant's. */
  readonly tenantIds: readonly string[] | undefined;
  /** The edges of the intervals in epoch milliseconds, ascending, at least two; the last one is left out. */
  readonly edgesMs: readonly number[];
  /** Each dimension once. */
  readonly groupBy: readonly UsageDimension[];
  readonly filter: Omit<UsageFilter, "tenants">;
}

export interface KeyUsageQuery extends KeyUsageQuestion {
  /** Undefined: every tenant's. */
  readonly tenantIds: readonly string[] | undefined;
}

export interface SpendQuery {
  readonly account: BudgetAccount;
  readonly exceptCallIds: readonly string[];
  /** Of the tenant, whosever they are, that one part looks at. */
  readonly partCalls: number;
}

/** A part of what was spent: from the beginning of the account's time to before `toMs`, which is later. */
export interface SpendPart {
  readonly nanos: bigint;
  readonly toMs: number;
}

export interface ForgetStep {
  readonly tenantId: string;
  /** Calls that were created before. */
  readonly beforeMs: number;
  /** Calls at most; more than 200 are 200. */
  readonly limit: number;
}

export interface ForgottenCalls {
  readonly calls: number;
  /** Whether there may be more. */
  readonly hasMore: boolean;
}

export interface RecordStore {
  /**
   * Writes a batch; if it rejects, the batch is to be written again, which changes nothing of what stands. Calls
   * that can never be written are left out and returned. A version of a price that stands already stays as it is.
   */
  write(calls: readonly CallRows[], prices: readonly UsedPrice[]): Promise<readonly RejectedCall[]>;
  requests(query: RecordQuery): Promise<RequestPage>;
  request(key: RecordKey): Promise<RequestRecord | undefined>;
  bodies(key: RecordKey): Promise<KeptBodies | undefined>;
  /** Undefined: there are more than `maxUsageGroups` groups. */
  usage(query: UsageQuery): Promise<UsageReport | undefined>;
  /** Undefined: there are more than `maxReportedKeys` keys. */
  usageByKey(query: KeyUsageQuery): Promise<readonly KeyUsage[] | undefined>;
  /** The first part of it; the next is asked for with its end as the account's beginning. */
  spend(query: SpendQuery): Promise<SpendPart>;
  /** Removes bodies, labels and errors' words of a tenant's oldest calls that may have them; the rest stays. */
  forget(step: ForgetStep): Promise<ForgottenCalls>;
  /** What an operator should mend, each a sentence; none when all is well. */
  problems(): readonly string[];
  /** Processor time of the thread that writes SQLite, since it started, in milliseconds. */
  cpuMs(): Promise<number>;
  close(): Promise<void>;
}

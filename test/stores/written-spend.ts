// Records of what was paid, as a test writes them; it also says when, and of which moment, a question is answered.

import type { BudgetAccount, Spend } from "../../src/core/budgets/budget-store.ts";

export interface Paid {
  readonly callId: string;
  readonly account: BudgetAccount;
  readonly createdAtMs: number;
  readonly nanos: bigint;
}

export interface Question {
  readonly account: BudgetAccount;
  readonly exceptCallIds: readonly string[];
}

export class WrittenSpend implements Spend {
  readonly paid: Paid[] = [];
  readonly questions: Question[] = [];
  failure: Error | undefined;
  #gate: Promise<void> | undefined;
  /** Whether a question that waits is answered by what stood there when it was asked. */
  #sees: "asked" | "answered" = "answered";

  write(...paid: readonly Paid[]): void {
    this.paid.push(...paid);
  }

  /** Questions wait until the function is called that it gives. */
  hold(sees: "asked" | "answered" = "answered"): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    this.#sees = sees;
    return () => {
      this.#gate = undefined;
      resolve();
    };
  }

  async spentNanos(account: BudgetAccount, exceptCallIds: readonly string[]): Promise<bigint> {
    this.questions.push({ account, exceptCallIds });
    const asked = this.sumOf(account, exceptCallIds);
    if (this.#gate !== undefined) {
      const sees = this.#sees;
      await this.#gate;
      if (sees === "asked") return asked;
    }
    if (this.failure !== undefined) throw this.failure;
    return this.sumOf(account, exceptCallIds);
  }

  sumOf(account: BudgetAccount, exceptCallIds: readonly string[] = []): bigint {
    const excepted = new Set(exceptCallIds);
    return this.paid
      .filter(
        (each) =>
          each.account.tenantId === account.tenantId &&
          each.account.scope === account.scope &&
          each.account.id === account.id &&
          account.fromMs <= each.createdAtMs &&
          each.createdAtMs < account.toMs &&
          !excepted.has(each.callId),
      )
      .reduce((sum, { nanos }) => sum + nanos, 0n);
  }
}

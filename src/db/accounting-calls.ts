// What is asked of records beside reading them, as it is asked of a database, whichever it is.

import type { DatabaseAccess } from "./database-access.ts";
import { forgetCalls } from "./forget-statements.ts";
import { readSpend, type SpendDialect } from "./read-spend.ts";
import type { ForgetStep, ForgottenCalls, SpendPart, SpendQuery } from "./record-store.ts";

export interface AccountingCalls {
  spend(query: SpendQuery): Promise<SpendPart>;
  forget(step: ForgetStep): Promise<ForgottenCalls>;
}

export const createAccountingCalls = (access: DatabaseAccess, dialect: SpendDialect): AccountingCalls => ({
  spend: (query) => readSpend(access.run, query, dialect),
  forget: (step) => access.change(async (run) => ({ keep: true, value: await forgetCalls(run, step) })),
});

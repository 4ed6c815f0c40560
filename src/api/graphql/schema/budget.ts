// What a tenant, a user or a key may spend in a month, and how that stands.

import { createContextCache } from "@pothos/core";
import DataLoader from "dataloader";
import type { Budget as BudgetShape } from "../../../core/access/grants.ts";
import type { BudgetReport, BudgetSubject } from "../../../core/budgets/budget-reports.ts";
import { builder, type GraphqlContext } from "../builder.ts";
import { maxBatch } from "../max-batch.ts";
import type { OutputFields } from "./field-builders.ts";

const ofMonth = "Of a calendar month in the tenant's time zone.";
const hard = "Beyond it calls are refused. Null: no limit.";
const soft = "Beyond it somebody is told. Null: nobody is.";

const Budget = builder.objectRef<BudgetShape>("Budget").implement({
  description: `What may be spent. ${ofMonth}`,
  fields: (t) => ({
    hardNanos: t.expose("hardNanos", { type: "Nanos", nullable: true, description: hard }),
    softNanos: t.expose("softNanos", { type: "Nanos", nullable: true, description: soft }),
  }),
});

export const BudgetInput = builder.inputType("BudgetInput", {
  description: `What may be spent: absent is as it was, null no limit. ${ofMonth}`,
  fields: (t) => ({
    hardNanos: t.field({ type: "Nanos", description: hard }),
    softNanos: t.field({ type: "Nanos", description: soft }),
  }),
});

/** Whatever an operation asks of budgets in one go is one question to the port. */
const reports = createContextCache((context: GraphqlContext) => {
  const loader: DataLoader<BudgetSubject, BudgetReport, string> = new DataLoader(
    async (subjects) => {
      const found = await context.gateway.budgets.of(context.caller.principal, subjects);
      // A later mutation of the operation may change them.
      loader.clearAll();
      return found;
    },
    { cacheKeyFn: ({ scope, tenantId, id }) => `${scope} ${tenantId} ${id}`, maxBatchSize: maxBatch },
  );
  return loader;
});

interface Budgeted {
  readonly id: string;
  readonly budget: BudgetShape;
  /** Of a tenant: one that was deleted has it still. */
  readonly timeZone?: string | undefined;
}

/** `scope` and `tenantOf` say whose budget it is. */
export function budgetFields<E extends Budgeted>(
  t: OutputFields<E>,
  scope: BudgetSubject["scope"],
  tenantOf: (entry: E) => string,
) {
  const report = (entry: E, context: GraphqlContext) =>
    reports(context).load({
      tenantId: tenantOf(entry),
      scope,
      id: entry.id,
      budget: entry.budget,
      timeZone: entry.timeZone,
    });
  // Nullable: to whoever may not see these, and asks for them, all else is told.
  const authScopes = { permission: "budgets:view" } as const;
  return {
    budget: t.field({ type: Budget, description: ofMonth, resolve: ({ budget }) => budget }),
    currentSpend: t.field({
      type: "Nanos",
      nullable: true,
      authScopes,
      description: "Paid in the current month, by calls that have ended.",
      resolve: async (entry, _args, context) => (await report(entry, context)).spentNanos,
    }),
    budgetRemaining: t.field({
      type: "Nanos",
      nullable: true,
      authScopes,
      description: "Of the hard limit, less what calls under way may cost; not below 0. Null: no limit.",
      resolve: async (entry, _args, context) => (await report(entry, context)).remainingNanos,
    }),
    budgetResetsAt: t.field({
      type: "DateTime",
      nullable: true,
      authScopes,
      description: "When the month ends.",
      resolve: async (entry, _args, context) => (await report(entry, context)).resetsAtMs,
    }),
  };
}

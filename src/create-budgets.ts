// What budgets have left, kept in memory by what the records say.

import { createOpenCallsOfAccount } from "./core/budgets/open-calls-of-account.ts";
import type { OnSoftLimit, Spend } from "./core/budgets/budget-store.ts";
import type { BudgetReports } from "./core/budgets/budget-reports.ts";
import { createBudgetReports } from "./core/budgets/create-budget-reports.ts";
import type { BudgetPorts } from "./core/chains.ts";
import type { Clock } from "./core/clock.ts";
import type { WrittenTrail } from "./core/directory/create-audit-trail.ts";
import type { DirectoryStore } from "./core/directory/directory-store.ts";
import type { OpenCalls } from "./core/open-calls.ts";
import { createMemoryBudgets } from "./stores/memory/budgets.ts";

export interface BudgetParts {
  readonly spend: Spend;
  readonly openCalls: OpenCalls;
  readonly tenants: Pick<DirectoryStore, "tenantsById">;
  readonly trail: WrittenTrail;
  readonly clock: Clock;
  /** Whether other gateways write records into the same database. */
  readonly isShared: boolean;
  readonly tell: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** How often what is on record is read again: for what others write, and what was paid while there was no budget. */
const rereadMs = { shared: 60_000, own: 600_000 } as const;

export interface Budgets {
  readonly budgetPorts: BudgetPorts;
  readonly budgets: BudgetReports;
}

export function createBudgets(parts: BudgetParts): Budgets {
  const { spend, openCalls, trail, clock, isShared, tenants } = parts;
  const store = createMemoryBudgets({
    spend,
    clock,
    openCalls: createOpenCallsOfAccount(openCalls),
    onSoftLimit: tellSoftLimit(parts),
    rereadMs: isShared ? rereadMs.shared : rereadMs.own,
  });
  return {
    budgetPorts: { store, audit: trail, utf8Bytes: (text) => Buffer.byteLength(text) },
    budgets: createBudgetReports({ store, tenants, clock }),
  };
}

const tellSoftLimit =
  ({ trail, tell }: BudgetParts): OnSoftLimit =>
  ({ account: { tenantId, scope, id }, softNanos, standing }) => {
    const told = {
      scope,
      id,
      softNanos: String(softNanos),
      spentNanos: String(standing.spentNanos),
      reservedNanos: String(standing.reservedNanos),
    };
    tell("a budget is above its soft limit", { tenantId, ...told });
    trail.note({
      tenantId,
      kind: "decision",
      action: "budget.soft_limit",
      actor: { type: "system", id: undefined },
      target: { type: scope, id },
      before: undefined,
      after: told,
      origin: {},
    });
  };

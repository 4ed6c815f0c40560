// What budgets have left, by what the records say: kept in memory, or in a Redis that several gateways share.

import { createOpenCallsOfAccount } from "./core/budgets/open-calls-of-account.ts";
import type { Settings } from "./config/configuration.ts";
import type { BudgetStore, OnSoftLimit, Spend } from "./core/budgets/budget-store.ts";
import type { BudgetReports } from "./core/budgets/budget-reports.ts";
import { createBudgetReports } from "./core/budgets/create-budget-reports.ts";
import type { Clock } from "./core/clock.ts";
import type { WrittenTrail } from "./core/directory/create-audit-trail.ts";
import type { DirectoryStore } from "./core/directory/directory-store.ts";
import type { NewId } from "./core/ids.ts";
import type { OpenCalls } from "./core/open-calls.ts";
import { createMemoryBudgets } from "./stores/memory/budgets.ts";
import type { RedisSuspicion } from "./stores/redis/redis-suspicion.ts";

export interface BudgetParts {
  readonly spend: Spend;
  readonly openCalls: OpenCalls;
  readonly tenants: Pick<DirectoryStore, "tenantsById">;
  readonly trail: WrittenTrail;
  readonly clock: Clock;
  readonly settings: Pick<Settings, "databaseUrl" | "redisUrl" | "nodes" | "redisFailure">;
  readonly newId: NewId;
  readonly tell: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly suspicion: RedisSuspicion;
}

/** How often what is on record is read again: for what others write, and what was paid while there was no budget. */
const rereadMs = { shared: 60_000, own: 600_000 } as const;

export interface Budgets {
  readonly store: BudgetStore;
  readonly reports: BudgetReports;
  /** For operators: a sentence each. */
  problems(): readonly string[];
  /** After the last call. */
  close(): Promise<void>;
}

export async function createBudgets(parts: BudgetParts): Promise<Budgets> {
  const { clock, tenants } = parts;
  const { store, close } = await storeOf(parts);
  return {
    store,
    reports: createBudgetReports({ store, tenants, clock }),
    problems: () => store.problems(),
    close,
  };
}

interface OpenStore {
  readonly store: BudgetStore;
  readonly close: () => Promise<void>;
}

async function storeOf(parts: BudgetParts): Promise<OpenStore> {
  const { spend, openCalls, clock, newId, settings, suspicion } = parts;
  const { redisUrl: url, nodes, redisFailure: policy, databaseUrl } = settings;
  const onSoftLimit = tellSoftLimit(parts);
  if (url === undefined) {
    const store = createMemoryBudgets({
      spend,
      clock,
      openCalls: createOpenCallsOfAccount(openCalls),
      onSoftLimit,
      // Other gateways may write records into the same database.
      rereadMs: databaseUrl.startsWith("postgres") ? rereadMs.shared : rereadMs.own,
    });
    return { store, close: () => store.close() };
  }
  const [{ allBudgetScripts, createRedisBudgets }, { createRedisScripts }] = await Promise.all([
    import("./stores/redis/budgets.ts"),
    import("./stores/redis/redis-scripts.ts"),
  ]);
  // That Redis is away is told by the limits, which ask the same one.
  const scripts = createRedisScripts({ url, clock, scripts: allBudgetScripts, suspicion, tell() {} });
  const store = createRedisBudgets({ scripts, spend, clock, newId, nodes, policy, onSoftLimit });
  return {
    store,
    async close() {
      await store.close();
      await scripts.close();
    },
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

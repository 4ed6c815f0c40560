// What budgets have left by what the records say, kept where the settings say: in memory, or in a Redis that several
// gateways share.

import type { Settings } from "./config/configuration.ts";
import { createOpenCallsOfAccount } from "./core/budgets/open-calls-of-account.ts";
import type { BudgetStore, OnSoftLimit, Spend } from "./core/budgets/budget-store.ts";
import type { BudgetReports } from "./core/budgets/budget-reports.ts";
import { createBudgetReports } from "./core/budgets/create-budget-reports.ts";
import type { BudgetPorts } from "./core/chains.ts";
import type { Clock } from "./core/clock.ts";
import type { WrittenTrail } from "./core/directory/create-audit-trail.ts";
import type { DirectoryStore } from "./core/directory/directory-store.ts";
import type { NewId } from "./core/ids.ts";
import type { OpenCalls } from "./core/open-calls.ts";
import { createMemoryBudgets } from "./stores/memory/budgets.ts";

export interface BudgetParts {
  readonly settings: Pick<Settings, "databaseUrl" | "redisUrl" | "nodes" | "redisFailure">;
  readonly spend: Spend;
  readonly openCalls: OpenCalls;
  readonly tenants: Pick<DirectoryStore, "tenantsById">;
  readonly trail: WrittenTrail;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly tell: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** Others' records are looked at so often. */
const rereadMs = 60_000;

export interface Budgets {
  readonly budgetPorts: BudgetPorts;
  readonly budgets: BudgetReports;
  problems(): readonly string[];
  /** Before the records are. */
  close(): Promise<void>;
}

/** A Redis that is not there yet is no reason not to start: `problems()` tells of it. */
export async function createBudgets(parts: BudgetParts): Promise<Budgets> {
  const { trail, clock, tenants } = parts;
  const { store, close } = await createStore(parts);
  return {
    budgetPorts: { store, audit: trail, utf8Bytes: (text) => Buffer.byteLength(text) },
    budgets: createBudgetReports({ store, tenants, clock }),
    problems: () => store.problems(),
    close,
  };
}

interface OwnedStore {
  readonly store: BudgetStore;
  readonly close: () => Promise<void>;
}

async function createStore(parts: BudgetParts): Promise<OwnedStore> {
  const { settings, spend, clock, newId, openCalls } = parts;
  const { redisUrl: url, nodes, redisFailure: policy, databaseUrl } = settings;
  const onSoftLimit = tellSoftLimit(parts);
  if (url === undefined) {
    const store = createMemoryBudgets({
      spend,
      clock,
      openCalls: createOpenCallsOfAccount(openCalls),
      onSoftLimit,
      // Other gateways may write records into the same database.
      rereadMs: databaseUrl.startsWith("postgres") ? rereadMs : undefined,
    });
    return { store, close: () => store.close() };
  }
  // The client of Redis takes time and memory to load.
  const [{ createRedisScripts }, { allBudgetScripts, createRedisBudgets }] = await Promise.all([
    import("./stores/redis/redis-scripts.ts"),
    import("./stores/redis/budgets.ts"),
  ]);
  const scripts = createRedisScripts({
    url,
    clock,
    scripts: allBudgetScripts,
    // The limits' own connection to it tells that it is gone, and that it is back.
    tell: () => {},
  });
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

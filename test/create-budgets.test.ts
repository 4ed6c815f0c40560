import { expect, it } from "vitest";
import { createOpenCalls } from "../src/core/open-calls.ts";
import { createBudgets } from "../src/create-budgets.ts";
import { accountOf } from "./stores/budget-contract.ts";
import { WrittenSpend } from "./stores/written-spend.ts";
import { createReadableAudit } from "./support/budgeted.ts";
import { createManualClock } from "./support/manual-clock.ts";
import { createRedisSuspicion } from "../src/stores/redis/redis-suspicion.ts";

const done = (): Promise<void> => Promise.resolve();

it("a budget that was taken away and given again counts what was paid meanwhile, with nobody else's records too", async () => {
  const spend = new WrittenSpend();
  const clock = createManualClock();
  const account = accountOf(clock);
  const { store } = await createBudgets({
    suspicion: createRedisSuspicion(),
    spend,
    openCalls: createOpenCalls(),
    tenants: { tenantsById: () => Promise.resolve([]) },
    trail: { ...createReadableAudit(), problems: () => [], flush: done, close: done },
    clock,
    settings: { databaseUrl: "sqlite::memory:", redisUrl: undefined, nodes: 1, redisFailure: "open" },
    newId: () => "id",
    tell: () => {},
  });
  const call = (id: string) => ({ id, createdAtMs: clock.epochMs(), holds: [{ account, hardNanos: 100n }] });
  const reserve = (id: string) => store.reserve({ ...call(id), nanos: 10n, endsInMs: 1_000 });
  expect((await reserve("first")).allowed).toBe(true);
  store.settle({ ...call("first"), paidNanos: 10n });
  spend.write({ callId: "first", account, createdAtMs: clock.epochMs(), nanos: 10n });
  // Of a caller without a budget the store hears nothing.
  spend.write({ callId: "second", account, createdAtMs: clock.epochMs(), nanos: 85n });
  clock.advance(600_000);
  await reserve("third");
  await expect.poll(() => store.standing(account)).toEqual({ spentNanos: 95n, reservedNanos: 10n });
  expect((await reserve("fourth")).allowed).toBe(false);
});

// Records that cannot be read into Redis: for how long that is told to operators.

import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import type { BudgetAccount } from "../../../src/core/budgets/budget-store.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { accountOf } from "../budget-contract.ts";
import { WrittenSpend } from "../written-spend.ts";
import { createBudgetNodes } from "./shared-budgets.ts";

const nodes = createBudgetNodes("each test");

it("is a problem until it can be read, or for a minute after it was last used", async () => {
  const spend = new WrittenSpend();
  let nowMs = 0;
  const node = nodes.begin({ spend, clock: { ...systemClock, monotonicMs: () => nowMs } });
  const { store } = node;
  const use = async (account: BudgetAccount) => {
    const holds = [{ account, hardNanos: 100n }];
    return store.reserve({ id: randomUUID(), createdAtMs: Date.now(), holds, nanos: 1n, endsInMs: 60_000 });
  };
  const failing = () => Number(/budgets in use: (\d+)\./.exec(store.problems().join())?.[1] ?? 0);

  spend.failure = new Error("the database is down");
  const [often, once, mended] = [accountOf(systemClock), accountOf(systemClock), accountOf(systemClock)];
  for (const [atMs, account] of [
    [0, often],
    [10_000, once],
    [20_000, mended],
    [30_000, often],
  ] as const) {
    nowMs = atMs;
    await expect(use(account)).rejects.toMatchObject({ code: "unavailable" });
  }
  expect(failing()).toBe(3);
  spend.failure = undefined;
  expect((await use(mended)).allowed).toBe(true);
  expect(failing()).toBe(2);
  nowMs = 69_999;
  expect(failing()).toBe(2);
  nowMs = 70_000;
  expect(failing()).toBe(1);
  nowMs = 90_000;
  expect(store.problems()).toEqual([]);
});

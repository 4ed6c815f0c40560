// A gateway whose callers have budgets, and a store of which a test says when it answers.

import type { Budget } from "../../../src/core/access/grants.ts";
import { createOpenCallsOfAccount } from "../../../src/core/budgets/open-calls-of-account.ts";
import type { BudgetStore } from "../../../src/core/budgets/budget-store.ts";
import { createOpenCalls } from "../../../src/core/open-calls.ts";
import type { Price } from "../../../src/core/pricing/price.ts";
import { monthAt } from "../../../src/core/usage/time-intervals.ts";
import { createMemoryBudgets } from "../../../src/stores/memory/budgets.ts";
import { WrittenSpend } from "../../stores/written-spend.ts";
import { budgetedPrincipal, createReadableAudit } from "../../support/budgeted.ts";
import {
  delta,
  finished,
  partFinished,
  request,
  started,
  textStarted,
  usage,
} from "../../support/chat-scripts.ts";
import type { Script } from "../../support/scripted-provider.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createTestGateway, type TestGatewayOptions } from "../../support/test-gateway.ts";

/** 1,000 nano-dollars a token read, 3,000 a token written. */
const price: Price = { version: "test-1", inputPicos: 1_000_000n, outputPicos: 3_000_000n };

/** "Hello" is taken for two tokens. */
export const asked = { ...request, maxOutputTokens: 10 };
export const boundNanos = 2n * 1_000n + 10n * 3_000n;

/** Costs 2 × 1,000 + 4 × 3,000. */
export const answer: Script = {
  steps: [started, textStarted, delta("Hi"), partFinished, usage(2, 4), finished],
};
export const paidNanos = 14_000n;
export const hung: Script = { steps: ["hang"] };

export interface Budgeted extends Omit<TestGatewayOptions, "clock" | "budgetStore" | "auditTrail"> {
  /** Of the tenant. */
  readonly budget: Budget;
  /** The store decides when the test says so, as one on another machine does. */
  readonly decidesLater?: boolean;
}

export function budgetedGateway({ budget, decidesLater = false, ...options }: Budgeted) {
  const clock = createManualClock();
  const openCalls = createOpenCalls();
  const store = createMemoryBudgets({
    spend: new WrittenSpend(),
    clock,
    openCalls: createOpenCallsOfAccount(openCalls),
  });
  const audit = createReadableAudit();
  /** Each lets one reservation be decided. */
  const waiting: (() => void)[] = [];
  const later: BudgetStore = {
    reserve(reservation) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      return promise.then(() => store.reserve(reservation));
    },
    settle: (settlement) => store.settle(settlement),
    standing: (account) => store.standing(account),
    problems: () => store.problems(),
    close: () => store.close(),
  };
  const made = createTestGateway({
    prices: { find: () => price },
    ...options,
    openCalls,
    clock,
    budgetStore: decidesLater ? later : store,
    auditTrail: audit,
  });
  const principal = budgetedPrincipal({ tenant: budget });
  const account = {
    tenantId: "acme",
    scope: "tenant",
    id: "acme",
    ...monthAt(clock.epochMs(), "UTC"),
  } as const;
  return { ...made, clock, openCalls, audit, principal, waiting, standing: () => store.standing(account) };
}

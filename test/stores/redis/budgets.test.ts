import { systemClock } from "../../../src/system-clock.ts";
import { budgetContract, type CreateStore } from "../budget-contract.ts";
import { budgetedCalls } from "../budgeted-calls.ts";
import { createBudgetNodes } from "./shared-budgets.ts";

const nodes = createBudgetNodes("all tests");

const create: CreateStore = (parts) => {
  const node = nodes.begin(parts);
  return { clock: systemClock, later: () => undefined, store: node.store };
};

budgetContract(create);
budgetedCalls(create);

import { createMemoryBudgets } from "../../../src/stores/memory/budgets.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { budgetContract, type CreateStore } from "../budget-contract.ts";
import { budgetedCalls } from "../budgeted-calls.ts";

const create: CreateStore = ({ spend, onSoftLimit }) => {
  const clock = createManualClock();
  return {
    clock,
    later: () => clock.advance(1_000),
    store: createMemoryBudgets({ spend, onSoftLimit, clock }),
  };
};

budgetContract(create);
budgetedCalls(create);

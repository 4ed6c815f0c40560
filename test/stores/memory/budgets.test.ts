import { budgetContract } from "../budget-contract.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createMemoryBudgets } from "../../../src/stores/memory/budgets.ts";

budgetContract(({ spend, onSoftLimit }) => {
  const clock = createManualClock();
  return {
    clock,
    later: () => clock.advance(1_000),
    store: createMemoryBudgets({ spend, onSoftLimit, clock }),
  };
});

import { expect, test } from "vitest";
import { watchMissingPrices } from "../../../src/core/pricing/missing-prices.ts";
import type { AttemptRecord, Ledger } from "../../../src/core/usage/ledger.ts";
import { attemptOf, openedCall, settlementOf } from "../../db/sample-records.ts";

function watched() {
  const told: string[] = [];
  const attempts: AttemptRecord[] = [];
  const others: string[] = [];
  const ledger: Ledger = {
    open: ({ id }) => others.push(`open ${id}`),
    attempt: (attempt) => attempts.push(attempt),
    settle: ({ id }) => others.push(`settle ${id}`),
  };
  const watching = watchMissingPrices(ledger, ({ provider, model }) => told.push(`${provider}/${model}`));
  const call = openedCall();
  const attempt = (change: Partial<AttemptRecord>) =>
    watching.attempt(attemptOf(call, { priceVersion: undefined, costNanos: null, ...change }));
  return { told, attempts, others, watching, attempt, call };
}

test("a model without a price is told of once, with its provider", () => {
  const { told, attempts, attempt } = watched();
  attempt({ provider: "groq", model: "x" });
  attempt({ provider: "groq", model: "x" });
  attempt({ provider: "groq", model: "y" });
  attempt({ provider: "other", model: "x" });
  expect(told).toEqual(["groq/x", "groq/y", "other/x"]);
  expect(attempts).toHaveLength(4);
});

test("nothing is told of what has a price, and of what told no usage", () => {
  const { told, attempt } = watched();
  attempt({ priceVersion: "list/x" });
  attempt({ usage: undefined });
  expect(told).toEqual([]);
});

test("names that callers make up do not fill the memory", () => {
  const { told, attempts, attempt } = watched();
  for (let i = 0; i < 1_500; i += 1) attempt({ model: `made-up-${i}` });
  expect(told).toHaveLength(1_000);
  expect(attempts).toHaveLength(1_500);
});

test("calls and their ends go on to the ledger", () => {
  const { others, watching, call } = watched();
  watching.open(call);
  watching.settle(settlementOf(call));
  expect(others).toEqual([`open ${call.id}`, `settle ${call.id}`]);
});

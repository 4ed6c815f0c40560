// Calls of a gateway against a budget, for every store: as many are let in as it pays for, whoever's it is.

import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Budget } from "../../src/core/access/grants.ts";
import type { BudgetAccount } from "../../src/core/budgets/budget-store.ts";
import type { Price } from "../../src/core/pricing/price.ts";
import { monthAt } from "../../src/core/usage/time-intervals.ts";
import { budgetedPrincipal, createReadableAudit } from "../support/budgeted.ts";
import {
  collect,
  delta,
  finished,
  partFinished,
  request,
  textStarted,
  usage,
} from "../support/chat-scripts.ts";
import { createScriptedProvider } from "../support/scripted-provider.ts";
import { createTestGateway } from "../support/test-gateway.ts";
import type { CreateStore } from "./budget-contract.ts";
import { WrittenSpend } from "./written-spend.ts";

const price: Price = { version: "test-1", inputPicos: 1_000_000n, outputPicos: 3_000_000n };
const asked = { ...request, maxOutputTokens: 10 };
/** "Hello" is taken for two tokens. */
const upperBoundNanos = 2n * 1_000n + 10n * 3_000n;
const calls = 500;
const admitted = 37;
const hardNanos = BigInt(admitted) * upperBoundNanos;

const scopes = ["tenant", "key", "user"] as const;
const deliveries = ["unary", "streamed"] as const;

export function budgetedCalls(create: CreateStore): void {
  describe.each(scopes)("a budget of a %s", (scope) => {
    it.each(deliveries)("admits exactly what it pays for of 500 calls at once, %s", async (delivery) => {
      const { store, clock } = create({ spend: new WrittenSpend(), onSoftLimit: () => {} });
      const tenantId = `t-${randomUUID()}`;
      const budget: Budget = { hardNanos };
      const principal = budgetedPrincipal({ tenantId, [scope]: budget });
      const answered = Promise.withResolvers<void>();
      const provider = createScriptedProvider({
        steps: [answered.promise, textStarted, delta("Hi"), partFinished, usage(2, 4), finished],
      });
      const audit = createReadableAudit();
      const { gateway, ledger, faults } = createTestGateway({
        providers: { provider },
        prices: { find: () => price },
        budgetStore: store,
        auditTrail: audit,
        clock,
      });
      const refusals: unknown[] = [];
      const ends = Array.from({ length: calls }, async () => {
        const options = { principal, timeoutMs: 60_000 };
        try {
          if (delivery === "unary") await gateway.chat(asked, options);
          else await collect((await gateway.stream(asked, options)).events);
        } catch (error) {
          refusals.push(error);
        }
      });
      await expect.poll(() => refusals.length + provider.calls.length).toBe(calls);
      expect(provider.calls).toHaveLength(admitted);
      const account = accountOf(scope, tenantId, clock.epochMs());
      expect(await store.standing(account)).toEqual({ spentNanos: 0n, reservedNanos: hardNanos });
      for (const refusal of refusals) {
        expect(refusal).toMatchObject({
          code: "budget_exceeded",
          message: expect.stringContaining(names[scope]),
        });
      }
      expect(audit.notes).toHaveLength(calls - admitted);
      answered.resolve();
      await Promise.all(ends);
      expect(ledger.settled.filter(({ status }) => status === "ok")).toHaveLength(admitted);
      expect(ledger.settled.filter(({ status }) => status === "refused")).toHaveLength(calls - admitted);
      const paid = ledger.attempts.reduce((sum, { costNanos }) => sum + (costNanos ?? 0n), 0n);
      expect(paid).toBe(BigInt(admitted) * (2n * 1_000n + 4n * 3_000n));
      expect(await store.standing(account)).toEqual({ spentNanos: paid, reservedNanos: 0n });
      expect(faults).toEqual([]);
    });
  });
}

const names = { tenant: "budget of the tenant", key: "budget of the API key", user: "budget of the user" };

function accountOf(scope: (typeof scopes)[number], tenantId: string, nowMs: number): BudgetAccount {
  const month = monthAt(nowMs, "UTC");
  switch (scope) {
    case "tenant":
      return { tenantId, scope, id: tenantId, ...month };
    case "key":
      return { tenantId, scope: "api_key", id: "key-1", ...month };
    case "user":
      return { tenantId, scope, id: "user-1", ...month };
  }
}

// What each caller of a flight may use: the leader reserves, the others need nothing.

import { describe, expect, it } from "vitest";
import type { Principal } from "../../../src/core/access/principal.ts";
import type { BudgetStore } from "../../../src/core/budgets/budget-store.ts";
import { createOpenCallsOfAccount } from "../../../src/core/budgets/open-calls-of-account.ts";
import type { LimitStore } from "../../../src/core/limits/limit-store.ts";
import { createMemoryBudgets } from "../../../src/stores/memory/budgets.ts";
import { createMemoryLimits } from "../../../src/stores/memory/memory-limits.ts";
import { WrittenSpend } from "../../stores/written-spend.ts";
import { budgetedPrincipal } from "../../support/budgeted.ts";
import { errorOf } from "../../support/chat-scripts.ts";
import { limitedPrincipal } from "../../support/limited-principal.ts";
import { createScriptedProvider } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import { asked, cachingGateway, type Caching } from "./caching-gateway.ts";
import { wholeScript } from "./gated-answer.ts";

const keyed = (apiKeyId: string, tokensPerMinute: number): Principal =>
  limitedPrincipal({ key: { tokensPerMinute } }, { apiKeyId });

/** Decides a little later, as a store on another machine does, so that others join meanwhile. */
function limited() {
  const provider = createScriptedProvider(wholeScript);
  const taken: string[] = [];
  const deciding = { now: 0, most: 0 };
  const parts: Caching["parts"] = ({ clock }) => {
    const memory = createMemoryLimits({ clock });
    const store: LimitStore = {
      ...memory,
      async take(takes) {
        taken.push(...takes.map(({ bucket }) => bucket.key));
        deciding.now += 1;
        deciding.most = Math.max(deciding.most, deciding.now);
        await turn();
        deciding.now -= 1;
        return memory.take(takes);
      },
    };
    return { limits: { store } };
  };
  return { provider, taken, deciding, ...cachingGateway({ providers: { first: provider }, parts }) };
}

describe("a flight", () => {
  it("takes of its leader's tokens alone", async () => {
    const { gateway, taken, provider, expectNothingHeld } = limited();
    const principals = [keyed("a", 2_000), keyed("b", 2_000), keyed("c", 2_000)];
    await Promise.all(principals.map((principal) => gateway.chat(asked, { principal })));
    expect(provider.calls).toHaveLength(1);
    expect(new Set(taken)).toEqual(new Set(taken.slice(0, 1)));
    expectNothingHeld();
  });

  it("whose leader is refused is flown by a follower who may", async () => {
    const { gateway, provider, ledger, expectNothingHeld } = limited();
    const [poor, rich] = [keyed("poor", 10), keyed("rich", 10_000)];
    await gateway.chat({ ...asked, maxOutputTokens: 1 }, { principal: poor });
    const refused = errorOf(gateway.chat(asked, { principal: poor }));
    const answered = [1, 2, 3].map(() => gateway.chat(asked, { principal: rich }));
    expect((await refused).code).toBe("rate_limited");
    const replies = await Promise.all(answered);
    expect(replies.map(({ meta }) => [meta.cacheStatus, meta.attempts])).toEqual([
      ["miss", 1],
      ["hit", 0],
      ["hit", 0],
    ]);
    expect(provider.calls).toHaveLength(2);
    expect(ledger.settled.map(({ status }) => status).toSorted()).toEqual([
      "ok",
      "ok",
      "ok",
      "ok",
      "refused",
    ]);
    expectNothingHeld();
  });

  it("of callers who are all refused ends for each with its own refusal, without a long line", async () => {
    const { gateway, provider, taken, deciding, ledger, expectNothingHeld } = limited();
    const poor = keyed("poor", 10);
    await gateway.chat({ ...asked, maxOutputTokens: 1 }, { principal: poor });
    const before = taken.length;
    const errors = await Promise.all(
      Array.from({ length: 100 }, () => errorOf(gateway.chat(asked, { principal: poor }))),
    );
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["rate_limited"]));
    expect(taken.length - before).toBe(100);
    expect(deciding.most).toBeGreaterThan(90);
    expect(provider.calls).toHaveLength(1);
    const refused = ledger.settled.slice(1);
    expect(refused.map(({ status, answeredFrom }) => [status, answeredFrom])).toEqual(
      refused.map(() => ["refused", undefined]),
    );
    expectNothingHeld();
  });

  it("reserves of its leader's budget alone, and one who may not pay may follow", async () => {
    const provider = createScriptedProvider(wholeScript);
    const reserved: string[] = [];
    const { gateway, expectNothingHeld } = cachingGateway({
      providers: { first: provider },
      parts({ clock, openCalls }) {
        const store = createMemoryBudgets({
          spend: new WrittenSpend(),
          clock,
          openCalls: createOpenCallsOfAccount(openCalls),
        });
        const budgetStore: BudgetStore = {
          reserve: async (reservation) => {
            reserved.push(reservation.id);
            await Promise.resolve();
            return store.reserve(reservation);
          },
          settle: (settlement) => store.settle(settlement),
          standing: (account) => store.standing(account),
          problems: () => store.problems(),
          close: () => store.close(),
        };
        return { budgetStore };
      },
    });
    const cheap = { ...asked, maxOutputTokens: 10 };
    const rich = budgetedPrincipal({ key: { hardNanos: 1_000_000_000n } });
    const poor = budgetedPrincipal({ key: { hardNanos: 1n } });
    const refused = errorOf(gateway.chat(cheap, { principal: poor }));
    const lead = gateway.chat(cheap, { principal: rich });
    const follow = gateway.chat(cheap, { principal: poor });
    expect((await refused).code).toBe("budget_exceeded");
    expect((await lead).meta.attempts).toBe(1);
    expect((await follow).meta).toMatchObject({ attempts: 0, costNanos: 0n, cacheStatus: "hit" });
    expect(reserved).toHaveLength(2);
    expect(provider.calls).toHaveLength(1);
    expectNothingHeld();
  });

  it("lets the places of all its callers go", async () => {
    const provider = createScriptedProvider(wholeScript);
    const { gateway, expectNothingHeld } = cachingGateway({
      providers: { first: provider },
      overload: { maxConcurrent: 3, queueMax: 0, maxWaitMs: 0 },
    });
    for (const round of [1, 2, 3]) {
      const chat = { ...asked, maxOutputTokens: round };
      await Promise.all([1, 2, 3].map(() => gateway.chat(chat)));
      expectNothingHeld();
    }
    const four = await Promise.allSettled(
      [1, 2, 3, 4].map(() => gateway.chat({ ...asked, maxOutputTokens: 9 })),
    );
    expect(four.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected"]);
  });
});

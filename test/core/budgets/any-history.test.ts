// Whatever becomes of calls, each is settled once, nothing that it held is kept, and what is spent is what is on record.

import fc from "fast-check";
import { expect, it } from "vitest";
import type { Principal } from "../../../src/core/access/principal.ts";
import type { BudgetAccount, Spend } from "../../../src/core/budgets/budget-store.ts";
import { createOpenCallsOfAccount } from "../../../src/core/budgets/open-calls-of-account.ts";
import { createOpenCalls } from "../../../src/core/open-calls.ts";
import { defaultRoutePolicy } from "../../../src/core/routing/default-policies.ts";
import { monthAt } from "../../../src/core/usage/time-intervals.ts";
import { createMemoryBudgets } from "../../../src/stores/memory/budgets.ts";
import { createMemoryLimits } from "../../../src/stores/memory/memory-limits.ts";
import { budgetedPrincipal } from "../../support/budgeted.ts";
import {
  collect,
  delta,
  failing,
  finished,
  partFinished,
  refusing,
  request,
  started,
  textStarted,
  usage,
} from "../../support/chat-scripts.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createScriptedProvider, type Script } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { turn } from "../../support/turn.ts";

const price = { version: "test-1", inputPicos: 1_000_000n, outputPicos: 3_000_000n };
const begun = [started, textStarted, delta("One ")];
const told = fc.constantFrom(usage(3, 4), usage(-5, 4), usage(2 ** 60, 1), usage(Number.NaN, 1));
const script: fc.Arbitrary<Script> = fc.oneof(
  fc.constantFrom(
    refusing("unavailable"),
    refusing("rate_limited"),
    { steps: ["hang"] } as const,
    { steps: [...begun, turn, failing("timeout")] },
    { steps: [...begun, partFinished] },
  ),
  told.map((counts) => ({ steps: [...begun, counts, failing("unavailable")] })),
  told.map((counts) => ({ steps: [...begun, counts, "hang" as const] })),
  told.map((counts) => ({ steps: [turn, ...begun, turn, partFinished, counts, finished] })),
);

const call = fc.record({
  reading: fc.constantFrom("whole", "unary", "one event", "never"),
  leaves: fc.boolean(),
  timeoutMs: fc.integer({ min: 20, max: 200 }),
  maxOutputTokens: fc.integer({ min: 1, max: 20 }),
  turns: fc.nat(4),
  thenMs: fc.constantFrom(0, 0, 1, 20, 61_000),
});

type Of<A> = A extends fc.Arbitrary<infer T> ? T : never;

const history = fc.record({
  calls: fc.array(call, { minLength: 10, maxLength: 30 }),
  scripts: fc.array(script, { minLength: 10, maxLength: 60 }),
  midStream: fc.constantFrom("fail" as const, "restart" as const, "continue" as const),
  hedges: fc.boolean(),
  stops: fc.boolean(),
  hardNanos: fc.bigInt({ min: 50_000n, max: 800_000n }),
});

function withStreams(principal: Principal, concurrentStreams: number): Principal {
  const { grants } = principal;
  if (grants === undefined) return principal;
  return { ...principal, grants: { ...grants, tenant: { ...grants.tenant, limits: { concurrentStreams } } } };
}

function gatewayOf({ scripts, midStream, hedges, hardNanos }: Omit<Of<typeof history>, "calls" | "stops">) {
  const clock = createManualClock();
  const openCalls = createOpenCalls();
  const limits = createMemoryLimits({ clock });
  const spend: Spend = { spentNanos: (account, except) => turn().then(() => onRecord(account, except)) };
  const store = createMemoryBudgets({
    spend,
    clock,
    openCalls: createOpenCallsOfAccount(openCalls),
    rereadMs: 60_000,
  });
  const third = Math.ceil(scripts.length / 3);
  const [first, second, last] = [0, 1, 2].map((at) =>
    createScriptedProvider(...scripts.slice(at * third, at * third + third)),
  );
  if (first === undefined || second === undefined || last === undefined) throw new Error("Three are needed.");
  const made = createTestGateway({
    providers: { first, second, last },
    prices: { find: ({ provider }) => (provider === "last" ? undefined : price) },
    openCalls,
    clock,
    retries: 2,
    continuing: ["first", "second", "last"],
    routePolicy: {
      midStream,
      hedge: hedges ? { after: { ms: 5 }, maxShare: 1 } : defaultRoutePolicy.hedge,
    },
    targetPolicies: { first: { maxConcurrent: 3 } },
    overload: { maxConcurrent: 6, queueMax: 3, maxWaitMs: 50 },
    limits: { store: limits, tokensPerMinute: 500, requestsPerMinute: 60 },
    budgetStore: store,
  });
  function onRecord(
    { fromMs, toMs }: Pick<BudgetAccount, "fromMs" | "toMs">,
    except: readonly string[],
  ): bigint {
    const { opened, attempts } = made.ledger;
    const ids = new Set(
      opened.flatMap((each) => (each.createdAtMs >= fromMs && each.createdAtMs < toMs ? each.id : [])),
    );
    for (const id of except) ids.delete(id);
    return attempts.reduce(
      (sum, { callId, costNanos }) => sum + (ids.has(callId) ? (costNanos ?? 0n) : 0n),
      0n,
    );
  }
  const principal = budgetedPrincipal({
    tenant: { hardNanos },
    key: { hardNanos: 600_000n },
    user: { softNanos: 1n },
  });
  return { ...made, clock, openCalls, limits, store, onRecord, principal: withStreams(principal, 4) };
}

async function run({ calls, stops, ...options }: Of<typeof history>) {
  const parts = gatewayOf(options);
  const { gateway, clock, principal } = parts;
  const ends: Promise<unknown>[] = [];
  for (const { reading, leaves, timeoutMs, maxOutputTokens, turns, thenMs } of calls) {
    const caller = new AbortController();
    const asked = { ...request, maxOutputTokens };
    const byCaller = { principal, timeoutMs, signal: caller.signal };
    const end = async (): Promise<void> => {
      if (reading === "unary") {
        await gateway.chat(asked, byCaller);
        return;
      }
      const { events } = await gateway.stream(asked, byCaller);
      if (reading === "whole") await collect(events);
      if (reading !== "one event") return;
      const reader = events[Symbol.asyncIterator]();
      await reader.next();
      await reader.return?.();
    };
    ends.push(end().catch(() => undefined));
    for (let i = 0; i < turns; i += 1) await turn();
    clock.advance(thenMs);
    if (leaves) caller.abort();
  }
  if (stops) void gateway.close();
  for (let i = 0; i < 60; i += 1) {
    clock.advance(20);
    await turn();
  }
  await Promise.all(ends);
  return parts;
}

it("leaves no call open, nothing held, and as much spent as is on record", async () => {
  await fc.assert(
    fc.asyncProperty(history, async (each) => {
      const { clock, openCalls, ledger, faults, gateway, limits, store, onRecord } = await run(each);
      expect(openCalls.all()).toEqual([]);
      const settled = ledger.settled.map(({ id }) => id);
      expect(settled.toSorted()).toEqual(ledger.opened.map(({ id }) => id).toSorted());
      const month = monthAt(clock.epochMs(), "UTC");
      const accounts = [
        ["tenant", "acme"],
        ["api_key", "key-1"],
        ["user", "user-1"],
      ] as const;
      for (const [scope, id] of accounts) {
        const standing = await store.standing({ tenantId: "acme", scope, id, ...month });
        expect(standing).toEqual({ spentNanos: onRecord(month, []), reservedNanos: 0n });
      }
      expect(await limits.enter([{ key: "streams:{acme}", limit: 1 }], "probe")).toBeUndefined();
      const held = gateway.measurements().filter(({ name }) => /in_flight|waiting/.test(name));
      for (const { samples } of held) {
        expect(samples.every((sample) => "value" in sample && sample.value === 0)).toBe(true);
      }
      expect(clock.pendingTimers).toBe(0);
      expect(faults).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

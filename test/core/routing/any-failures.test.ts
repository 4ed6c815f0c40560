// Whatever targets do, and whenever callers go: what every call keeps to.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Principal } from "../../../src/core/access/principal.ts";
import type { BudgetStore } from "../../../src/core/budgets/budget-store.ts";
import type { CallOptions } from "../../../src/core/call.ts";
import type { ChatEvent } from "../../../src/core/chat/events.ts";
import type { Clock } from "../../../src/core/clock.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import type { Price } from "../../../src/core/pricing/price.ts";
import { type FailureClass, failureActions, type ProviderError } from "../../../src/core/provider-error.ts";
import type { Provider } from "../../../src/core/provider.ts";
import type { ReplyMeta } from "../../../src/core/reply.ts";
import { wait } from "../../../src/core/wait.ts";
import type { RoutePolicy, StrategyName, TargetPolicy } from "../../../src/core/snapshot.ts";
import { monthAt } from "../../../src/core/usage/time-intervals.ts";
import { createMemoryBudgets } from "../../../src/stores/memory/budgets.ts";
import { budgetedPrincipal } from "../../support/budgeted.ts";
import {
  delta,
  failing,
  finished,
  partFinished,
  request,
  started,
  textStarted,
  usage,
} from "../../support/chat-scripts.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { createScriptedProvider, type Script, type Step } from "../../support/scripted-provider.ts";
import { createTestGateway, type ReadableLedger } from "../../support/test-gateway.ts";
import { turn } from "../../support/turn.ts";

const price: Price = { version: "test-1", inputPicos: 1_000_000n, outputPicos: 3_000_000n };
const whole: readonly Step[] = [
  started,
  textStarted,
  delta("one "),
  delta("two"),
  partFinished,
  usage(5, 2),
  finished,
];

const failureClasses = Object.keys(failureActions).filter(
  (name): name is FailureClass => name in failureActions,
);

const failure = fc
  .record({
    failure: fc.constantFrom(...failureClasses),
    retryAfterMs: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
    wholeProvider: fc.option(fc.boolean(), { nil: undefined }),
  })
  .map(({ failure: name, ...details }) => failing(name, details));

interface Scripted {
  /** How many steps of a whole answer come. */
  readonly steps: number;
  /** Before which step it waits, and how long. */
  readonly waitsAt: number;
  readonly waitMs: number;
  /** What follows, after a whole answer too. */
  readonly end: ProviderError | "hang" | "deaf" | "stop";
  readonly refuses: boolean;
}

const scripted: fc.Arbitrary<Scripted> = fc.record({
  steps: fc.oneof(fc.constant(whole.length), fc.integer({ min: 0, max: whole.length })),
  waitsAt: fc.integer({ min: 0, max: whole.length }),
  waitMs: fc.constantFrom(0, 3, 20, 90),
  end: fc.oneof(failure, failure, fc.constantFrom("hang" as const, "deaf" as const, "stop" as const)),
  refuses: fc.boolean(),
});

const targetPolicy: fc.Arbitrary<Partial<TargetPolicy>> = fc.record({
  breaker: fc.record({
    failureThreshold: fc.integer({ min: 1, max: 5 }),
    resetTimeoutMs: fc.constantFrom(20, 60_000),
  }),
  firstTokenMs: fc.constantFrom(10, 60, 1_000),
  betweenTokensMs: fc.constantFrom(15, 1_000),
  wholeAnswerMs: fc.constantFrom(25, 1_000),
  maxConcurrent: fc.constantFrom(undefined, 1, 2),
});

const routePolicy: fc.Arbitrary<Partial<RoutePolicy>> = fc.record({
  midStream: fc.constantFrom("fail", "restart", "continue"),
  maxRetryDelayMs: fc.constantFrom(0, 250),
  hedge: fc.constantFrom(
    undefined,
    { after: { ms: 5 }, maxShare: 1 },
    { after: { ms: 0 }, maxShare: 0.5, maxCostNanos: 1_000_000_000n },
  ),
});

interface Asked {
  readonly delivery: "chat" | "stream";
  readonly atMs: number;
  readonly timeoutMs: number;
  /** When the caller goes. */
  readonly goneAfterMs: number | undefined;
  /** After how many events the reader leaves. */
  readonly leavesAfter: number | undefined;
}

const mostlyNever = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const asked: fc.Arbitrary<Asked> = fc.record({
  delivery: fc.constantFrom("chat", "stream"),
  atMs: fc.integer({ min: 0, max: 30 }),
  timeoutMs: fc.constantFrom(8, 100, 5_000, 5_000),
  goneAfterMs: mostlyNever(fc.integer({ min: 0, max: 60 })),
  leavesAfter: mostlyNever(fc.integer({ min: 0, max: 6 })),
});

const scene = fc.record({
  targets: fc.array(
    fc.record({
      scripts: fc.array(scripted, { minLength: 1, maxLength: 4 }),
      policy: targetPolicy,
      continuing: fc.boolean(),
      retries: fc.integer({ min: 0, max: 2 }),
      keys: fc.integer({ min: 1, max: 2 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  routePolicy,
  strategy: fc.constantFrom<StrategyName>("priority", "round_robin", "weighted", "smart"),
  overload: fc.constantFrom(undefined, { maxConcurrent: 1, queueMax: 2, maxWaitMs: 50 }),
  calls: fc.array(asked, { minLength: 1, maxLength: 5 }),
  budget: fc.constantFrom(
    undefined,
    { attempts: 2, decidesAfterMs: 0 },
    { attempts: 2, decidesAfterMs: 7 },
    { attempts: 100, decidesAfterMs: 0 },
    { attempts: 100, decidesAfterMs: 7 },
  ),
  /** Of the machine, in each of the first milliseconds. */
  steps: fc.oneof(fc.constant(300), fc.integer({ min: 1, max: 12 })),
  random: fc.double({ min: 0, max: 0.999, noNaN: true }),
});

type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

/** Does not heed the signal. */
const forEver = (): Promise<never> => Promise.withResolvers<never>().promise;

function scriptOf({ steps, waitsAt, waitMs, end, refuses }: Scripted, clock: Clock): Script {
  if (refuses && typeof end === "object") return { steps: [], refuse: end };
  const pause: readonly Step[] = waitMs > 0 ? [(signal) => wait(waitMs, clock, signal)] : [];
  const played: Step[] = [
    ...whole.slice(0, Math.min(waitsAt, steps)),
    ...pause,
    ...whole.slice(waitsAt, steps),
  ];
  if (end !== "stop") played.push(end === "deaf" ? forEver : end);
  return { steps: played };
}

/** Decides at once, or after a time, as one on another machine does. */
function budgetsOf({ budget }: Scene, clock: ManualClock) {
  if (budget === undefined) return undefined;
  const store = createMemoryBudgets({ spend: { spentNanos: () => Promise.resolve(0n) }, clock });
  const { decidesAfterMs } = budget;
  const slow: BudgetStore = {
    reserve: (reservation) =>
      wait(decidesAfterMs, clock, new AbortController().signal).then(() => store.reserve(reservation)),
    settle: (settlement) => store.settle(settlement),
    standing: (account) => store.standing(account),
    problems: () => store.problems(),
    close: () => store.close(),
  };
  const hardNanos = BigInt(budget.attempts) * boundNanos;
  return { store: decidesAfterMs === 0 ? store : slow, hardNanos };
}

/** Two tokens are read and 4096 written, as far as anybody knows. */
const boundNanos = 2n * 1_000n + 4_096n * 3_000n;

function playedBy({ targets, ...options }: Scene, clock: ManualClock, store: BudgetStore | undefined) {
  const named = targets.map((target, i) => {
    const scripts = target.scripts.map((each) => scriptOf(each, clock));
    return { name: `p${i}`, target, provider: createScriptedProvider(...scripts) };
  });
  const byName = <T>(value: (of: (typeof named)[number]) => T) =>
    Object.fromEntries(named.map((each) => [each.name, value(each)]));
  return createTestGateway({
    providers: byName(({ provider }) => provider),
    credentials: byName(({ target, provider }): Record<string, Provider> =>
      target.keys === 1 ? {} : { a: provider, b: provider },
    ),
    targets: byName(({ target: { retries } }) => ({ retries })),
    targetPolicies: byName(({ target: { policy } }) => policy),
    continuing: named.filter(({ target }) => target.continuing).map(({ name }) => name),
    strategy: options.strategy,
    routePolicy: options.routePolicy,
    overload: options.overload,
    random: () => options.random,
    prices: { find: () => price },
    budgetStore: store,
    clock,
  });
}

interface Outcome {
  readonly events: readonly (ChatEvent & { readonly sequence?: number })[];
  readonly error: unknown;
  readonly left: boolean;
}

async function outcomeOf(
  gateway: Gateway,
  call: Asked,
  caller: Pick<CallOptions, "signal" | "principal">,
): Promise<Outcome> {
  const { timeoutMs } = call;
  const events: ChatEvent[] = [];
  try {
    if (call.delivery === "chat") {
      const { finishReason, meta } = await gateway.chat(request, { ...caller, timeoutMs });
      return { events: [{ type: "finished", reason: finishReason, meta }], error: undefined, left: false };
    }
    const reply = await gateway.stream(request, { ...caller, timeoutMs });
    for await (const event of reply.events) {
      events.push(event);
      if (events.length === call.leavesAfter) return { events, error: undefined, left: true };
    }
    return { events, error: undefined, left: false };
  } catch (error) {
    return { events, error, left: false };
  }
}

/** Sends the calls in their time, and moves the clock until all have ended. */
async function outcomes(
  gateway: Gateway,
  clock: ManualClock,
  { calls, steps, principal }: Pick<Scene, "calls" | "steps"> & { readonly principal: Principal },
): Promise<readonly Outcome[]> {
  const ended: Outcome[] = [];
  for (const call of calls) {
    clock.setTimer(call.atMs, () => {
      const caller = new AbortController();
      const gone =
        call.goneAfterMs === undefined ? undefined : clock.setTimer(call.goneAfterMs, () => caller.abort());
      void outcomeOf(gateway, call, { signal: caller.signal, principal }).then((outcome) => {
        gone?.cancel();
        return ended.push(outcome);
      });
    });
  }
  for (let i = 0; i < 4_000 && ended.length < calls.length; i += 1) {
    clock.advance(i < 200 ? 1 : 10);
    // At first time passes between any two steps of the machine.
    if (i >= 150) await turn();
    else for (let step = 0; step < steps; step += 1) await Promise.resolve();
  }
  expect(ended).toHaveLength(calls.length);
  return ended;
}

function expectSettled({ opened, attempts, settled }: ReadableLedger): void {
  expect(settled.map(({ id }) => id).toSorted(byText)).toEqual(opened.map(({ id }) => id).toSorted(byText));
  for (const settlement of settled) {
    const own = attempts.filter(({ callId }) => callId === settlement.id);
    const numbers = own.map(({ number }) => number).toSorted((a, b) => a - b);
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    const made = own.filter(({ status }) => status !== "skipped");
    expect(settlement.attempts).toBe(made.length);
    const answered = made.filter(({ status }) => status === "ok").length;
    // An answer may be whole at the provider's side although its reader left before the end.
    if (settlement.status === "ok") expect(answered).toBe(1);
    else expect(answered).toBeLessThanOrEqual(settlement.errorCode === "all_providers_failed" ? 0 : 1);
    const unknown = own.some(({ costNanos }) => costNanos === null);
    const sum = own.reduce((total, { costNanos }) => total + (costNanos ?? 0n), 0n);
    expect(settlement.costNanos).toBe(unknown ? null : sum);
    const tokens = own.reduce((total, each) => total + (each.usage?.output.total ?? 0), 0);
    expect(settlement.usage?.output.total ?? 0).toBe(tokens);
  }
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

/** What the caller hears is what is on record. */
function expectOneEnd({ events, error, left }: Outcome, { settled }: ReadableLedger): void {
  const recordOf = (meta: ReplyMeta) => settled.find(({ id }) => id === meta.requestId);
  const ends = events.flatMap((event) => (event.type === "finished" ? [event] : []));
  expect(events.filter(({ type }) => type === "usage").length).toBeLessThanOrEqual(1);
  if (left) return;
  expect(ends).toHaveLength(error === undefined ? 1 : 0);
  for (const end of ends) {
    expect(events.at(-1)).toBe(end);
    expect(recordOf(end.meta)).toMatchObject({ status: "ok" });
  }
  if (error === undefined) return;
  expect(error).toBeInstanceOf(GatewayError);
  expect(error).not.toMatchObject({ code: "internal" });
  // One that has no record knows nothing of its call.
  if (!(error instanceof GatewayError) || error.meta === undefined) return;
  expect(recordOf(error.meta)).toMatchObject({ errorCode: error.code });
}

async function expectNothingHeld(
  { store, hardNanos }: { readonly store: BudgetStore; readonly hardNanos: bigint },
  { attempts }: ReadableLedger,
  clock: ManualClock,
): Promise<void> {
  const spentNanos = attempts.reduce((sum, { costNanos }) => sum + (costNanos ?? 0n), 0n);
  expect(spentNanos).toBeLessThanOrEqual(hardNanos);
  const account = {
    tenantId: "acme",
    scope: "tenant",
    id: "acme",
    ...monthAt(clock.epochMs(), "UTC"),
  } as const;
  expect(await store.standing(account)).toEqual({ spentNanos, reservedNanos: 0n });
}

function expectNothingLeft(gateway: Gateway, clock: ManualClock): void {
  expect(clock.pendingTimers).toBe(0);
  const families = gateway.measurements();
  for (const name of ["sluice_open_calls", "sluice_waiting_calls", "sluice_target_in_flight"]) {
    const samples = families.find((family) => family.name === name)?.samples ?? [];
    expect(samples.length).toBeGreaterThan(0);
    expect(samples.map((sample) => "value" in sample && sample.value)).toEqual(samples.map(() => 0));
  }
}

describe("any failures of any targets", () => {
  it("leave every call with one end, one settlement, every attempt closed, and nothing behind", async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (drawn) => {
        const clock = createManualClock();
        const budget = budgetsOf(drawn, clock);
        const { gateway, ledger, faults } = playedBy(drawn, clock, budget?.store);
        const principal = budgetedPrincipal({ tenant: { hardNanos: budget?.hardNanos } });
        const ended = await outcomes(gateway, clock, { ...drawn, principal });
        await turn();
        // One may still be decided for a call that is over.
        if (budget !== undefined) clock.advance(7);
        await turn();
        if (budget !== undefined) await expectNothingHeld(budget, ledger, clock);
        expectSettled(ledger);
        for (const outcome of ended) {
          expectOneEnd(outcome, ledger);
          expect(outcome.events.map(({ sequence }) => sequence ?? 0)).toEqual(
            outcome.events.map((_, i) => i),
          );
        }
        if (drawn.routePolicy.midStream !== "continue") {
          for (const { replyBody } of ledger.settled.filter(({ status }) => status === "ok")) {
            expect(replyBody).toMatchObject({ parts: [{ text: "one two" }] });
          }
        }
        expect(faults).toEqual([]);
        expectNothingLeft(gateway, clock);
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});

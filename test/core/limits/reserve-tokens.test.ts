import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Principal } from "../../../src/core/access/principal.ts";
import type { Clock } from "../../../src/core/clock.ts";
import type { LimitStore } from "../../../src/core/limits/limit-store.ts";
import { createMemoryLimits } from "../../../src/stores/memory/memory-limits.ts";
import {
  collect,
  delta,
  errorOf,
  failing,
  finished,
  refusing,
  request,
  started,
  textStarted,
  usage,
} from "../../support/chat-scripts.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { keylessPrincipal } from "../../support/principals.ts";
import { createScriptedEmbedder } from "../../support/scripted-embedder.ts";
import { createScriptedProvider, type Script } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { turn } from "../../support/turn.ts";
import { limitedPrincipal } from "../../support/limited-principal.ts";

const answerOf = (input: number, output: number): Script => ({
  steps: [started, textStarted, delta("Hi"), usage(input, output), finished],
});
const answerWithoutUsage: Script = { steps: [started, textStarted, delta("Hi"), finished] };

/** What was taken and put right is told in the order in which that was. */
function createWatchedStore(clock: Clock) {
  const memory = createMemoryLimits({ clock });
  const taken: number[] = [];
  const corrected: number[] = [];
  const store: LimitStore = {
    ...memory,
    take(takes) {
      taken.push(...takes.map(({ cost }) => cost));
      return memory.take(takes);
    },
    correct(takes) {
      corrected.push(...takes.map(({ cost }) => cost));
      memory.correct(takes);
    },
  };
  return { memory, store, taken, corrected };
}

/** The clock stands still: what is left is what was not used. */
function limitedTo(tokensPerMinute: number, providers: Record<string, readonly Script[]>) {
  const clock = createManualClock();
  const { memory, store, corrected } = createWatchedStore(clock);
  const scripted = Object.entries(providers).map(
    ([name, scripts]) => [name, createScriptedProvider(...scripts)] as const,
  );
  const { gateway, ledger } = createTestGateway({
    providers: Object.fromEntries(scripted),
    clock,
    limits: { store, tokensPerMinute, defaultOutputReserve: 100 },
  });
  const left = (key = "tpm:{default}"): number | undefined =>
    memory.take([{ bucket: { key, limit: tokensPerMinute }, cost: 0 }]).states[0]?.remaining;
  return { gateway, ledger, clock, corrected, left };
}

describe("tokens of a call", () => {
  it("are reserved by its length and what it may answer, and put right by what it used", async () => {
    const { gateway, left } = limitedTo(1_000, { first: [answerOf(7, 40)] });
    // "Hello" is two tokens; 100 are kept for the answer.
    const stream = await gateway.stream(request);
    expect(left()).toBe(898);
    expect(stream.meta.limits?.tokens).toEqual({ limit: 1_000, remaining: 898, resetMs: 6_120 });
    await collect(stream.events);
    expect(left()).toBe(953);
    await gateway.chat({ ...request, maxOutputTokens: 900 });
    expect(left()).toBe(906);
  });

  it("may be more than was reserved, and then leave less than nothing", async () => {
    const { gateway, clock, left } = limitedTo(1_000, { first: [answerOf(2, 3_000)] });
    await gateway.chat(request);
    expect(left()).toBe(-2_002);
    expect(await errorOf(gateway.chat(request))).toMatchObject({
      code: "rate_limited",
      retryAfterMs: 126_240,
    });
    clock.advance(126_240);
    await gateway.chat(request);
  });

  it("that are too many are refused with a record, with what is left and when to come again", async () => {
    const { gateway, ledger, left } = limitedTo(1_000, { first: [answerOf(2, 600)] });
    await gateway.chat(request);
    const error = await errorOf(gateway.chat({ ...request, maxOutputTokens: 500 }));
    expect(error).toMatchObject({
      code: "rate_limited",
      message:
        "The tenant's limit of 1000 tokens a minute has not enough left for this call, which may use 502. " +
        "Send it again in 6.3 s, or let it answer with fewer.",
      retryAfterMs: 6_240,
      meta: { limits: { tokens: { limit: 1_000, remaining: 398 } } },
    });
    expect(ledger.settled.map(({ status, errorCode }) => [status, errorCode])).toEqual([
      ["ok", undefined],
      ["refused", "rate_limited"],
    ]);
    expect(left()).toBe(398);
    // A shorter one is let in.
    await gateway.chat({ ...request, maxOutputTokens: 300 });
  });

  it("are never more than the limit: a call that may use more than a minute's is served by a full bucket", async () => {
    const { gateway, left } = limitedTo(1_000, { first: [answerOf(2, 30)] });
    await gateway.chat({ ...request, maxOutputTokens: 100_000 });
    expect(left()).toBe(968);
    await errorOf(gateway.chat({ ...request, maxOutputTokens: 100_000 }));
  });

  it("are the sum of what its attempts used", async () => {
    const broken: Script = {
      steps: [{ ...usageOf(5), type: "usage" }, failing("unavailable")],
    };
    const { gateway, left } = limitedTo(1_000, { first: [broken], second: [answerOf(7, 40)] });
    await gateway.chat(request);
    expect(left()).toBe(1_000 - 5 - 47);
  });

  it("stay as reserved where nobody told how many were used", async () => {
    const { gateway, left } = limitedTo(1_000, { first: [{ steps: [started, "hang"] }] });
    const caller = new AbortController();
    const cancelled = errorOf(gateway.chat(request, { signal: caller.signal }));
    await turn();
    caller.abort();
    expect((await cancelled).code).toBe("cancelled");
    expect(left()).toBe(898);
  });

  it("are those of its length for an answer, or the side of it, that nobody told of", async () => {
    const untold = limitedTo(1_000, { first: [answerWithoutUsage] });
    await untold.gateway.chat(request);
    expect(untold.left()).toBe(1_000 - 2 - 1);
    const halfTold: Script = { steps: [{ ...usageOf(50), type: "usage" }, ...answerWithoutUsage.steps] };
    const { gateway, left } = limitedTo(1_000, { first: [halfTold] });
    await gateway.chat(request);
    expect(left()).toBe(1_000 - 50 - 1);
  });

  it("are given back where no provider got as far as an answer", async () => {
    const { gateway, left } = limitedTo(1_000, {
      first: [refusing("unavailable")],
      second: [refusing("authentication")],
    });
    expect((await errorOf(gateway.chat(request))).code).toBe("all_providers_failed");
    expect(left()).toBe(1_000);
  });

  it.each([Number.NaN, -5, 1.5, 1e15, Number.POSITIVE_INFINITY])(
    "stay as reserved for a count that is none: %d",
    async (count) => {
      const { gateway, left } = limitedTo(1_000, { first: [answerOf(count, count)] });
      await gateway.chat(request);
      expect(left()).toBe(898);
    },
  );

  it("keep their tenant out for a day at most, however many the provider counts", async () => {
    const { gateway, clock, left } = limitedTo(1_000, { first: [answerOf(999_999_999, 1)] });
    await gateway.chat(request);
    const refused = await errorOf(gateway.chat(request));
    expect(refused.code).toBe("rate_limited");
    expect(refused.retryAfterMs).toBeGreaterThan(23 * 3_600_000);
    clock.advance(24 * 3_600_000);
    expect(left()).toBeGreaterThan(800);
  });

  it("are put right once, whatever its end", async () => {
    const ends = fc.constantFrom("whole", "left", "aborted", "late", "broken");
    await fc.assert(
      fc.asyncProperty(fc.array(ends, { maxLength: 4 }), async (kinds) => {
        const hanging: Script = {
          steps: [{ ...usageOf(9), type: "usage" }, started, textStarted, delta("Hi"), "hang"],
        };
        const broken: Script = { steps: [...hanging.steps.slice(0, -1), failing("unavailable")] };
        const scripts = kinds.map((kind) =>
          kind === "whole" ? answerOf(3, 4) : kind === "broken" ? broken : hanging,
        );
        const { gateway, clock, corrected } = limitedTo(1_000_000, { first: scripts });
        for (const kind of kinds) {
          const caller = new AbortController();
          const { events } = await gateway.stream(request, { signal: caller.signal, timeoutMs: 50 });
          const iterator = events[Symbol.asyncIterator]();
          await iterator.next();
          if (kind === "left") await iterator.return?.();
          if (kind === "aborted") caller.abort();
          if (kind === "late") clock.advance(50);
          await collect({ [Symbol.asyncIterator]: () => iterator });
        }
        const used = { whole: 7, left: 10, aborted: 10, late: 10, broken: 10 };
        expect(corrected).toEqual(kinds.map((kind) => used[kind] - 102));
      }),
      { numRuns: 30 },
    );
  });

  it("are given back by a call that ended while its store was asked", async () => {
    const memory = createMemoryLimits({ clock: createManualClock() });
    const { promise: answered, resolve: answer } = Promise.withResolvers<undefined>();
    const store: LimitStore = {
      ...memory,
      async take(takes) {
        await answered;
        return memory.take(takes);
      },
    };
    const { gateway, ledger } = createTestGateway({
      providers: { first: createScriptedProvider(answerOf(1, 1)) },
      limits: { store, tokensPerMinute: 1_000 },
    });
    const caller = new AbortController();
    const stream = gateway.stream(request, { signal: caller.signal });
    await turn();
    caller.abort();
    expect(ledger.settled).toMatchObject([{ status: "cancelled" }]);
    answer(undefined);
    expect((await errorOf(stream)).code).toBe("cancelled");
    expect(memory.take([{ bucket: { key: "tpm:{default}", limit: 1_000 }, cost: 1_000 }]).allowed).toBe(true);
  });

  it("of embeddings are those of their texts", async () => {
    const { memory, store, taken } = createWatchedStore(createManualClock());
    const { gateway } = createTestGateway({
      providers: { first: createScriptedEmbedder() },
      limits: { store, tokensPerMinute: 1_000 },
    });
    await gateway.embed({ inputs: ["12345678", "1", [1, 2, 3]] });
    expect(taken).toEqual([2 + 1 + 3]);
    // As the vendor counted them: four each.
    const { states } = memory.take([{ bucket: { key: "tpm:{default}", limit: 1_000 }, cost: 0 }]);
    expect(states[0]?.remaining).toBe(988);
  });

  it("are held against the limits of tenant and key", async () => {
    const { gateway, left } = limitedTo(1_000, { first: [answerOf(10, 40)] });
    const principal: Principal = limitedPrincipal({ key: { tokensPerMinute: 120 } });
    const reply = await gateway.chat(request, { principal });
    expect(reply.meta.limits?.tokens).toMatchObject({ limit: 120, remaining: 18 });
    expect((await errorOf(gateway.chat(request, { principal }))).message).toMatch(
      /^The key's limit of 120 tokens/,
    );
    expect(left("tpm:{acme}")).toBe(950);
    expect(left("tpm:{acme}:key:key-1")).toBe(950);
    await gateway.chat(request, { principal: keylessPrincipal });
  });
});

function usageOf(input: number) {
  return { usage: { input: { total: input }, output: {}, source: "reported" } } as const;
}

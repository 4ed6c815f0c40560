import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createUpperBound,
  dearestOf,
  unknownMaxOutputTokens,
} from "../../../src/core/budgets/upper-bound.ts";
import { beginCall, type Call } from "../../../src/core/call.ts";
import { chatOperation } from "../../../src/core/chat/operation.ts";
import type { ChatShape } from "../../../src/core/chat/shape.ts";
import { createOpenCalls } from "../../../src/core/open-calls.ts";
import { costNanos, type Price, type PriceQuery } from "../../../src/core/pricing/price.ts";
import type { ConfiguredProvider, Snapshot, Target } from "../../../src/core/snapshot.ts";
import { request } from "../../support/chat-scripts.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { keylessPrincipal } from "../../support/principals.ts";
import { createScriptedProvider } from "../../support/scripted-provider.ts";

const provider: ConfiguredProvider = {
  name: "p",
  kind: "p",
  source: "file",
  priority: 0,
  baseUrl: "http://p.test",
  models: [],
  adapter: createScriptedProvider(),
};
const target = (model: string): Target => ({ provider, model, priority: 0 });

interface Known {
  readonly prices?: Readonly<Record<string, Price>>;
  readonly ceilings?: Readonly<Record<string, number>>;
  readonly asked?: PriceQuery[];
}

function callWith({ prices = {}, ceilings = {}, asked = [] }: Known): Call<ChatShape> {
  const snapshot: Snapshot = {
    version: 1,
    providers: new Map(),
    routes: new Map(),
    useCases: new Map(),
    loggingPolicy: "none",
    prices: {
      find(query) {
        asked.push(query);
        return prices[query.model];
      },
    },
    modelTable: { find: ({ model }) => ({ maxOutputTokens: ceilings[model] }) },
  };
  const clock = createManualClock();
  return beginCall(
    {
      operation: chatOperation,
      request,
      delivery: "unary",
      labels: {},
      options: { principal: keylessPrincipal },
    },
    { clock, newId: () => "id-1", snapshot, openCalls: createOpenCalls() },
  );
}

const plain: Price = { version: "1", inputPicos: 1_000n, outputPicos: 4_000n };

describe("what an attempt may cost", () => {
  it("is its input and the longest answer that was asked for, in whole nano-dollars and never below", () => {
    const upperBound = createUpperBound();
    const call = callWith({ prices: { m: plain, cheap: { version: "2", inputPicos: 1n, outputPicos: 0n } } });
    expect(upperBound(target("m"), { call, inputTokens: 10, maxOutputTokens: 5 })).toBe(30n);
    expect(upperBound(target("cheap"), { call, inputTokens: 1_001, maxOutputTokens: 5 })).toBe(2n);
  });

  it("takes the model's ceiling where the call names no most, and 4096 where none is known", () => {
    const upperBound = createUpperBound();
    const call = callWith({ prices: { big: plain, unknown: plain }, ceilings: { big: 128_000 } });
    const size = { call, inputTokens: 0, maxOutputTokens: undefined };
    expect(upperBound(target("big"), size)).toBe(512_000n);
    expect(unknownMaxOutputTokens).toBe(4_096);
    expect(upperBound(target("unknown"), size)).toBe(16_384n);
    expect(upperBound(target("big"), size)).toBe(512_000n);
  });

  it.each([
    ["reading the cache", { cacheReadPicos: 9_000n }, 13n],
    ["writing the cache", { cacheWritePicos: 9_000n }, 13n],
    ["writing it for long", { cacheWriteLongPicos: 9_000n }, 13n],
    ["sound", { inputAudioPicos: 9_000n }, 13n],
    ["sound from the cache", { cacheReadAudioPicos: 9_000n }, 13n],
    ["reasoning", { reasoningPicos: 9_000n }, 10n],
    ["spoken answers", { outputAudioPicos: 9_000n }, 10n],
    ["what is cheaper than plain text", { cacheReadPicos: 1n, reasoningPicos: 1n }, 5n],
  ])("takes the dearest of a side's prices: %s", (_, dearer, nanos) => {
    const call = callWith({ prices: { m: { ...plain, ...dearer } } });
    expect(createUpperBound()(target("m"), { call, inputTokens: 1, maxOutputTokens: 1 })).toBe(nanos);
  });

  it("is nothing where there is no price, and asks for the price of so long a prompt", () => {
    const asked: PriceQuery[] = [];
    const call = callWith({ asked });
    expect(createUpperBound()(target("m"), { call, inputTokens: 300_000, maxOutputTokens: 1 })).toBe(0n);
    expect(asked).toMatchObject([{ model: "m", inputTokens: 300_000, atMs: call.createdAtMs }]);
  });

  it("of whichever target is that of the dearest", () => {
    const dear: Price = { version: "2", inputPicos: 2_000n, outputPicos: 9_000n };
    const call = callWith({ prices: { m: plain, dear } });
    const size = { call, inputTokens: 1, maxOutputTokens: 1 };
    const targets = ["none", "m", "dear", "m"].map(target);
    expect(dearestOf(targets, size, createUpperBound())).toBe(11n);
    expect(dearestOf([], size, createUpperBound())).toBe(0n);
  });

  it("is never less than what is charged for so many tokens, of whichever kinds", () => {
    const picos = fc.bigInt({ min: 0n, max: 10n ** 9n });
    const apart = fc.option(picos, { nil: undefined });
    const price = fc.record<Price>({
      version: fc.constant("1"),
      inputPicos: picos,
      outputPicos: apart,
      cacheReadPicos: apart,
      cacheWritePicos: apart,
      cacheWriteLongPicos: apart,
      inputAudioPicos: apart,
      cacheReadAudioPicos: apart,
      reasoningPicos: apart,
      outputAudioPicos: apart,
    });
    const count = fc.integer({ min: 0, max: 100_000 });
    fc.assert(
      fc.property(price, fc.array(count, { minLength: 7, maxLength: 7 }), (price, counts) => {
        const [uncached = 0, cacheRead = 0, cacheWrite = 0, text = 0, reasoning = 0, audio = 0, long = 0] =
          counts;
        const input = {
          total: uncached + cacheRead + cacheWrite,
          uncached,
          cacheRead,
          cacheWrite,
          cacheWriteLong: Math.min(long, cacheWrite),
          audio: Math.min(audio, uncached),
          cacheReadAudio: 0,
        };
        const output = { total: text + reasoning, text, reasoning, audio: Math.min(audio, text) };
        const paid = costNanos({ input, output, source: "reported" }, price);
        const call = callWith({ prices: { m: price } });
        const size = { call, inputTokens: input.total, maxOutputTokens: output.total };
        expect(createUpperBound()(target("m"), size)).toBeGreaterThanOrEqual(paid ?? 0n);
      }),
    );
  });

  it("holds no numbers that a double cannot: it is off by less than a millionth part there", () => {
    const price: Price = { version: "1", inputPicos: 1_000_000_000n, outputPicos: 1_000_000_000n };
    const call = callWith({ prices: { m: price } });
    const nanos = createUpperBound()(target("m"), {
      call,
      inputTokens: 99_999_999,
      maxOutputTokens: 99_999_999,
    });
    expect(nanos).toBe(199_999_998_000_000n);
  });
});

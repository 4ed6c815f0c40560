// What holds of costs whatever the counts and the prices are.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Usage } from "../../../src/core/chat/usage.ts";
import { costNanos, type Price } from "../../../src/core/pricing/price.ts";

const count = fc.nat(1_000_000);
const picos = fc.bigInt(0n, 10n ** 9n);
const maybePicos = fc.option(picos, { nil: undefined });

const prices: fc.Arbitrary<Price> = fc.record({
  version: fc.constant("any"),
  inputPicos: picos,
  outputPicos: picos,
  cacheReadPicos: maybePicos,
  cacheWritePicos: maybePicos,
  cacheWriteLongPicos: maybePicos,
  inputAudioPicos: maybePicos,
  cacheReadAudioPicos: maybePicos,
  reasoningPicos: maybePicos,
  outputAudioPicos: maybePicos,
});

/** Tokens by what they are: no two of these overlap. */
interface Kinds {
  readonly text: number;
  readonly sound: number;
  readonly readText: number;
  readonly readSound: number;
  readonly writtenShort: number;
  readonly writtenLong: number;
  readonly answer: number;
  readonly reasoning: number;
  readonly spoken: number;
}

const kindNames = [
  "text",
  "sound",
  "readText",
  "readSound",
  "writtenShort",
  "writtenLong",
  "answer",
  "reasoning",
  "spoken",
] as const satisfies readonly (keyof Kinds)[];

const kinds: fc.Arbitrary<Kinds> = fc.record({
  text: count,
  sound: count,
  readText: count,
  readSound: count,
  writtenShort: count,
  writtenLong: count,
  answer: count,
  reasoning: count,
  spoken: count,
});

/** As a vendor that tells everything would tell it; what is written to the cache is text here. */
function usageOf(of: Kinds): Usage {
  const cacheRead = of.readText + of.readSound;
  const cacheWrite = of.writtenShort + of.writtenLong;
  const uncached = of.text + of.sound;
  return {
    input: {
      total: uncached + cacheRead + cacheWrite,
      uncached,
      cacheRead,
      cacheWrite,
      cacheWriteLong: of.writtenLong,
      audio: of.sound + of.readSound,
      cacheReadAudio: of.readSound,
    },
    output: {
      total: of.answer + of.reasoning + of.spoken,
      text: of.answer + of.spoken,
      reasoning: of.reasoning,
      audio: of.spoken,
    },
    source: "reported",
  };
}

/** Every token at its own price, one kind after the other. */
function plainPicos(of: Kinds, price: Price): bigint {
  const { inputPicos: input, outputPicos: output = 0n } = price;
  const read = price.cacheReadPicos ?? input;
  const write = price.cacheWritePicos ?? input;
  const sound = price.inputAudioPicos ?? input;
  return (
    BigInt(of.text) * input +
    BigInt(of.sound) * sound +
    BigInt(of.readText) * read +
    BigInt(of.readSound) * (price.cacheReadAudioPicos ?? price.cacheReadPicos ?? sound) +
    BigInt(of.writtenShort) * write +
    BigInt(of.writtenLong) * (price.cacheWriteLongPicos ?? write) +
    BigInt(of.answer) * output +
    BigInt(of.reasoning) * (price.reasoningPicos ?? output) +
    BigInt(of.spoken) * (price.outputAudioPicos ?? output)
  );
}

const isNear = (nanos: bigint, exactPicos: bigint): boolean => {
  const distance = nanos * 1_000n - exactPicos;
  return distance >= -500n && distance <= 500n;
};

/** Sound that is written to the cache may be any of what is written: then its place is not known. */
const soundOutsideTheCache = kinds.map((of) => ({ ...of, writtenShort: 0, writtenLong: 0 }));

describe("a cost", () => {
  it("is every token at its own price, rounded once", () => {
    fc.assert(
      fc.property(soundOutsideTheCache, prices, (of, price) => {
        expect(isNear(costNanos(usageOf(of), price) ?? -1n, plainPicos(of, price))).toBe(true);
      }),
    );
  });

  it("is so with what was written to the cache, where there is no sound", () => {
    fc.assert(
      fc.property(kinds, prices, (any, price) => {
        const of = { ...any, sound: 0, readSound: 0 };
        expect(isNear(costNanos(usageOf(of), price) ?? -1n, plainPicos(of, price))).toBe(true);
      }),
    );
  });

  it("is never negative, whatever is told", () => {
    const told = fc.option(fc.oneof(count, fc.integer(), fc.double()), { nil: undefined });
    const side = { total: told, cacheRead: told, cacheWrite: told, cacheWriteLong: told, audio: told };
    const usages = fc.record({
      input: fc.record({ ...side, cacheReadAudio: told }),
      output: fc.record({ total: told, reasoning: told, audio: told }),
      source: fc.constant("reported" as const),
    });
    fc.assert(
      fc.property(usages, prices, (usage, price) => {
        const cost = costNanos(usage, price);
        expect(cost === undefined || cost >= 0n).toBe(true);
      }),
    );
  });

  it("is unknown, or what it is with the counts, when some of them are left out", () => {
    const leftOut = fc.subarray(["cacheWriteLong", "audio", "cacheReadAudio"] as const);
    fc.assert(
      fc.property(soundOutsideTheCache, prices, leftOut, fc.boolean(), (of, price, names, withoutOutput) => {
        const whole = usageOf(of);
        const input = { ...whole.input, ...Object.fromEntries(names.map((name) => [name, undefined])) };
        const output = withoutOutput ? { total: whole.output.total } : whole.output;
        const cost = costNanos({ ...whole, input, output }, price);
        expect([undefined, costNanos(whole, price)]).toContain(cost);
      }),
    );
  });

  it("does not fall when there is more of any kind", () => {
    fc.assert(
      fc.property(
        soundOutsideTheCache,
        prices,
        fc.constantFrom(...kindNames),
        count,
        (of, price, name, more) => {
          const less = costNanos(usageOf(of), price);
          const moreCost = costNanos(usageOf({ ...of, [name]: of[name] + more }), price);
          if (less !== undefined && moreCost !== undefined) expect(moreCost >= less).toBe(true);
        },
      ),
    );
  });

  it("of two calls is that of one with the tokens of both, but for the rounding", () => {
    fc.assert(
      fc.property(soundOutsideTheCache, soundOutsideTheCache, prices, (a, b, price) => {
        const both = costNanos(usageOf(sumOf(a, b)), price) ?? -1n;
        const each = (costNanos(usageOf(a), price) ?? -1n) + (costNanos(usageOf(b), price) ?? -1n);
        const distance = both - each;
        // Each of three roundings is off by half a nano at most.
        expect(distance >= -1n && distance <= 1n).toBe(true);
      }),
    );
  });
});

const sumOf = (a: Kinds, b: Kinds): Kinds => ({
  text: a.text + b.text,
  sound: a.sound + b.sound,
  readText: a.readText + b.readText,
  readSound: a.readSound + b.readSound,
  writtenShort: a.writtenShort + b.writtenShort,
  writtenLong: a.writtenLong + b.writtenLong,
  answer: a.answer + b.answer,
  reasoning: a.reasoning + b.reasoning,
  spoken: a.spoken + b.spoken,
});

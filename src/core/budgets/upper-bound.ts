// What one attempt may cost at most: the estimated input and the longest answer, each at the dearest price that the
// target's price has for the side. A cache that is written, sound and reasoning may cost more than plain text.

import type { Call } from "../call.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Price } from "../pricing/price.ts";
import type { ConfiguredProvider, Target } from "../snapshot.ts";

/** Of a model that the table knows no ceiling of, in a call that names none. */
export const unknownMaxOutputTokens = 4_096;

/** Callers may name any model of a provider: of so many the ceiling is kept. */
const maxModels = 1_000;
const picosANano = 1_000;

interface DearestPicos {
  readonly input: number;
  readonly output: number;
}

export interface AttemptSize<S extends OperationShape> {
  readonly call: Call<S>;
  readonly inputTokens: number;
  /** As the request says; undefined: as many as the model gives. */
  readonly maxOutputTokens: number | undefined;
}

/** In nano-dollars, rounded up; a target without a price counts 0. */
export type UpperBound = <S extends OperationShape>(target: Target, size: AttemptSize<S>) => bigint;

/** The dearest of the targets: an upper bound of one attempt, whichever of them is asked. */
export function dearestOf<S extends OperationShape>(
  targets: readonly Target[],
  size: AttemptSize<S>,
  upperBound: UpperBound,
): bigint {
  let dearest = 0n;
  for (const target of targets) {
    const nanos = upperBound(target, size);
    if (nanos > dearest) dearest = nanos;
  }
  return dearest;
}

export function createUpperBound(): UpperBound {
  const dearest = new WeakMap<Price, DearestPicos>();
  const ceilings = new WeakMap<ConfiguredProvider, Map<string, number>>();

  function picosOf(price: Price): DearestPicos {
    const known = dearest.get(price);
    if (known !== undefined) return known;
    const picos = { input: dearestInput(price), output: dearestOutput(price) };
    dearest.set(price, picos);
    return picos;
  }

  function ceilingOf<S extends OperationShape>({ provider, model }: Target, call: Call<S>): number {
    const models = ceilings.get(provider) ?? new Map<string, number>();
    const known = models.get(model);
    if (known !== undefined) return known;
    const { name, kind } = provider;
    const facts = call.snapshot.modelTable.find({ provider: name, kind, model, atMs: call.createdAtMs });
    const ceiling = facts?.maxOutputTokens ?? unknownMaxOutputTokens;
    if (models.size >= maxModels) models.clear();
    ceilings.set(provider, models.set(model, ceiling));
    return ceiling;
  }

  return (target, { call, inputTokens, maxOutputTokens }) => {
    const { name, kind } = target.provider;
    const price = call.snapshot.prices.find({
      provider: name,
      kind,
      model: target.model,
      atMs: call.createdAtMs,
      inputTokens,
    });
    if (price === undefined) return 0n;
    const picos = picosOf(price);
    const outputTokens = maxOutputTokens ?? ceilingOf(target, call);
    return nanosOf(inputTokens * picos.input + outputTokens * picos.output);
  };
}

/** A number is exact up to 9,007 dollars; an attempt beyond is off by less than a millionth of a dollar. */
const nanosOf = (picos: number): bigint => BigInt(Math.ceil(picos / picosANano));

const dearestInput = (price: Price): number =>
  largest([
    price.inputPicos,
    price.cacheReadPicos,
    price.cacheWritePicos,
    price.cacheWriteLongPicos,
    price.inputAudioPicos,
    price.cacheReadAudioPicos,
  ]);

const dearestOutput = (price: Price): number =>
  largest([price.outputPicos, price.reasoningPicos, price.outputAudioPicos]);

const largest = (picos: readonly (bigint | undefined)[]): number =>
  Math.max(...picos.map((each) => Number(each ?? 0n)));

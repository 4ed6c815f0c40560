// Values at, just within and just beyond what a field's rules allow. Which of them are refused is for the
// judge to say.

import { type DescEnum, type DescField, ScalarType } from "@bufbuild/protobuf";
import type { FieldRules } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import fc from "fast-check";

/** A code point of two UTF-16 units: lengths are counted in code points. */
const wide = "😀";

/** For the values of a field, of a list's items, or of a map's values; without rules, those of every kind. */
export const valuesFor = (field: DescField, rules?: FieldRules): readonly unknown[] => [
  ...(rules === undefined ? [] : around(rules)),
  ...extremes(field),
];

/** At the limits that rules name. */
export function around({ type }: FieldRules): readonly unknown[] {
  if (type.case === "string") {
    const { minLen, maxLen, pattern } = type.value;
    const lengths = lengthsAround(minLen, maxLen);
    return [
      ...lengths.flatMap((length) => ["a".repeat(length), wide.repeat(length)]),
      ...(pattern === "" ? [] : textsAround(pattern)),
    ];
  }
  const isNumber = type.case === "int32" || type.case === "int64" || type.case === "double";
  return isNumber ? numbersAround(type.value, type.case) : [];
}

const extremesOf: Partial<Record<ScalarType, readonly unknown[]>> = {
  [ScalarType.STRING]: ["", "\u0000", "a".repeat(100_000)],
  [ScalarType.BYTES]: [new Uint8Array(0), new Uint8Array(1)],
  [ScalarType.INT32]: [0, -1, 2 ** 31 - 1, -(2 ** 31)],
  [ScalarType.INT64]: [0n, 2n ** 63n - 1n, -(2n ** 63n)],
  [ScalarType.DOUBLE]: [0, -0, Number.NaN, Infinity, -Infinity, Number.MAX_VALUE, Number.MIN_VALUE],
  [ScalarType.BOOL]: [false, true],
};

/** What may be beyond a limit that only the core has. */
function extremes(field: DescField): readonly unknown[] {
  if (field.enum !== undefined) return numbersOf(field.enum);
  return field.scalar === undefined ? [] : (extremesOf[field.scalar] ?? []);
}

/** Unset limits are 0. */
export const lengthsAround = (min: bigint, max: bigint): readonly number[] =>
  [...(min > 0n ? [min - 1n, min] : []), ...(max > 0n ? [max, max + 1n] : [])].map(Number);

function textsAround(pattern: string): readonly string[] {
  const within = samples(pattern);
  // At the upper ends of its quantifiers, and one beyond them.
  const longest = samples(pattern.replaceAll(/\{\d+,(\d+)\}/g, "{$1}"));
  const tooLong = samples(pattern.replaceAll(/\{\d+,(\d+)\}/g, (_, max) => `{${Number(max) + 1}}`));
  const broken = within.flatMap((text) => [`${text} `, ` ${text}`, `${text}\n`, `${text}é`, text.slice(1)]);
  return ["", "\u212a/\u017f", wide, ...within, ...longest, ...tooLong, ...broken];
}

const samples = (pattern: string): readonly string[] =>
  fc.sample(fc.stringMatching(new RegExp(pattern)), { numRuns: 12, seed: 1 });

interface NumberRules {
  readonly greaterThan: { readonly value?: number | bigint | undefined };
  readonly lessThan: { readonly value?: number | bigint | undefined };
}

function numbersAround(rules: NumberRules, kind: "int32" | "int64" | "double"): readonly (number | bigint)[] {
  const limits = [rules.greaterThan.value, rules.lessThan.value].filter((limit) => limit !== undefined);
  if (kind === "int64") return limits.map(BigInt).flatMap((limit) => [limit - 1n, limit, limit + 1n]);
  const step = kind === "int32" ? 1 : 1e-9;
  return limits.map(Number).flatMap((limit) => [limit - step, limit, limit + step]);
}

/** All numbers of an enum, and some that have no name. */
function numbersOf({ values }: DescEnum): readonly number[] {
  const known = values.map(({ number }) => number);
  return [...known, Math.max(...known) + 1, -1, 2 ** 31 - 1, -(2 ** 31)];
}

// The simple values of which forms are made.

import type { JsonValue } from "./json.ts";
import { type JsonForm, malformed } from "./json-form.ts";

export const text: JsonForm<string> = {
  write: (value) => value,
  read: (json) => (typeof json === "string" ? json : malformed),
};

export const finiteNumber: JsonForm<number> = {
  write: (value) => value,
  // JSON's `1e999` is read as infinite.
  read: (json) => (typeof json === "number" && Number.isFinite(json) ? json : malformed),
};

/** A number of things, or their place among others. */
export const wholeNumber: JsonForm<number> = {
  write: (value) => value,
  read: (json) => (typeof json === "number" && Number.isSafeInteger(json) && json >= 0 ? json : malformed),
};

export const trueOrFalse: JsonForm<boolean> = {
  write: (value) => value,
  read: (json) => (typeof json === "boolean" ? json : malformed),
};

/** What is a vendor's own and goes on as it is. */
export const anyJson: JsonForm<JsonValue> = {
  write: (value) => value,
  read: (json) => (json === undefined ? malformed : json),
};

/** As long as any sum of money; what is longer takes long to read. */
const decimalPattern = /^(?:0|-?[1-9]\d{0,39})$/;

/** As decimal digits in a string: JSON's numbers lose those beyond 2^53. */
export const decimal: JsonForm<bigint> = {
  write: (value) => value.toString(),
  read: (json) => (typeof json === "string" && decimalPattern.test(json) ? BigInt(json) : malformed),
};

/** The record has every word, which the compiler checks. */
export function wordOf<W extends string>(words: Readonly<Record<W, unknown>>): JsonForm<W> {
  const isWord = (value: string): value is W => Object.hasOwn(words, value);
  return {
    write: (value) => value,
    read: (json) => (typeof json === "string" && isWord(json) ? json : malformed),
  };
}

export const exactly = <W extends string>(word: W): JsonForm<W> => ({
  write: () => word,
  read: (json) => (json === word ? word : malformed),
});

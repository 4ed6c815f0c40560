// The numbers of a question, in order, each in one form: every digit of it stands in one of them.

import { isShareWord, magnitudeOf, numberInWords, ordinalOf } from "./number-words.ts";
import type { QuestionText, QuestionWord } from "./question-words.ts";
import { monthOf, unitWords } from "./unit-words.ts";

/** `one` is no number after these, nor before `of`. */
const beforePronoun = new Set(
  "which this that the no any every some each another other only not wrong right best do does can could should would must may might has if when".split(
    " ",
  ),
);

const english = /\b(?:the|of|is|are|does|what|how|to|and|with|from|for|have|has)\b/i;

export interface QuestionNumbers {
  readonly numbers: readonly string[];
  /** Where the words stand that belong to them. */
  readonly places: ReadonlySet<number>;
}

export function numbersOf({ words, plain }: QuestionText): QuestionNumbers {
  const isEnglish = english.test(plain);
  const numbers: string[] = [];
  const places = new Set<number>();
  let at = 0;
  while (at < words.length) {
    const found = numberAt(words, at, isEnglish);
    const length = found?.length ?? 1;
    if (found !== undefined) {
      numbers.push(...found.texts);
      for (let place = at; place < at + length; place += 1) places.add(place);
    }
    at += length;
  }
  return { numbers, places };
}

interface Found {
  readonly texts: readonly string[];
  /** In words. */
  readonly length: number;
}

function numberAt(words: readonly QuestionWord[], at: number, isEnglish: boolean): Found | undefined {
  const word = words[at];
  if (word === undefined) return undefined;
  if (/\p{N}/u.test(word.text)) return withDigits(words, at, isEnglish);
  return inWords(words, at);
}

function withDigits(words: readonly QuestionWord[], at: number, isEnglish: boolean): Found {
  const text = words[at]?.text ?? "";
  const range = /^(\d+)[–—](\d+)$/.exec(text);
  if (range !== null) {
    // As `5 to 10`.
    const [, low = "", high = ""] = range;
    const upper = withUnit({ words, after: at + 1, value: high, unit: undefined, from: at });
    return { texts: [low, ...upper.texts], length: upper.length };
  }
  const ordinal = /^(\d+)(?:st|nd|rd|th)$/i.exec(text)?.[1];
  if (ordinal !== undefined) return { texts: [isInDate(words, at) ? ordinal : `#${ordinal}`], length: 1 };
  const [, sign = "", digits = "", unit = ""] =
    /^([$€£¥₹]?)((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(\D*)$/u.exec(text) ?? [];
  const plain = plainDigits(digits, isEnglish);
  const glued = unit === "" ? undefined : unitWords.nameOf(unit);
  // Whatever else has digits is compared as it is.
  if (plain === undefined || (unit !== "" && glued === undefined)) return { texts: [`"${text}"`], length: 1 };
  const first = sign === "" ? glued : unitWords.nameOf(sign);
  return withUnit({ words, after: at + 1, value: plain, unit: first, from: at });
}

/** `1,000` is one thousand only where no decimal comma is to be thought of. */
function plainDigits(digits: string, isEnglish: boolean): string | undefined {
  if (digits === "") return undefined;
  if (!digits.includes(",")) return digits;
  return isEnglish && !digits.startsWith("0") ? digits.replaceAll(",", "") : undefined;
}

function inWords(words: readonly QuestionWord[], at: number): Found | undefined {
  const lower = words[at]?.lower ?? "";
  const previous = words[at - 1]?.lower ?? "";
  const next = words[at + 1]?.lower ?? "";
  if (lower === "minus" || lower === "negative") return { texts: [lower], length: 1 };
  if (isShareWord(lower)) return { texts: [lower], length: 1 };
  const ordinal = ordinalOf(lower);
  if (ordinal !== undefined) {
    const isTime = lower === "second" && /^(?:\d+|per|a|each|every|one)$/.test(previous);
    return isTime ? undefined : { texts: [isInDate(words, at) ? String(ordinal) : `#${ordinal}`], length: 1 };
  }
  if (lower === "one" && (beforePronoun.has(previous) || next === "of" || next === "another"))
    return undefined;
  const found = numberInWords(words.slice(at, at + 12).map((word) => word.lower));
  if (found === undefined) return undefined;
  return withUnit({ words, after: at + found.length, value: String(found.value), unit: undefined, from: at });
}

interface Counted {
  readonly words: readonly QuestionWord[];
  /** Where the word after the number stands. */
  readonly after: number;
  readonly value: string;
  readonly unit: string | undefined;
  readonly from: number;
}

function withUnit({ words, after, value, unit, from }: Counted): Found {
  let next = after;
  let number = value;
  const magnitude = magnitudeOf(words[next]?.lower ?? "");
  if (magnitude !== undefined && unit === undefined) {
    number = /^\d{1,6}$/.test(value) ? String(Number(value) * magnitude) : `${value}*${magnitude}`;
    next += 1;
  }
  const following = words[next]?.text ?? "";
  const name = unit ?? unitWords.nameOf(following);
  if (unit === undefined && name !== undefined) next += 1;
  if (unit === undefined && following === "per" && words[next + 1]?.lower === "cent") {
    return { texts: [`${number} %`], length: next + 2 - from };
  }
  return { texts: [name === undefined ? number : `${number} ${name}`], length: next - from };
}

const isInDate = (words: readonly QuestionWord[], at: number): boolean =>
  [words[at - 1], words[at + 1], words[at + 1]?.lower === "of" ? words[at + 2] : undefined].some(
    (near) => near !== undefined && monthOf(near.text) !== undefined,
  );

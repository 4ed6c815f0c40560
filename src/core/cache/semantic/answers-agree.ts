// Whether two answers to one question say the same, as far as their words tell: cheap, and rather too strict.

import { normalisedQuestion } from "./normalised-question.ts";

/** More is not looked at. */
const maxChars = 20_000;
const enoughInCommon = 0.7;

export function answersAgree(one: string, other: string): boolean {
  const [a, b] = [normalisedQuestion(one.slice(0, maxChars)), normalisedQuestion(other.slice(0, maxChars))];
  if (a === b) return true;
  const [wordsA, wordsB] = [wordsOf(a), wordsOf(b)];
  const numbersA = [...wordsA].filter(hasDigit);
  const numbersB = [...wordsB].filter(hasDigit);
  if (numbersA.length !== numbersB.length || numbersA.some((number) => !wordsB.has(number))) return false;
  const common = [...wordsA].filter((word) => wordsB.has(word)).length;
  const all = wordsA.size + wordsB.size - common;
  return all > 0 && common / all >= enoughInCommon;
}

const hasDigit = (word: string): boolean => /\d/.test(word);

const wordsOf = (text: string): ReadonlySet<string> =>
  new Set(text.toLowerCase().match(/[\p{L}\p{M}]+|-?\d+(?:[.,]\d+)*/gu) ?? []);

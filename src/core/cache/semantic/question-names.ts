// What a question calls by name: words written large, and identifiers, addresses, paths and versions.

import type { QuestionText, QuestionWord } from "./question-words.ts";
import { monthOf } from "./unit-words.ts";
import { closedWords, languages, openings } from "./word-lists.ts";

const abbreviations = new Set(["e.g", "i.e", "a.m", "p.m", "and/or", "vs"]);

/** As they are written, in order. What has digits is among the numbers. */
export const identifiersOf = ({ words }: QuestionText): readonly string[] =>
  words
    .filter(isIdentifier)
    .map(({ text, lower }) => (/^\p{Lu}?\p{Ll}+\.\p{Ll}+$/u.test(text) ? lower : text));

function isIdentifier({ text, lower }: QuestionWord): boolean {
  if (abbreviations.has(lower) || languages.has(lower) || /\p{N}/u.test(text)) return false;
  return (
    /[@_\\~]|::|\(\)|^[-/.]+\p{L}|\p{L}[./:#]\p{L}|\p{L}[+#]/u.test(text) ||
    /\p{Ll}\p{Lu}|\p{Lu}{2,}\p{Ll}/u.test(text)
  );
}

/**
 * Words written large that must stand in the other question too, in whatever case; those in capitals that are words of
 * another meaning without (`US`) in the same.
 */
export interface QuestionNames {
  readonly anyCase: readonly string[];
  readonly exact: readonly string[];
}

export function namesOf({ words }: QuestionText): QuestionNames {
  const anyCase: string[] = [];
  const exact: string[] = [];
  for (const { text, startsSentence } of words) {
    if (!/^\p{Lu}/u.test(text)) continue;
    const name = baseOf(text);
    const lower = name.toLowerCase();
    if (closedWords.has(lower)) {
      if (/^\p{Lu}{2,}$/u.test(name)) exact.push(name);
    } else if (!startsSentence || !openings.has(text.toLowerCase())) anyCase.push(monthOf(text) ?? lower);
  }
  return { anyCase, exact };
}

/** Without its genitive. */
export const baseOf = (word: string): string => word.replace(/'[sS]?$/u, "");

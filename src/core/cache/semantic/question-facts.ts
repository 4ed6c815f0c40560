// All that guards compare of a question.

import { normalisedQuestion } from "./normalised-question.ts";
import { askedKinds, ownersOf, personsOf, type Tense, tenseOf } from "./question-kind.ts";
import { baseOf, identifiersOf, namesOf, type QuestionNames } from "./question-names.ts";
import { numbersOf } from "./question-numbers.ts";
import { type QuestionText, questionText } from "./question-words.ts";
import { monthOf } from "./unit-words.ts";
import { fillers, languages, negations, prepositions, relations, weightless } from "./word-lists.ts";
import { stemOf } from "./word-stem.ts";

export interface QuestionFacts {
  readonly normalised: string;
  readonly codes: readonly string[];
  readonly quotes: readonly string[];
  readonly numbers: readonly string[];
  readonly operators: string;
  readonly negations: number;
  readonly identifiers: readonly string[];
  readonly names: QuestionNames;
  readonly languages: ReadonlySet<string>;
  readonly asked: ReadonlySet<string>;
  readonly tense: Tense | undefined;
  readonly owners: ReadonlySet<string>;
  readonly persons: ReadonlySet<string>;
  /** As written, and in lower case without genitives. */
  readonly texts: ReadonlySet<string>;
  readonly words: ReadonlySet<string>;
  /** Those that are in no number and bear any weight. */
  readonly weighty: ReadonlySet<string>;
  /** Stems of the words that bear its meaning, in the order of their first use, with one such word each. */
  readonly content: ReadonlyMap<string, string>;
  /** Which of two stands first matters. */
  readonly isDirected: boolean;
  /** Of place, kind and purpose. */
  readonly prepositions: ReadonlySet<string>;
  readonly hasGenitive: boolean;
  /** It has letters of which the guards know no word. */
  readonly isForeign: boolean;
}

export function questionFacts(question: string): QuestionFacts {
  const text = questionText(question);
  const { numbers, places } = numbersOf(text);
  const asked = askedKinds(text);
  const lowers = text.words.map(({ text, lower }) => monthOf(text) ?? baseOf(lower));
  return {
    normalised: normalisedQuestion(question),
    codes: text.codes,
    quotes: text.quotes,
    numbers,
    operators: operatorsOf(text),
    negations: text.words.filter(({ lower }) => negations.has(lower) || lower.endsWith("n't")).length,
    identifiers: identifiersOf(text),
    names: namesOf(text),
    languages: new Set(lowers.filter((word) => languages.has(word))),
    asked: asked.kinds,
    tense: tenseOf(text),
    owners: ownersOf(text),
    persons: personsOf(text),
    texts: new Set(text.words.map((word) => baseOf(word.text))),
    words: new Set(lowers),
    weighty: new Set(lowers.filter((word, at) => !places.has(at) && !weightless.has(word))),
    content: contentOf(text, (at) => places.has(at) || asked.places.has(at)),
    isDirected: isDirected(text),
    prepositions: new Set(lowers.filter((word) => prepositions.has(word))),
    hasGenitive: text.words.some(({ lower }) => lower.endsWith("'s") && !fillers.has(lower)),
    isForeign: /(?!\p{Script=Latin})\p{L}/u.test(question),
  };
}

/** Signs of arithmetic, logic, and code without marks. */
const operators = new RegExp(
  [
    /(?<=\s)-+(?=\s)/,
    // A factorial.
    /(?<=\p{N}|(?<!\p{L})\p{L})!/u,
    /[?!]{2,}(?=\s*\p{L})/u,
    // Not that of `C++`.
    /(?<=[\s\p{N})])\+|\+(?=[\p{L}\p{N}(])/u,
    /[*^|&→{}[\]]|(?![+°])[\p{Sm}\p{So}]/u,
    /(?<=\s)\/(?=\s)/,
    // Not that of `5 % of`.
    /(?<=\s)%(?=\s*[\p{N}(])/u,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gu",
);

const operatorsOf = ({ plain }: QuestionText): string => (plain.match(operators) ?? []).join(" ");

function contentOf({ words }: QuestionText, isElsewhere: (at: number) => boolean): Map<string, string> {
  const content = new Map<string, string>();
  for (const [at, { text, lower }] of words.entries()) {
    const base = baseOf(lower);
    if (isElsewhere(at) || base === "" || fillers.has(lower) || fillers.has(base)) continue;
    if (negations.has(lower) || lower.endsWith("n't")) continue;
    const stem = monthOf(text) ?? stemOf(base);
    if (!content.has(stem)) content.set(stem, base);
  }
  return content;
}

const beforeInfinitive = new Set(["how", "way", "ways", "steps", "want", "need", "like", "have", "best"]);

const isDirected = ({ words }: QuestionText): boolean =>
  words.some(
    ({ lower }, at) =>
      relations.has(lower) && !(lower === "to" && beforeInfinitive.has(words[at - 1]?.lower ?? "")),
  );

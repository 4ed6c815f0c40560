// Whether two questions that are near each other may have the same answer. Where that is not sure they may not: a miss
// costs one call, a wrong answer more.

import { areOpposed, differInPrefix } from "./opposites.ts";
import { type QuestionFacts, questionFacts } from "./question-facts.ts";

export type Disagreement =
  | "code"
  | "quotes"
  | "numbers"
  | "operators"
  | "negation"
  | "names"
  | "languages"
  /** When, where, who, why, how or how many. */
  | "asked"
  | "opposites"
  | "tense"
  | "persons"
  /** One says something that the other does not. */
  | "words"
  | "order"
  /** Of letters of which no words are known here. */
  | "script";

/** Undefined: none is known. The same whichever comes first. */
export const disagreement = (one: string, other: string): Disagreement | undefined =>
  disagreementOf(questionFacts(one), questionFacts(other));

type Check = (one: QuestionFacts, other: QuestionFacts) => boolean;

export function disagreementOf(one: QuestionFacts, other: QuestionFacts): Disagreement | undefined {
  return checks.find(([, disagree]) => disagree(one, other))?.[0];
}

const sameList = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((each, at) => each === other[at]);

const without = (one: ReadonlySet<string>, other: ReadonlySet<string>): readonly string[] =>
  [...one].filter((each) => !other.has(each));

const sameSet = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
  one.size === other.size && without(one, other).length === 0;

const namesMissing = ({ names }: QuestionFacts, { words, texts }: QuestionFacts): boolean =>
  names.anyCase.some((name) => !words.has(name)) || names.exact.some((name) => !texts.has(name));

const opposed: Check = (one, other) => {
  const onlyOne = without(one.words, other.words);
  const onlyOther = without(other.words, one.words);
  if (areOpposed(new Set(onlyOne), new Set(onlyOther))) return true;
  return onlyOne.some((word) => onlyOther.some((instead) => differInPrefix(word, instead)));
};

const otherPersons: Check = (one, other) => {
  if (one.content.size <= 1 || other.content.size <= 1) return !sameSet(one.persons, other.persons);
  const differing = [...without(one.owners, other.owners), ...without(other.owners, one.owners)];
  // `Reset my password` is `reset a password`.
  const isMine = differing.length === 1 && differing[0] === "me" && one.asked.has("how");
  return differing.length > 0 && !isMine;
};

const otherWords: Check = (one, other) => {
  if (one.weighty.size === 0 || other.weighty.size === 0) return one.normalised !== other.normalised;
  if (one.content.size === 0 && other.content.size === 0) return !sameSet(one.weighty, other.weighty);
  const common = [...one.content.keys()].filter((stem) => other.content.has(stem)).length;
  const [fewer, more] = [one.content.size - common, other.content.size - common].toSorted((a, b) => a - b);
  if (fewer === undefined || more === undefined || more === 0) return false;
  // With a single word more, less or exchanged two questions are near each other whatever the word is.
  return fewer <= 1 || common < more;
};

const otherPrepositions: Check = (one, other) =>
  without(one.prepositions, other.prepositions).length > 0 &&
  without(other.prepositions, one.prepositions).length > 0;

const otherOrder: Check = (one, other) => {
  const order = [...one.content.keys()].filter((stem) => other.content.has(stem));
  const otherOrder = [...other.content.keys()].filter((stem) => one.content.has(stem));
  if (sameList(order, otherOrder)) return false;
  // `France's capital` is `the capital of France`.
  const isTurned = order.length === 2 && one.hasGenitive !== other.hasGenitive;
  return one.isDirected || other.isDirected || !isTurned;
};

/** The first that holds is the reason given. */
const checks: readonly (readonly [Disagreement, Check])[] = [
  ["code", (one, other) => !sameList(one.codes, other.codes)],
  ["quotes", (one, other) => !sameList(one.quotes, other.quotes)],
  ["numbers", (one, other) => !sameList(one.numbers, other.numbers)],
  ["operators", (one, other) => one.operators !== other.operators],
  ["negation", (one, other) => one.negations !== other.negations],
  ["script", (one, other) => (one.isForeign || other.isForeign) && one.normalised !== other.normalised],
  ["languages", (one, other) => !sameSet(one.languages, other.languages)],
  ["names", (one, other) => !sameList(one.identifiers, other.identifiers)],
  ["names", (one, other) => namesMissing(one, other) || namesMissing(other, one)],
  ["asked", (one, other) => !sameSet(one.asked, other.asked)],
  ["opposites", opposed],
  [
    "tense",
    (one, other) => one.tense !== other.tense && one.tense !== undefined && other.tense !== undefined,
  ],
  ["persons", otherPersons],
  ["words", otherWords],
  ["words", otherPrepositions],
  ["order", otherOrder],
];

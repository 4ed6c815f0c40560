// What kind of answer a question wants, about whom, and of which time.

import type { QuestionText } from "./question-words.ts";

const askedBy: ReadonlyMap<string, string> = new Map(
  Object.entries({
    when: "when wann quand cuándo",
    where: "where wo où dónde",
    who: "who who's whom whose wer qui quién",
    why: "why reason reasons cause causes warum pourquoi",
    how: "way ways method methods step steps process procedure instructions wie comment cómo how's",
    count: "wieviel wieviele combien cuánto cuántos",
  }).flatMap(([kind, words]) => words.split(" ").map((word) => [word, kind] as const)),
);

const measured = new Set(
  "long old far often tall high big fast deep heavy large wide hot cold soon late expensive".split(" "),
);
const times = new Set(["year", "date", "day", "time"]);

export interface AskedKinds {
  readonly kinds: ReadonlySet<string>;
  /** Where the words stand that say so and are no content. */
  readonly places: ReadonlySet<number>;
}

export function askedKinds({ words }: QuestionText): AskedKinds {
  const kinds = new Set<string>();
  const places = new Set<number>();
  for (const [at, { lower }] of words.entries()) {
    const next = words[at + 1]?.lower ?? "";
    if (lower === "how") {
      if (next === "many" || next === "much") kinds.add("count");
      else if (measured.has(next)) {
        kinds.add(`how ${next}`);
        places.add(at + 1);
      } else kinds.add("how");
    } else if ((lower === "what" || lower === "which") && times.has(next)) {
      kinds.add("when");
      places.add(at + 1);
    } else if (lower === "number" && next === "of") {
      kinds.add("count");
      places.add(at);
    } else {
      const kind = askedBy.get(lower);
      if (kind !== undefined) kinds.add(kind);
    }
  }
  return { kinds, places };
}

const past = new Set(["was", "were", "did", "had", "wasn't", "weren't", "didn't", "hadn't"]);
const future = new Set(["will", "won't", "shall"]);
const present = new Set(["is", "are", "am", "does", "do", "has", "isn't", "aren't", "doesn't", "don't"]);

export type Tense = "past" | "present" | "future";

/** Undefined where no auxiliary tells. */
export function tenseOf({ words }: QuestionText): Tense | undefined {
  const any = (is: (lower: string) => boolean): boolean => words.some(({ lower }) => is(lower));
  if (any((lower) => future.has(lower) || lower.endsWith("'ll"))) return "future";
  if (any((lower) => past.has(lower))) return "past";
  return any((lower) => present.has(lower) || /^(?:what|who|where|how|when|it)'s$/.test(lower))
    ? "present"
    : undefined;
}

const owners: ReadonlyMap<string, string> = new Map(
  Object.entries({
    me: "my mine our ours",
    you: "your yours yourself",
    him: "his him he",
    her: "her hers she",
    them: "their theirs them they",
  }).flatMap(([kind, words]) => words.split(" ").map((word) => [word, kind] as const)),
);

/** Whose something is, and of whom it is asked in the third person. */
export const ownersOf = ({ words }: QuestionText): ReadonlySet<string> =>
  new Set(
    words.flatMap(({ lower }) => {
      const owner = owners.get(lower);
      return owner === undefined ? [] : [owner];
    }),
  );

const persons = new Set(
  "i me my mine you your yours we us our he him his she her they them their it".split(" "),
);

export const personsOf = ({ words }: QuestionText): ReadonlySet<string> =>
  new Set(words.map(({ lower }) => lower.replace(/'.*$/, "")).filter((word) => persons.has(word)));

// One form of a word for its endings, and one for words that ask for the same.

/** Not words of a language: both sides only have to come to the same. */
export function stemOf(word: string): string {
  const base = word.replace(/'s?$/u, "");
  const same = synonyms.get(base);
  if (same !== undefined) return same;
  const stem = withoutEnding(base);
  return synonyms.get(stem) ?? stem;
}

function withoutEnding(word: string): string {
  if (word.length <= 3 || !/^[a-z]+$/.test(word)) return word;
  const cut = word.endsWith("ies")
    ? `${word.slice(0, -3)}y`
    : word.replace(/(?<=[a-z]{3})ing$|(?<=[a-z]{3})ed$|(?<=(?:s|x|z|ch|sh))es$|(?<![su])s$/, "");
  return cut.replace(/([bdgklmnprt])\1$/, "$1").replace(/(?<=[a-z]{3})e$/, "");
}

/** The first stands for all. */
const alike: readonly string[] = [
  "make create build construct produce",
  "show display print",
  "best top greatest finest",
  "big large huge",
  "small little tiny",
  "quick quickly fast rapid rapidly",
  "begin start commence beginning",
  "end finish",
  "fix repair solve resolve",
  "buy purchase",
  "use utilize utilise",
  "get obtain receive",
  "error bug issue problem",
  "picture image photo",
  "film movie",
  "car automobile",
  "job occupation",
  "ill sick",
  "every all each",
  "biggest largest",
  "remove delete erase",
  "change modify alter",
  "choose select pick",
  "simple easy",
  "important crucial",
  "invent inventor invention",
  "found founder",
  "write author writer",
  "difference differ different",
];

const synonyms: ReadonlyMap<string, string> = new Map(
  alike.flatMap((group) => {
    const words = group.split(" ");
    return words.flatMap((word) =>
      [word, withoutEnding(word)].map((form) => [form, words[0] ?? word] as const),
    );
  }),
);

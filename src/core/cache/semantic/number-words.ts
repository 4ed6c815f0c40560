// Words that are numbers for sure, in English, German, French and Spanish.

const counted = (words: string, from: number): ReadonlyMap<string, number> =>
  new Map(words.split(" ").map((word, at) => [word, from + at]));

const small = counted(
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
  0,
);
const tens: ReadonlyMap<string, number> = new Map(
  "twenty thirty forty fifty sixty seventy eighty ninety".split(" ").map((word, at) => [word, 20 + 10 * at]),
);
const magnitudes: ReadonlyMap<string, number> = new Map([
  ["hundred", 100],
  ["thousand", 1_000],
  ["million", 1_000_000],
  ["billion", 1_000_000_000],
]);
const ordinals = counted("first second third fourth fifth sixth seventh eighth ninth tenth", 1);

/** Without those that are another word of a language. */
const foreign: ReadonlyMap<string, number> = new Map([
  ...counted("zwei drei vier fünf sechs sieben acht neun zehn", 2),
  ...counted("deux trois quatre cinq", 2),
  ...counted("sept huit neuf dix", 7),
  ...counted("tres cuatro cinco seis siete ocho nueve diez", 3),
]);

const shares = new Set([
  "half",
  "quarter",
  "twice",
  "thrice",
  "double",
  "triple",
  "dozen",
  "dozens",
  "single",
]);

export const magnitudeOf = (word: string): number | undefined => magnitudes.get(word);
export const ordinalOf = (word: string): number | undefined => ordinals.get(word);

/** Kept as the word that it is. */
export const isShareWord = (word: string): boolean =>
  shares.has(word) || /\p{L}(?:zig|ßig|hundert|tausend|millionen)$/u.test(word);

export interface WordNumber {
  readonly value: number;
  /** How many words it takes. */
  readonly length: number;
}

/** `twenty-five`, `two hundred and five`, `a hundred` from its `hundred` on. */
export function numberInWords(words: readonly string[]): WordNumber | undefined {
  const [first = ""] = words;
  const other = foreign.get(first);
  if (other !== undefined) return { value: other, length: 1 };
  let total = 0;
  let group: number | undefined;
  let length = 0;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    const magnitude = magnitudeOf(word);
    if (magnitude !== undefined) {
      if (magnitude === 100) group = (group ?? 1) * 100;
      else {
        total += (group ?? 1) * magnitude;
        group = undefined;
      }
    } else {
      const value = belowHundred(word);
      const isLink = word === "and" && at > 0 && magnitudeOf(words[at - 1] ?? "") !== undefined;
      if (isLink && belowHundred(words[at + 1] ?? "") !== undefined) continue;
      if (value === undefined || !fits(group, value)) break;
      group = (group ?? 0) + value;
    }
    length = at + 1;
  }
  return length === 0 ? undefined : { value: total + (group ?? 0), length };
}

/** `twenty five` and `two hundred five` are one number, `two three` are two. */
const fits = (group: number | undefined, value: number): boolean => {
  if (group === undefined) return true;
  if (group % 100 === 0) return group > 0;
  return group % 10 === 0 && group % 100 >= 20 && value > 0 && value < 10;
};

function belowHundred(word: string): number | undefined {
  const simple = small.get(word) ?? tens.get(word);
  if (simple !== undefined) return simple;
  const [ten = "", unit = "", ...more] = word.split("-");
  const tenValue = tens.get(ten);
  const unitValue = small.get(unit);
  if (tenValue === undefined || unitValue === undefined || more.length > 0) return undefined;
  return unitValue > 0 && unitValue < 10 ? tenValue + unitValue : undefined;
}

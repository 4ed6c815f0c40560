/** Cuts text into the pieces that the demo model streams and counts: words with the white space before them. */

// Long runs without white space (Japanese, URLs, JSON) are cut every 12 code points, never inside one.
const token = /\s*\S{1,12}|\s+/gu;
const fragment = /.{1,6}/gsu;

/** The tokens of `text`, in order; joined they are `text` again. */
export function splitTokens(text: string): string[] {
  return text.match(token) ?? [];
}

export function countTokens(text: string): number {
  return splitTokens(text).length;
}

/** Exactly `count` tokens: those of `text`, from its start again when it is too short. */
export function stretchTokens(text: string, count: number): string[] {
  const source = splitTokens(text);
  if (source.length === 0) source.push("demo");
  return Array.from({ length: count }, (_, position) => {
    const piece = source[position % source.length] ?? "";
    const restarts = position > 0 && position % source.length === 0;
    return restarts && !/^\s/u.test(piece) ? ` ${piece}` : piece;
  });
}

/** Pieces of a JSON text as vendors stream tool arguments: cut anywhere but inside a code point. */
export function splitFragments(json: string): string[] {
  return json.match(fragment) ?? [];
}

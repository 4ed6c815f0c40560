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
  const again = [...source];
  if (!/^\s/u.test(again[0] ?? "")) again[0] = ` ${again[0] ?? ""}`;
  const tokens = source.slice(0, count);
  while (tokens.length < count) tokens.push(...again.slice(0, count - tokens.length));
  return tokens;
}

/** Pieces of a JSON text as vendors stream tool arguments: cut anywhere but inside a code point. */
export function splitFragments(json: string): string[] {
  return json.match(fragment) ?? [];
}

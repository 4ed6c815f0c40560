// A question in pieces: code and quotes, of which every character counts, and the words between them.

export interface TextPiece {
  readonly kind: "words" | "code" | "quote";
  /** With its marks. */
  readonly text: string;
}

/**
 * Code between fences (an open one goes on to the end) or backticks, then quotes. Apostrophes are no quotes: a single
 * quote opens one only where no word ends and closes it only where none begins.
 */
const protectedText = new RegExp(
  [
    /(?<code>```[\s\S]*?(?:```|$)|`[^`\n]+`)/u,
    /(?<quote>"[^"\n]+"|“[^”\n]+”|„[^“”"\n]+[“”"]|«[^»\n]+»|「[^」\n]+」|『[^』\n]+』|(?<![\p{L}\p{N}'’])'[^'\n]+'(?![\p{L}\p{N}])|‘[^’\n]+’(?![\p{L}\p{N}]))/u,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gu",
);

export function piecesOf(text: string): readonly TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(protectedText)) {
    if (match.index > from) pieces.push({ kind: "words", text: text.slice(from, match.index) });
    pieces.push({ kind: match.groups?.["code"] === undefined ? "quote" : "code", text: match[0] });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ kind: "words", text: text.slice(from) });
  return pieces;
}

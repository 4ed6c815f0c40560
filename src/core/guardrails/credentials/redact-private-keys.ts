import { privateKeyBegin, privateKeyEnd } from "./credential-patterns.ts";
import { redacted } from "./redacted.ts";

/**
 * Of what a key consists behind its first line, piece by piece: lines and headers, also where they are quoted; ends of
 * lines that are written as escapes, where the text is JSON or JSON in JSON; joints of a text that a program puts
 * together; what was redacted in it before.
 */
const pieces: readonly RegExp[] = [
  /[\w+/=:,.()>|\s-]*/y,
  /\\{1,8}[nrt/\r\n]/y,
  /["'`]\s{0,100}\+\s{0,100}["'`]/y,
  /\[redacted\]/y,
];

/**
 * Replaces every private key in PEM, with its first and its last line; of one without a last line all that looks like
 * it. Never from one string of JSON into the next.
 */
export function redactPrivateKeys(text: string): string {
  if (!text.includes("PRIVATE KEY")) return text;
  const lastLineAfter = searchOnwards(text, privateKeyEnd);
  let kept = "";
  let from = 0;
  for (const { 0: firstLine, index } of text.matchAll(privateKeyBegin)) {
    if (index < from) continue;
    kept += text.slice(from, index) + redacted;
    const bodyFrom = index + firstLine.length;
    from = bodyFrom + lengthOfPieces(text.slice(bodyFrom, lastLineAfter(bodyFrom)));
  }
  return kept + text.slice(from);
}

/** Where the first match from a place on ends; asked for places in their order, it reads the text once. */
function searchOnwards(text: string, pattern: RegExp): (from: number) => number {
  let foundAt = -1;
  let endsAt = 0;
  return (from) => {
    if (foundAt < from) {
      pattern.lastIndex = from;
      const found = pattern.exec(text);
      foundAt = found?.index ?? Number.POSITIVE_INFINITY;
      endsAt = found === null ? Number.POSITIVE_INFINITY : pattern.lastIndex;
    }
    return endsAt;
  };
}

function lengthOfPieces(text: string): number {
  let length = 0;
  for (let before = -1; before < length;) {
    before = length;
    for (const piece of pieces) {
      piece.lastIndex = length;
      if (piece.test(text)) length = piece.lastIndex;
    }
  }
  return length;
}

// One text for questions that differ in their form only. Digits, signs, operators, quotes and code stay as they are.

import { piecesOf } from "./protected-text.ts";

export function normalisedQuestion(question: string): string {
  const pieces = piecesOf(oneForm(question));
  return pieces
    .map(({ kind, text }, at) => {
      if (kind !== "words") return text;
      const even = evenSpace(text).toLowerCase().normalize("NFC");
      const begun = at === 0 ? even.trimStart() : even;
      return at === pieces.length - 1 ? withoutEndMark(begun.trimEnd(), at > 0) : begun;
    })
    .join("");
}

/**
 * Wide and narrow letters and digits, and ligatures, in their usual form. Not every compatible form: `x²` is not `x2`,
 * nor `5½` `51/2`.
 */
export const oneForm = (text: string): string =>
  text
    .normalize("NFC")
    .replaceAll(/[\uFB00-\uFB06\uFF01-\uFFEF]+/g, (wide) => wide.normalize("NFKC"))
    .normalize("NFC")
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(/[\u00A0\u2000-\u200A\u202F\u205F\u3000]/g, " ");

/** How far a line is indented may mean something (code that stands between no marks); other space does not. */
const evenSpace = (text: string): string =>
  text
    .split("\n")
    .map((line, at, lines) => {
      const even = line.replaceAll(/(?<=\S)[ \t]+/g, " ");
      return at === lines.length - 1 ? even : even.trimEnd();
    })
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n");

/** `n!` is not `n`, and the operator `??` is not `?`: a mark goes only after what it can only end. */
function withoutEndMark(text: string, followsProtected: boolean): string {
  if (followsProtected && /^[?.]$/.test(text)) return "";
  return text.replace(/(?<=[\p{L}\p{N})\]])(?:[?？]+|[.。])$|(?<=\p{L}{3})[?!？！]+$/u, "");
}

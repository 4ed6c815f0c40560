// The words of a question as its guards see them: where each stands, what it looks like, and what it may stand for.

import { oneForm } from "./normalised-question.ts";
import { piecesOf } from "./protected-text.ts";

export interface QuestionWord {
  /** As written, without the punctuation around it. */
  readonly text: string;
  readonly lower: string;
  readonly startsSentence: boolean;
}

export interface QuestionText {
  readonly words: readonly QuestionWord[];
  readonly codes: readonly string[];
  /** Without their marks. */
  readonly quotes: readonly string[];
  /** What stands between code and quotes. */
  readonly plain: string;
}

/** Signs and marks around a word; what may belong to a number or a name (`-5`, `$5`, `5%`, `C++`, `#1`) stays. */
const before = /^[^\p{L}\p{N}\p{Sc}+\-−#@./~%\\_]+|^[./](?=$)/u;
const after = /[^\p{L}\p{N}\p{Sc}%+#/_²³°]+$/u;

export function questionText(question: string): QuestionText {
  const pieces = piecesOf(oneForm(question).replaceAll("’", "'").replaceAll("\u2212", "-"));
  const ofKind = (wanted: string) => pieces.filter(({ kind }) => kind === wanted).map(({ text }) => text);
  // A quote is a word of the sentence whose text is compared elsewhere.
  const plain = pieces.map(({ kind, text }) => (kind === "words" ? text : " ")).join("");
  return {
    words: wordsOf(plain),
    codes: ofKind("code"),
    quotes: ofKind("quote").map((quote) => quote.slice(1, -1)),
    plain,
  };
}

function wordsOf(plain: string): readonly QuestionWord[] {
  const words: QuestionWord[] = [];
  let startsSentence = true;
  for (const raw of plain.split(/\s+/u)) {
    const text = raw.replace(before, "").replace(after, "");
    if (text !== "") {
      words.push({ text, lower: text.toLowerCase(), startsSentence });
      startsSentence = false;
    }
    if (/[.!?:。！？][)"'\]]*$/u.test(raw)) startsSentence = true;
  }
  return words;
}

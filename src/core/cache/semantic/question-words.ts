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

/** Marks around a word; what may belong to a number or a name (`-5`, `$5`, `5%`, `C++`, `#1`) stays. */
const mayBegin = /[\p{L}\p{N}\p{Sc}+\-−#@./~%\\_]/u;
const mayEnd = /[\p{L}\p{N}\p{Sc}%+#/_°]/u;

function withoutMarks(raw: string): string {
  // By code points: half of one is no letter.
  const points = Array.from(raw);
  const from = points.findIndex((point) => mayBegin.test(point));
  const to = points.findLastIndex((point) => mayEnd.test(point));
  const text = from === -1 ? "" : points.slice(from, to + 1).join("");
  return text === "." || text === "/" ? "" : text;
}

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
    const text = withoutMarks(raw);
    if (text !== "") {
      words.push({ text, lower: text.toLowerCase(), startsSentence });
      startsSentence = false;
    }
    if (/[.!?:。！？][)"'\]]*$/u.test(raw)) startsSentence = true;
  }
  return words;
}

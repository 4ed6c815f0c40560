import type { FaceFigures } from "./evidence.ts";

const heads = [
  "front end",
  "answered",
  "call ids",
  "records",
  "upstream calls",
  "nano-dollars",
  "afterwards",
];

/** The figures for a person. */
export function verifyReport(figures: readonly FaceFigures[], duplicates: number): string {
  const rows = [heads, ...figures.map((face) => rowOf(face, duplicates))];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map(
    (row) =>
      `${row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd()}\n`,
  );
  const wrong = figures.flatMap(({ face, wrong }) =>
    wrong.map((sentence) => `${face}: ${shown(sentence)}\n`),
  );
  const verdict =
    wrong.length === 0
      ? `Each of the ${figures.length} front ends made its ${duplicates} duplicates one call: processed once, charged once.\n`
      : "Duplicates were not made one call:\n";
  return [...table, verdict, ...wrong].join("");
}

const rowOf = (face: FaceFigures, duplicates: number): readonly string[] => [
  face.face,
  `${face.answered} of ${duplicates}`,
  String(face.callIds),
  String(face.records),
  String(face.upstreamCalls),
  face.costNanos ?? "no price",
  face.laterIsSame ? "the same" : "not the same",
];

const longestSentence = 500;

/** What a gateway says is foreign text: no control character of it reaches the terminal. */
const shown = (sentence: string): string => sentence.replaceAll(/\p{Cc}+/gu, " ").slice(0, longestSentence);

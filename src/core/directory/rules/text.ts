// Texts that people read: names, patterns, searches. They are kept as written, so that what cannot be seen in them is
// refused: a line break would forge a line of a log, a mark of direction would show another name than the one it is.

import { isLongerThan } from "../../field-rules.ts";
import type { Fault } from "./faults.ts";

/** Control and format characters, halves of surrogate pairs, private ones, separators of lines and paragraphs. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;

/** Persian and others write it within words (Unicode 16, 23.2): there it changes how the letters look. */
const joinerInWord = /(?<=[\p{L}\p{M}])\u200c(?=\p{L})/gu;

/** 1 to so many characters that can be seen, and no space at either end. */
export function textFault(text: string, maxChars: number): Fault {
  if (isLongerThan(text, maxChars)) return `has more than ${maxChars} characters`;
  if (text.trim() === "") return `must have 1 to ${maxChars} characters`;
  const found = unseen.exec(text.replaceAll(joinerInWord, ""))?.[0];
  if (found !== undefined) return `holds ${codePointName(found)}, which cannot be seen: write it without`;
  return text.trim() === text ? undefined : "must not begin or end with a space";
}

const nameMaxChars = 200;

export const nameFault = (name: string): Fault => textFault(name, nameMaxChars);

/** As `U+202E`: the character itself may not be fit to be shown. */
export function codePointName(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  return `U+${hex.padStart(4, "0")}`;
}

// Texts as the audit trail keeps them: whoever reads it line by line must not be shown a line that somebody made up,
// and nobody fills it with one long text.

import type { JsonObject, JsonValue } from "../json.ts";

const maxChars = 500;
const maxItems = 1_000;
const maxDepth = 8;

/** Control and format characters, halves of surrogate pairs, separators of lines and paragraphs. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const escaped = (character: string): string =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}}`;

/** With an escape as `\u{000a}` for what cannot be seen; cut at 500 characters. */
export function auditText(text: string): string {
  const whole = text.slice(0, maxChars + 1).replaceAll(unseen, escaped);
  if (whole.length <= maxChars && text.length <= maxChars) return whole;
  // Without the first half of a pair that was cut.
  return `${whole.slice(0, maxChars - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

export const auditJson = (object: JsonObject): JsonObject => shortObject(object, 1);

const shortObject = (object: JsonObject, depth: number): JsonObject =>
  Object.fromEntries(
    Object.entries(object)
      .slice(0, maxItems)
      .map(([key, value]) => [auditText(key), shortValue(value, depth)]),
  );

function shortValue(value: JsonValue, depth: number): JsonValue {
  if (typeof value === "string") return auditText(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth === maxDepth) return "…";
  if (isList(value)) return value.slice(0, maxItems).map((item) => shortValue(item, depth + 1));
  return shortObject(value, depth + 1);
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

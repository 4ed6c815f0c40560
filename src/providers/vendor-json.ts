// How a vendor's JSON is read: nothing in it is trusted to be of the type that is documented. A member of another
// type reads as absent. By hand, because it runs for every event of every stream.

import { fieldLimits } from "../core/field-rules.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";

/** The value, or undefined for text that is not JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

export const isJsonObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isJsonArray = (value: JsonValue | undefined): value is readonly JsonValue[] =>
  Array.isArray(value);

export const stringIn = (value: JsonValue | undefined): string | undefined =>
  typeof value === "string" ? value : undefined;

/** A string that says something: vendors write "" where they mean nothing. */
export const textIn = (value: JsonValue | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

export const objectIn = (value: JsonValue | undefined): JsonObject | undefined =>
  isJsonObject(value) ? value : undefined;

const none: readonly JsonValue[] = [];

export const listIn = (value: JsonValue | undefined): readonly JsonValue[] =>
  isJsonArray(value) ? value : none;

/** A count of tokens: a whole number from 0 on. */
export const countIn = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** False for what vendors send in place of nothing: null, "", [] and {}. */
export function saysSomething(value: JsonValue | undefined): value is JsonValue {
  if (value === undefined || value === null || value === "") return false;
  if (typeof value !== "object") return true;
  return isJsonArray(value) ? value.length > 0 : Object.keys(value).length > 0;
}

/**
 * Whether a value can be written as JSON again: `JSON.stringify` recurses, and fails on nests that
 * `JSON.parse` still reads.
 */
export function isShallow(json: JsonValue): boolean {
  const open: { readonly value: JsonValue; readonly depth: number }[] = [{ value: json, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== "object" || value === null) continue;
    if (depth > fieldLimits.jsonDepth) return false;
    for (const member of Object.values(value)) open.push({ value: member, depth: depth + 1 });
  }
  return true;
}

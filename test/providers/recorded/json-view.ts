// Looks into parsed JSON whose shape is not known: what is missing or of another type is undefined.

import type { JsonObject, JsonValue } from "../../../src/core/json.ts";

export type JsonMap = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is JsonMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function parseJson(text: string): unknown {
  return JSON.parse(text);
}

/** The member at the end of the keys; a number counts in a list. */
export function at(value: unknown, ...keys: readonly (string | number)[]): unknown {
  let found = value;
  for (const key of keys) {
    if (typeof key === "number") found = Array.isArray(found) ? found[key] : undefined;
    else found = isMap(found) ? found[key] : undefined;
  }
  return found;
}

export const mapOf = (value: unknown): JsonMap => (isMap(value) ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
export const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" ? value : undefined;

/** A tool's arguments: parsed, or as they stand where they are no JSON (cut by a length limit). */
export function argumentsOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return { unparsed: text };
  }
}

/** What was parsed from JSON is JSON. */
export const jsonObject = (value: JsonMap): JsonObject =>
  Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonValue(member)]));

function jsonValue(value: unknown): JsonValue {
  if (
    value === null ||
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "boolean"
  ) {
    return value;
  }
  return Array.isArray(value) ? value.map((entry) => jsonValue(entry)) : jsonObject(mapOf(value));
}

// Reading parsed JSON field by field. A null counts as absent; a path is written out only for a fault.

import { type GatewayError, invalidRequest } from "../core/errors.ts";
import { quotable } from "../core/field-rules.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";

export type MaybeJson = JsonValue | undefined;

export const isArray = (value: MaybeJson): value is readonly JsonValue[] => Array.isArray(value);

export const isObject = (value: MaybeJson): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const pathTo = (at: string, name: string): string => (at === "" ? quotable(name) : `${at}.${quotable(name)}`);

export function wrongType(field: string, expected: string, value: MaybeJson): GatewayError {
  if (value === undefined || value === null) {
    return invalidRequest(field, `is missing; it must be ${expected}`);
  }
  const found = isArray(value) ? "an array" : isObject(value) ? "an object" : `a ${typeof value}`;
  return invalidRequest(field, `must be ${expected}, not ${found}`);
}

type Is<T extends JsonValue> = (value: MaybeJson) => value is T;
/** Reads a member of `from`, which stands at the path `at`. @throws GatewayError `invalid_request` */
type Read<T> = (from: JsonObject, name: string, at?: string) => T;

const optional =
  <T extends JsonValue>(expected: string, is: Is<T>): Read<T | undefined> =>
  (from, name, at = "") => {
    const value = from[name];
    if (is(value)) return value;
    if (value === undefined || value === null) return undefined;
    throw wrongType(pathTo(at, name), expected, value);
  };

const required =
  <T extends JsonValue>(expected: string, is: Is<T>): Read<T> =>
  (from, name, at = "") => {
    const value = from[name];
    if (is(value)) return value;
    throw wrongType(pathTo(at, name), expected, value);
  };

const isString = (value: MaybeJson): value is string => typeof value === "string";
const isNumber = (value: MaybeJson): value is number => typeof value === "number";
const isBoolean = (value: MaybeJson): value is boolean => typeof value === "boolean";

export const optionalString = optional("a string", isString);
export const optionalNumber = optional("a number", isNumber);
export const optionalBoolean = optional("true or false", isBoolean);
export const optionalArray = optional("an array", isArray);
export const optionalObject = optional("an object", isObject);
export const requiredString = required("a string", isString);
export const requiredArray = required("an array", isArray);
export const requiredObject = required("an object", isObject);

/** One of a few words, or absent. */
export function optionalWord<W extends string>(
  value: MaybeJson,
  words: readonly W[],
  field: string,
): W | undefined {
  if (value === undefined || value === null) return undefined;
  const word = words.find((each) => each === value);
  if (word !== undefined) return word;
  throw typeof value === "string"
    ? invalidRequest(field, `must be one of ${words.join(", ")}`)
    : wrongType(field, "a string", value);
}

/** Refuses members that nobody would read: a typing error must not pass for a wish that was fulfilled. */
export function refuseUnknown(from: JsonObject, known: ReadonlySet<string>, at: string): void {
  for (const name of Object.keys(from)) {
    if (known.has(name) || from[name] === null) continue;
    throw invalidRequest(pathTo(at, name), `is not known here; known are ${[...known].join(", ")}`);
  }
}

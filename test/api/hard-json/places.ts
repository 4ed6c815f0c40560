// The places in a request's JSON, and its text with something else at one of them.

import type { JsonObject, JsonValue } from "../../../src/core/json.ts";

export type Place = readonly string[];

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const membersOf = (value: JsonValue): readonly (readonly [string, JsonValue])[] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];

/** Every member at every depth, the whole request first. */
export const placesIn = (value: JsonValue, at: Place = []): readonly Place[] => [
  at,
  ...membersOf(value).flatMap(([key, member]) => placesIn(member, [...at, key])),
];

/** Those that hold an object. */
export const objectsIn = (value: JsonValue): readonly Place[] =>
  placesIn(value).filter((place) => isObject(valueAt(value, place)));

const kindOf = (value: JsonValue | undefined): string => (Array.isArray(value) ? "array" : typeof value);

/** Those that hold what is of the same kind as a text of JSON. */
export const placesFor = (value: JsonValue, text: string): readonly Place[] =>
  placesIn(value).filter((place) => kindOf(valueAt(value, place)) === kindOf(JSON.parse(text)));

const valueAt = (value: JsonValue, place: Place): JsonValue | undefined =>
  place.reduce<JsonValue | undefined>(
    (at, key) => membersOf(at ?? null).find(([name]) => name === key)?.[1],
    value,
  );

/** What no value could say is put in as text, where this mark stood. */
const mark = "@@here@@";

/** The request's text with `text` in place of what stands there. */
export const textWith = (value: JsonValue, place: Place, text: string): string =>
  JSON.stringify(replaced(value, place)).replace(`"${mark}"`, () => text);

/** The request's text with a further member, first or last in the object that stands there. */
export function textWithMember(value: JsonValue, place: Place, member: string): string {
  const object = JSON.stringify(valueAt(value, place) ?? {});
  const more = object === "{}" ? `{${member}}` : `{${member},${object.slice(1)}`;
  return textWith(value, place, more);
}

function replaced(value: JsonValue, [key, ...rest]: Place): JsonValue {
  if (key === undefined) return mark;
  if (Array.isArray(value)) {
    return value.map((each: JsonValue, i) => (String(i) === key ? replaced(each, rest) : each));
  }
  return Object.fromEntries(
    membersOf(value).map(([name, each]) => [name, name === key ? replaced(each, rest) : each]),
  );
}

// What an audit entry tells of a change: of two states what differs, as JSON. Pure.

import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";

export interface Differences {
  readonly before: JsonObject | undefined;
  readonly after: JsonObject | undefined;
}

/** Absent: there was none, or there is none any more. A `bigint` becomes a text of its digits. */
export function differencesOf(before: object | undefined, after: object | undefined): Differences {
  const [was, is] = [objectOf(before), objectOf(after)];
  if (was === undefined || is === undefined) return { before: was, after: is };
  return { before: without(was, is), after: without(is, was) };
}

const objectOf = (value: object | undefined): JsonObject | undefined =>
  value === undefined ? undefined : membersOf(value);

/** What one says that the other does not; of objects in both, the same. */
function without(one: JsonObject, other: JsonObject): JsonObject {
  const members = Object.entries(one).flatMap(([key, value]): [string, JsonValue][] => {
    const same = Object.hasOwn(other, key) ? other[key] : undefined;
    if (JSON.stringify(value) === JSON.stringify(same)) return [];
    return [[key, isJsonObject(value) && isJsonObject(same) ? without(value, same) : value]];
  });
  return Object.fromEntries(members);
}

const membersOf = (value: object): JsonObject =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, member]): [string, JsonValue][] => {
      const json = jsonOf(member);
      return json === undefined ? [] : [[key, json]];
    }),
  );

function jsonOf(value: unknown): JsonValue | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map((item: unknown) => jsonOf(item) ?? null);
  return typeof value === "object" ? membersOf(value) : undefined;
}

/** Whether there is nothing to be changed. */
export const areSame = (before: object, after: object): boolean =>
  JSON.stringify(objectOf(before)) === JSON.stringify(objectOf(after));

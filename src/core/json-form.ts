// How values of our own types stand in JSON, and back: one description of a type serves both ways. What is read is
// held to the description; a member that it does not know makes the whole no such value, since whoever wrote it,
// as a later version, may mean more by it.

import type { EventJson } from "./operation.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

export const malformed: unique symbol = Symbol("malformed");
export type Malformed = typeof malformed;

export interface JsonForm<T> {
  /** Undefined: it is left out. */
  write(value: T): JsonValue | undefined;
  /** Of what was left out: undefined. Never throws. */
  read(json: JsonValue | undefined): T | Malformed;
}

export interface ObjectForm<T> extends JsonForm<T> {
  write(value: T): JsonObject;
}

/** The compiler holds it to have every member of T. */
type Members<T> = { readonly [Name in keyof T]-?: JsonForm<T[Name]> };

/** Members of a value that are not described are left out when it is written. */
export const objectOf = <T extends object>(members: Members<T>): ObjectForm<T> => ({
  write(value) {
    const json: Record<string, JsonValue> = {};
    for (const name in members) {
      const written = members[name].write(value[name]);
      if (written !== undefined) json[name] = written;
    }
    return json;
  },
  read(json) {
    if (!isJsonObject(json)) return malformed;
    const value: Partial<T> = {};
    return isReadInto(value, json, members) ? value : malformed;
  },
});

/** Whether every member could be read. */
function isReadInto<T extends object>(value: Partial<T>, json: JsonObject, members: Members<T>): value is T {
  let known = 0;
  for (const name in members) {
    const member = Object.hasOwn(json, name) ? json[name] : undefined;
    const read = members[name].read(member);
    if (read === malformed) return false;
    if (member === undefined) continue;
    known += 1;
    value[name] = read;
  }
  return known === Object.keys(json).length;
}

/** One of several types that a member's word tells apart. */
export function oneOf<T extends object, Tag extends keyof T & string>(
  tag: Tag,
  variants: {
    readonly [Word in T[Tag] & string]: ObjectForm<Extract<T, { readonly [Name in Tag]: Word }>>;
  },
): ObjectForm<T>;
export function oneOf(
  tag: string,
  variants: Readonly<Record<string, ObjectForm<Tagged>>>,
): ObjectForm<Tagged> {
  const formOf = (word: unknown): ObjectForm<Tagged> | undefined =>
    typeof word === "string" && Object.hasOwn(variants, word) ? variants[word] : undefined;
  return {
    write: (value) => formOf(value[tag])?.write(value) ?? {},
    read: (json) => (isJsonObject(json) ? (formOf(json[tag])?.read(json) ?? malformed) : malformed),
  };
}

type Tagged = Readonly<Record<string, unknown>>;

export const listOf = <T>(form: JsonForm<T>): JsonForm<readonly T[]> => ({
  write: (values) => values.map((value) => form.write(value) ?? null),
  read(json) {
    if (!Array.isArray(json)) return malformed;
    const values: T[] = [];
    for (const each of json) {
      const value = form.read(each);
      if (value === malformed) return malformed;
      values.push(value);
    }
    return values;
  },
});

/** The same for those values only of which that holds. */
export const holding = <T>(form: JsonForm<T>, isOne: (value: T) => boolean): JsonForm<T> => ({
  write: (value) => form.write(value),
  read(json) {
    const value = form.read(json);
    return value !== malformed && isOne(value) ? value : malformed;
  },
});

export const optional = <T>(form: JsonForm<T>): JsonForm<T | undefined> => ({
  write: (value) => (value === undefined ? undefined : form.write(value)),
  read: (json) => (json === undefined ? undefined : form.read(json)),
});

export const orNull = <T>(form: JsonForm<T>): JsonForm<T | null> => ({
  write: (value) => (value === null ? null : form.write(value)),
  read: (json) => (json === null ? null : form.read(json)),
});

export const eventJson = <E>(form: ObjectForm<E>): EventJson<E> => ({
  write: (event) => form.write(event),
  read(json) {
    const event = form.read(json);
    return event === malformed ? undefined : event;
  },
});

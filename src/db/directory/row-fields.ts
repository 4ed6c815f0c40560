// The fields of a row, by the names of their columns: of a statement's row, in which each database has its own form
// for integers, truth and JSON, or of an entity.

import type { JsonObject } from "../../core/json.ts";

export interface RowFields {
  text(name: string): string;
  textIfAny(name: string): string | undefined;
  /** @throws Error for what is none of them */
  oneOf<T extends string>(name: string, isOne: (text: string) => text is T): T;
  number(name: string): number;
  numberIfAny(name: string): number | undefined;
  nanosIfAny(name: string): bigint | undefined;
  flag(name: string): boolean;
  /** Plain bytes, as another thread would get them. */
  bytes(name: string): Uint8Array;
  objectIfAny(name: string): JsonObject | undefined;
  textsIfAny(name: string): readonly string[] | undefined;
}

/** @param prefix what stands before the columns' names, in a row of several tables */
export function rowFields(row: unknown, prefix = ""): RowFields {
  const values: Readonly<Record<string, unknown>> = isRecord(row) ? row : {};
  return fieldsOf((name) => values[prefix + name]);
}

/** Of an entity, of which the properties have the columns' names in camel case. */
export function entityFields(entity: object): RowFields {
  const values = new Map<string, unknown>(Object.entries(entity));
  return fieldsOf((name) =>
    values.get(name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())),
  );
}

function fieldsOf(valueOf: (name: string) => unknown): RowFields {
  const ifAny = <T>(name: string, convert: (value: unknown) => T): T | undefined => {
    const value = valueOf(name);
    return value === null || value === undefined ? undefined : convert(value);
  };
  const fields: RowFields = {
    text: (name) => textOf(name, valueOf(name)),
    textIfAny: (name) => ifAny(name, (value) => textOf(name, value)),
    oneOf(name, isOne) {
      const text = fields.text(name);
      if (isOne(text)) return text;
      throw new Error(`The database holds a ${name} that is not known: ${text}.`);
    },
    number: (name) => Number(valueOf(name)),
    numberIfAny: (name) => ifAny(name, Number),
    nanosIfAny: (name) => ifAny(name, (value) => BigInt(String(value))),
    flag: (name) => Number(valueOf(name)) === 1,
    bytes(name) {
      const value = valueOf(name);
      return value instanceof Uint8Array ? Uint8Array.from(value) : new Uint8Array();
    },
    objectIfAny: (name) =>
      ifAny(name, (value) => {
        const json = jsonOf(value);
        return isObject(json) ? json : {};
      }),
    textsIfAny: (name) =>
      ifAny(name, (value) => {
        const json = jsonOf(value);
        return Array.isArray(json) ? json.filter((item) => typeof item === "string") : [];
      }),
  };
  return fields;
}

function textOf(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new Error(`The database holds ${typeof value} for ${name}.`);
}

/** Entities have it parsed already. */
const jsonOf = (value: unknown): unknown => (typeof value === "string" ? JSON.parse(value) : value);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** JSON holds nothing but JSON values. */
const isObject = (value: unknown): value is JsonObject => isRecord(value) && !Array.isArray(value);

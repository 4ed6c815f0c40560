/** Checks of single fields, refused in OpenAI's words. */
import { Refusal } from "./demo-request.ts";
import { nameOfType, type JsonRecord } from "./json-value.ts";

export function refuse(param: string, message: string, code?: string): Refusal {
  return new Refusal({ status: 400, message, param, code });
}

export function refuseType(param: string, expected: string, found: unknown): Refusal {
  const message = `Invalid type for '${param}': expected ${expected}, but got ${nameOfType(found)} instead.`;
  return refuse(param, message, "invalid_type");
}

export function readFlag(body: JsonRecord, name: string): boolean | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === "boolean") return value;
  throw refuseType(name, "a boolean", value);
}

/** A whole number from 1. */
export function readLimit(body: JsonRecord, name: string): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) throw refuseType(name, "an integer", value);
  if (value >= 1) return value;
  const message = `Invalid '${name}': integer below minimum value. Expected a value >= 1, but got ${value} instead.`;
  throw refuse(name, message, "integer_below_min_value");
}

/** A number from 0 to `most`. */
export function checkDecimal(body: JsonRecord, name: string, most: number): void {
  const value = body[name] ?? undefined;
  if (value === undefined) return;
  if (typeof value !== "number") throw refuseType(name, "a decimal", value);
  if (value < 0) {
    const message = `Invalid '${name}': decimal below minimum value. Expected a value >= 0, but got ${value} instead.`;
    throw refuse(name, message, "decimal_below_min_value");
  }
  if (value > most) {
    const message = `Invalid '${name}': decimal above maximum value. Expected a value <= ${most}, but got ${value} instead.`;
    throw refuse(name, message, "decimal_above_max_value");
  }
}

// How the schema's own scalars are read and written.

import { GraphQLError } from "graphql";
import type { JsonValue } from "../../core/json.ts";
import { hasRealDay } from "../real-day.ts";

/** Whole numbers beyond GraphQL's 32 bits: decimal strings out; decimal strings or numbers in. */
export function parseWhole(value: unknown): bigint {
  if (typeof value === "string" && /^-?\d{1,19}$/.test(value)) return BigInt(value);
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  throw new GraphQLError("must be a whole number, as a decimal string where it is beyond 2^53");
}

export const writeWhole = (value: number | bigint): string => value.toString();

const dateTimePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** ISO 8601 with a time zone, as milliseconds since 1970. */
export function parseDateTime(value: unknown): number {
  const isTime = typeof value === "string" && dateTimePattern.test(value) && hasRealDay(value);
  const epochMs = isTime ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(epochMs)) return epochMs;
  throw new GraphQLError("must be a time such as 2026-01-31T12:00:00Z (ISO 8601 with its time zone)");
}

export const writeDateTime = (epochMs: number): string => new Date(epochMs).toISOString();

/**
 * JSON as it came: variables were parsed from JSON already, and literals hold nothing else. Members whose
 * value is undefined are none.
 */
export function parseJson(value: unknown): JsonValue {
  if (isJson(value)) return value;
  throw new GraphQLError("must be JSON");
}

// Only the kind is looked at: what was parsed from JSON cannot hold anything but JSON further down.
const isJson = (value: unknown): value is JsonValue =>
  value === null || ["string", "boolean", "object"].includes(typeof value) || Number.isFinite(value);

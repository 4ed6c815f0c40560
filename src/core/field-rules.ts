// Rules for fields that requests of every operation have. Each fault is a GatewayError `invalid_request` that
// names the field and what is allowed.

import { invalidRequest } from "./errors.ts";
import type { JsonValue } from "./json.ts";

export const fieldLimits = {
  labels: 64,
  labelKeyChars: 64,
  labelValueChars: 1_024,
  modelChars: 256,
  jsonDepth: 64,
} as const;

/** @throws GatewayError */
export function checkModelName(model: string | undefined): void {
  if (model !== undefined && model.length > fieldLimits.modelChars) {
    throw invalidRequest("model", `has more than ${fieldLimits.modelChars} characters`);
  }
}

/** @throws GatewayError */
export function checkLabels(labels: Readonly<Record<string, string>>): void {
  const entries = Object.entries(labels);
  if (entries.length > fieldLimits.labels) {
    throw invalidRequest("labels", `has ${entries.length} entries; ${fieldLimits.labels} are allowed`);
  }
  for (const [key, value] of entries) {
    if (key === "" || key.length > fieldLimits.labelKeyChars) {
      throw invalidRequest("labels", `every key must have 1 to ${fieldLimits.labelKeyChars} characters`);
    }
    if (value.length > fieldLimits.labelValueChars) {
      throw invalidRequest(`labels.${key}`, `has more than ${fieldLimits.labelValueChars} characters`);
    }
  }
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** @throws GatewayError */
export function checkNumber(field: string, value: number | undefined, { min, max }: Range): void {
  if (value === undefined || (value >= min && value <= max)) return;
  throw invalidRequest(field, `must be between ${min} and ${max}, not ${value}`);
}

/** @throws GatewayError */
export function checkInteger(field: string, value: number | undefined, range: Range): void {
  checkNumber(field, value, range);
  if (value !== undefined && !Number.isSafeInteger(value)) {
    throw invalidRequest(field, `must be a whole number, not ${value}`);
  }
}

// Walks with a list of its own: a nest deep enough to be refused would also be deep enough for the stack.
export function checkDepth(field: string, json: JsonValue): void {
  const open: { value: JsonValue; depth: number }[] = [{ value: json, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== "object" || value === null) continue;
    if (depth > fieldLimits.jsonDepth) {
      throw invalidRequest(field, `is nested more than ${fieldLimits.jsonDepth} deep`);
    }
    for (const member of Object.values(value)) open.push({ value: member, depth: depth + 1 });
  }
}

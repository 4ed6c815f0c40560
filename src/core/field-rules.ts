// Rules for fields that requests of every operation have. Each fault is a GatewayError `invalid_request` that
// names the field and what is allowed.

import { invalidRequest } from "./errors.ts";
import type { JsonObject } from "./json.ts";

export const fieldLimits = {
  labels: 64,
  labelKeyChars: 64,
  labelValueChars: 1_024,
  modelChars: 256,
  optionSets: 64,
  optionKeyChars: 128,
  jsonDepth: 64,
} as const;

/** Whether a text has more characters, which are code points here as in the contract's rules. */
export function isLongerThan(text: string, maxChars: number): boolean {
  if (text.length <= maxChars) return false;
  if (text.length > 2 * maxChars) return true;
  let chars = 0;
  for (let i = 0; i < text.length; chars += 1) i += (text.codePointAt(i) ?? 0) > 0xffff ? 2 : 1;
  return chars > maxChars;
}

/** What a caller wrote, short enough for a message that quotes it. */
export const quotable = (text: string): string => (text.length > 128 ? `${text.slice(0, 128)}…` : text);

/** @throws GatewayError */
export function checkModelName(model: string | undefined): void {
  if (model !== undefined && isLongerThan(model, fieldLimits.modelChars)) {
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
    if (key === "" || isLongerThan(key, fieldLimits.labelKeyChars)) {
      throw invalidRequest("labels", `every key must have 1 to ${fieldLimits.labelKeyChars} characters`);
    }
    if (isLongerThan(value, fieldLimits.labelValueChars)) {
      throw invalidRequest(
        `labels.${quotable(key)}`,
        `has more than ${fieldLimits.labelValueChars} characters`,
      );
    }
  }
}

/** @throws GatewayError */
export function checkProviderOptions(options: Readonly<Record<string, JsonObject>>): void {
  const entries = Object.entries(options);
  if (entries.length > fieldLimits.optionSets) {
    throw invalidRequest(
      "providerOptions",
      `has ${entries.length} entries; ${fieldLimits.optionSets} are allowed`,
    );
  }
  for (const [key, value] of entries) {
    if (key === "" || isLongerThan(key, fieldLimits.optionKeyChars)) {
      throw invalidRequest(
        "providerOptions",
        `every key must have 1 to ${fieldLimits.optionKeyChars} characters`,
      );
    }
    checkJson(`providerOptions.${quotable(key)}`, value);
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

/**
 * JSON that goes on as it is: not too deep, and without the infinities that `1e999` is parsed to, which would be
 * written as null. Walks with a list of its own: a nest deep enough to be refused would also be deep enough for
 * the stack.
 * @throws GatewayError
 */
export function checkJson(field: string, json: JsonObject): void {
  const open: { readonly value: object; readonly depth: number }[] = [{ value: json, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (depth > fieldLimits.jsonDepth) {
      throw invalidRequest(field, `is nested more than ${fieldLimits.jsonDepth} deep`);
    }
    for (const member of Object.values(value)) {
      if (typeof member === "object" && member !== null) open.push({ value: member, depth: depth + 1 });
      else if (typeof member === "number" && !Number.isFinite(member)) {
        throw invalidRequest(field, "holds a number that is too large: up to about 1.8e308 is allowed");
      }
    }
  }
}

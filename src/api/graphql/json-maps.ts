// Input fields that are JSON objects: labels, provider options, schemas. Pure.

import { invalidRequest } from "../../core/errors.ts";
import { quotable } from "../../core/field-rules.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";

export const present = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined;

/** @throws GatewayError `invalid_request` naming the label */
export const toLabels = (value: JsonValue | null | undefined): Readonly<Record<string, string>> | undefined =>
  present(value)
    ? Object.fromEntries(
        Object.entries(toObject("labels", value)).map(([key, label]) => {
          if (typeof label === "string") return [key, label];
          throw invalidRequest(`labels.${quotable(key)}`, "must be a string");
        }),
      )
    : undefined;

/** @throws GatewayError `invalid_request` naming the options */
export const toProviderOptions = (
  value: JsonValue | null | undefined,
): Readonly<Record<string, JsonObject>> | undefined =>
  present(value)
    ? Object.fromEntries(
        Object.entries(toObject("providerOptions", value)).map(([key, options]) => [
          key,
          toObject(`providerOptions.${quotable(key)}`, options),
        ]),
      )
    : undefined;

/** @throws GatewayError `invalid_request` */
export function toObject(field: string, value: JsonValue): JsonObject {
  if (isObject(value)) return value;
  throw invalidRequest(field, "must be a JSON object");
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

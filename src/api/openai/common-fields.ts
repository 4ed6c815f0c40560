// What requests of every endpoint have at their top level: labels, and fields that only vendors know.

import { invalidRequest } from "../../core/errors.ts";
import { quotable } from "../../core/field-rules.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { optionalObject, wrongType } from "../json-fields.ts";

/** `metadata` as labels; a null in it counts as absent. */
export function labelsFrom(body: JsonObject): Readonly<Record<string, string>> | undefined {
  const metadata = optionalObject(body, "metadata");
  if (metadata === undefined) return undefined;
  const labels = Object.entries(metadata).flatMap(([key, value]): [string, string][] => {
    if (key === "__proto__")
      throw invalidRequest("metadata.__proto__", "is not a name that may be used here");
    if (value === null) return [];
    if (typeof value === "string") return [[key, value]];
    throw wrongType(`metadata.${quotable(key)}`, "a string", value);
  });
  return Object.fromEntries(labels);
}

export interface KnownFields {
  /** Those that the gateway reads itself. */
  readonly mapped: ReadonlySet<string>;
  /** Those whose answer could not be told, with what to do. */
  readonly refused: ReadonlyMap<string, string>;
}

/** The other fields as they are; undefined when there are none. @throws GatewayError `invalid_request` */
export function otherFields(body: JsonObject, { mapped, refused }: KnownFields): JsonObject | undefined {
  let others: Record<string, JsonValue> | undefined;
  for (const name of Object.keys(body)) {
    const value = body[name];
    if (mapped.has(name) || value === undefined || value === null) continue;
    if (name === "__proto__") throw invalidRequest(name, "is not a name that may be used here; leave it out");
    const refusal = refused.get(name);
    if (refusal !== undefined) throw invalidRequest(name, refusal);
    (others ??= {})[name] = value;
  }
  return others;
}

// JSON Schemas of tools and of answers. The vendor takes any, and holds to a part of the language.
// Source: ai.google.dev/gemini-api/docs/structured-output, JSON Schema support

import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { LossList } from "../loss-list.ts";
import { isJsonArray, isJsonObject } from "../vendor-json.ts";

/** Keywords that demand something, and that the vendor does not list as held. */
const notHeld: ReadonlySet<string> = new Set([
  "minLength",
  "maxLength",
  "pattern",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "uniqueItems",
  "contains",
  "minContains",
  "maxContains",
  "additionalItems",
  "unevaluatedItems",
  "patternProperties",
  "propertyNames",
  "minProperties",
  "maxProperties",
  "dependentRequired",
  "dependentSchemas",
  "dependencies",
  "unevaluatedProperties",
  "allOf",
  "not",
  "if",
  "then",
  "else",
  "$dynamicRef",
]);

const schemaMaps: ReadonlySet<string> = new Set(["properties", "$defs", "definitions", "patternProperties"]);
const schemaLists: ReadonlySet<string> = new Set(["anyOf", "oneOf", "allOf", "prefixItems"]);
const schemas: ReadonlySet<string> = new Set(["items", "additionalProperties", "contains", "not"]);

/**
 * The schema with `const` as an `enum` of one, which the vendor holds, and nothing beside a `$ref`, as it asks.
 * What it does not hold, and what was left out, is a loss.
 */
export function schemaOf(
  schema: JsonObject,
  { field, losses }: { readonly field: string; readonly losses: LossList },
): JsonObject {
  const found: Found = { unheld: new Set(), besideRef: new Set() };
  const written = rewritten(schema, found);
  if (found.unheld.size > 0)
    losses.add(field, `Gemini does not hold to ${listed(found.unheld)} in a schema.`);
  if (found.besideRef.size > 0) {
    losses.add(field, `${listed(found.besideRef)} beside $ref was left out: Gemini takes nothing there.`);
  }
  return written;
}

interface Found {
  readonly unheld: Set<string>;
  readonly besideRef: Set<string>;
}

const listed = (names: ReadonlySet<string>): string => [...names].join(", ").slice(0, 200);

// Schemas come checked for their depth.
function rewritten(schema: JsonObject, found: Found): JsonObject {
  const isReference = typeof schema["$ref"] === "string";
  const kept = Object.entries(schema).filter(([name]) => {
    if (!isReference || name.startsWith("$")) return true;
    found.besideRef.add(name);
    return false;
  });
  const entries = kept.map(([name, value]): readonly [string, JsonValue] => {
    if (notHeld.has(name)) found.unheld.add(name);
    if (name === "const" && schema["enum"] === undefined) return ["enum", [value]];
    if (schemaMaps.has(name) && isJsonObject(value)) {
      const members = Object.entries(value).map(([key, member]) => [key, inner(member, found)] as const);
      return [name, Object.fromEntries(members)];
    }
    if (schemaLists.has(name) && isJsonArray(value)) return [name, value.map((one) => inner(one, found))];
    return [name, schemas.has(name) ? inner(value, found) : value];
  });
  return Object.fromEntries(entries);
}

const inner = (schema: JsonValue, found: Found): JsonValue =>
  isJsonObject(schema) ? rewritten(schema, found) : schema;

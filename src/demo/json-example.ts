/**
 * Makes a value that satisfies a JSON schema of the kind used for tools and structured output: type, properties,
 * required, items, enum, const, anyOf/oneOf/allOf, local $ref, and the usual bounds. `pattern` and `not` are not read.
 */
import { isRecord, type JsonRecord } from "./json-value.ts";

interface Making {
  readonly root: unknown;
  /** From 1: different variants of a schema differ where they may. */
  readonly variant: number;
  /** Values still to be made, so that no schema makes the work endless. */
  budget: number;
}

interface Place {
  readonly name: string;
  readonly depth: number;
}

const optionalDepth = 4;
const maxDepth = 24;

export function exampleFromSchema(schema: unknown, variant = 1): unknown {
  return make(schema, { name: "value", depth: 0 }, { root: schema, variant, budget: 4000 });
}

/** The same for tool arguments, which are always an object. */
export function exampleArguments(schema: unknown, variant = 1): JsonRecord {
  const value = exampleFromSchema(isRecord(schema) ? { type: "object", ...schema } : {}, variant);
  return isRecord(value) ? value : {};
}

function make(input: unknown, place: Place, making: Making): unknown {
  making.budget -= 1;
  if (making.budget < 0 || place.depth > maxDepth) return null;
  const schema = flatten(input, place, making);
  if ("const" in schema) return schema["const"];
  const allowed = schema["enum"];
  if (Array.isArray(allowed) && allowed.length > 0) return allowed[(making.variant - 1) % allowed.length];
  switch (typeOf(schema)) {
    case "object":
      return makeObject(schema, place, making);
    case "array":
      return makeArray(schema, place, making);
    case "integer":
      return makeNumber(schema, making.variant, 1);
    case "number":
      return makeNumber(schema, making.variant + 0.5, 0.5);
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return makeString(schema, place, making);
  }
}

/** The schema with references followed, `allOf` merged and the first fitting alternative chosen. */
function flatten(input: unknown, place: Place, making: Making): JsonRecord {
  let schema: JsonRecord = isRecord(input) ? input : {};
  for (let turn = 0; turn < 16; turn += 1) {
    const { $ref: reference, allOf, anyOf, oneOf, ...own } = schema;
    const alternatives = Array.isArray(anyOf) ? anyOf : Array.isArray(oneOf) ? oneOf : undefined;
    if (typeof reference === "string") schema = merge(own, resolve(reference, making.root));
    else if (Array.isArray(allOf))
      schema = { ...allOf.reduce(merge, own), ...(anyOf ? { anyOf } : {}), ...(oneOf ? { oneOf } : {}) };
    else if (alternatives !== undefined) schema = merge(own, choose(alternatives, place));
    else return schema;
  }
  return {};
}

function choose(alternatives: readonly unknown[], place: Place): unknown {
  const wanted = place.depth > optionalDepth;
  return alternatives.find((schema) => isNull(schema) === wanted) ?? alternatives[0];
}

function isNull(schema: unknown): boolean {
  return isRecord(schema) && schema["type"] === "null";
}

function merge(base: JsonRecord, more: unknown): JsonRecord {
  if (!isRecord(more)) return base;
  const merged: Record<string, unknown> = { ...base, ...more };
  if (isRecord(base["properties"]) && isRecord(more["properties"])) {
    merged["properties"] = { ...base["properties"], ...more["properties"] };
  }
  if (Array.isArray(base["required"]) && Array.isArray(more["required"])) {
    merged["required"] = [...base["required"], ...more["required"]];
  }
  return merged;
}

function resolve(reference: string, root: unknown): unknown {
  let found: unknown = root;
  for (const step of reference.replace(/^#\/?/u, "").split("/")) {
    if (step === "") continue;
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    found = isRecord(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return found;
}

function typeOf(schema: JsonRecord): unknown {
  const type = schema["type"];
  if (Array.isArray(type)) return type.find((name) => name !== "null") ?? "null";
  if (type !== undefined) return type;
  if (isRecord(schema["properties"])) return "object";
  if ("items" in schema || "prefixItems" in schema) return "array";
  return "minimum" in schema || "maximum" in schema ? "number" : "string";
}

function makeObject(schema: JsonRecord, place: Place, making: Making): JsonRecord {
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const names = new Set(place.depth < optionalDepth ? Object.keys(properties) : []);
  for (const name of required) if (typeof name === "string") names.add(name);
  const entries = [...names].map((name): [string, unknown] => {
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return [name, make(own, { name, depth: place.depth + 1 }, making)];
  });
  // fromEntries defines properties, so that one called __proto__ stays a plain one.
  return Object.fromEntries(entries);
}

function makeArray(schema: JsonRecord, place: Place, making: Making): unknown[] {
  const first = Array.isArray(schema["prefixItems"]) ? schema["prefixItems"] : [];
  const least = Math.max(numberOf(schema["minItems"]) ?? 0, place.depth < optionalDepth ? 1 : 0);
  const most = Math.min(numberOf(schema["maxItems"]) ?? 64, 64);
  const length = Math.min(Math.max(least, first.length), most);
  return Array.from({ length }, (_, position) => {
    const item = { root: making.root, variant: making.variant + position, budget: making.budget };
    const value = make(
      first[position] ?? schema["items"],
      { name: place.name, depth: place.depth + 1 },
      item,
    );
    making.budget = item.budget;
    return value;
  });
}

function makeNumber(schema: JsonRecord, wanted: number, step: number): number {
  const floor = numberOf(schema["exclusiveMinimum"]);
  const ceiling = numberOf(schema["exclusiveMaximum"]);
  let least = Math.max(
    numberOf(schema["minimum"]) ?? -Infinity,
    floor === undefined ? -Infinity : floor + step,
  );
  let most = Math.min(
    numberOf(schema["maximum"]) ?? Infinity,
    ceiling === undefined ? Infinity : ceiling - step,
  );
  if (step === 1) [least, most] = [Math.ceil(least), Math.floor(most)];
  const value = Math.min(Math.max(wanted, least), most);
  const multiple = numberOf(schema["multipleOf"]);
  if (multiple === undefined || multiple <= 0) return value;
  const raised = Math.ceil(value / multiple) * multiple;
  return raised > most ? Math.floor(most / multiple) * multiple : raised;
}

const formats: Readonly<Record<string, string>> = {
  date: "2026-01-01",
  time: "12:00:00Z",
  "date-time": "2026-01-01T12:00:00Z",
  duration: "PT1H",
  email: "demo@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/demo",
  uuid: "01940000-0000-7000-8000-000000000000",
};

function makeString(schema: JsonRecord, place: Place, making: Making): string {
  const format = schema["format"];
  if (typeof format === "string" && Object.hasOwn(formats, format)) return formats[format] ?? "";
  const text = `demo ${place.name}${making.variant > 1 ? ` ${making.variant}` : ""}`;
  const least = Math.min(numberOf(schema["minLength"]) ?? 0, 10_000);
  const most = numberOf(schema["maxLength"]) ?? Infinity;
  const fitting = Array.from(text).slice(0, Math.min(most, text.length)).join("");
  return fitting.padEnd(least, ".");
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

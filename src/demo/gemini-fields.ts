/**
 * Reads JSON as Google's servers read it into their messages: names in camelCase or snake_case, `null` is absent, one
 * value stands for a list of one, numbers may be strings, enums have any case, and an unknown name is refused.
 */
import { detail, GeminiRefusal, refuse } from "./gemini-error.ts";
import { enumTypes, messageTypes } from "./gemini-types.ts";
import { isRecord, type JsonRecord } from "./json-value.ts";

interface Violation {
  /** Absent for a name at the request's top. */
  readonly field?: string;
  readonly description: string;
}

interface Place {
  /** As the vendor writes it: `generation_config.response_schema.properties[0].value`; empty at the top. */
  readonly at: string;
  readonly depth: number;
  readonly violations: Violation[];
}

const maxDepth = 100;

/**
 * The request's fields under their camelCase names, of the types that the tables say; enums in upper case.
 * @throws {Refusal} with all that is wrong in it.
 */
export function readFields(value: unknown, type: string): JsonRecord {
  if (!isRecord(value)) {
    throw refuse('Invalid JSON payload received. Unknown name "": Root element must be a message.');
  }
  const violations: Violation[] = [];
  const fields = readMessage(value, type, { at: "", depth: 0, violations });
  if (violations.length === 0) return fields;
  const message = violations.map(({ description }) => description).join("\n");
  throw new GeminiRefusal(400, message, [detail("BadRequest", { fieldViolations: violations })]);
}

function readMessage(value: JsonRecord, type: string, place: Place): JsonRecord {
  if (place.depth > maxDepth) throw refuse("Invalid JSON payload received. JSON nesting is too deep.");
  const types = messageTypes[type] ?? {};
  const read: [string, unknown][] = [];
  for (const [given, item] of Object.entries(value)) {
    const name = given.replace(/_([a-z])/gu, (_, letter: string) => letter.toUpperCase());
    const fieldType = Object.hasOwn(types, name) ? types[name] : undefined;
    if (fieldType === undefined) {
      const where = place.at === "" ? {} : { field: place.at };
      const at = place.at === "" ? "" : ` at '${place.at}'`;
      const description = `Invalid JSON payload received. Unknown name "${given}"${at}: Cannot find field.`;
      place.violations.push({ ...where, description });
    } else if (item !== null) {
      read.push([name, readValue(item, fieldType, step(place, name))]);
    }
  }
  return Object.fromEntries(read);
}

function step(place: Place, name: string): Place {
  const own = name.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
  return { ...place, at: place.at === "" ? own : `${place.at}.${own}`, depth: place.depth + 1 };
}

function readValue(value: unknown, type: string, place: Place): unknown {
  if (type.endsWith("[]")) {
    const items: readonly unknown[] = Array.isArray(value) ? value : [value];
    return items.map((item, index) =>
      readValue(item, type.slice(0, -2), { ...place, at: `${place.at}[${index}]` }),
    );
  }
  if (type.endsWith("{}")) {
    if (!isRecord(value)) return invalid(value, "map", place);
    const entries = Object.entries(value).map(([key, item], index): [string, unknown] => [
      key,
      readValue(item, type.slice(0, -2), { ...place, at: `${place.at}[${index}].value` }),
    ]);
    return Object.fromEntries(entries);
  }
  if (type === "json") return value;
  if (Array.isArray(value)) {
    const name = place.at.slice(place.at.lastIndexOf(".") + 1);
    const complaint = "Proto field is not repeating, cannot start list.";
    const description = `Invalid JSON payload received. Unknown name "${name}" at '${place.at}': ${complaint}`;
    place.violations.push({ field: place.at, description });
    return undefined;
  }
  if (Object.hasOwn(messageTypes, type)) {
    return isRecord(value) ? readMessage(value, type, place) : invalid(value, typeName(type), place);
  }
  const values = enumTypes[type];
  return values === undefined ? readScalar(value, type, place) : readEnum(value, { type, values }, place);
}

function readEnum(
  value: unknown,
  { type, values }: { readonly type: string; readonly values: readonly string[] },
  place: Place,
): unknown {
  const name =
    typeof value === "string" ? value.toUpperCase() : typeof value === "number" ? values[value] : undefined;
  return name !== undefined && values.includes(name) ? name : invalid(value, typeName(type), place);
}

function readScalar(value: unknown, type: string, place: Place): unknown {
  switch (type) {
    case "bool":
      return typeof value === "boolean" ? value : invalid(value, "TYPE_BOOL", place);
    case "struct":
      return isRecord(value) ? value : invalid(value, "type.googleapis.com/google.protobuf.Struct", place);
    case "int":
    case "float": {
      const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
      const fits = type === "int" ? Number.isSafeInteger(number) : Number.isFinite(number);
      return fits ? number : invalid(value, type === "int" ? "TYPE_INT32" : "TYPE_FLOAT", place);
    }
    case "bytes":
      if (typeof value === "string" && /^[\w+/-]*={0,2}$/u.test(value)) return value;
      return invalid(value, "TYPE_BYTES", place);
    default:
      return typeof value === "string" ? value : invalid(value, "TYPE_STRING", place);
  }
}

function typeName(type: string): string {
  return `type.googleapis.com/google.ai.generativelanguage.v1beta.${type}`;
}

function invalid(value: unknown, type: string, place: Place): undefined {
  const shown = JSON.stringify(value);
  const description = `Invalid value at '${place.at}' (${type}), ${shown.slice(0, 100)}`;
  place.violations.push({ field: place.at, description });
  return undefined;
}

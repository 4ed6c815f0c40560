// Where in a request's JSON the fault is that protobuf-es refused it for. Its errors name a type or a field,
// not the place.

import { type DescField, type DescMessage, fromJson, type JsonValue } from "@bufbuild/protobuf";

const maxKeyChars = 128;
/**
 * Each level decodes what is below it once more; a request that makes sense has seven, down to the media type of
 * an image in a tool's answer.
 */
const maxLevels = 8;

/** As `messages[0].parts[1].text`; `body` when no single place is at fault. */
export function faultPath(schema: DescMessage, json: JsonValue): string {
  const path = faultBelow(schema, json, maxLevels);
  return path === "" ? "body" : path.slice(1);
}

function faultBelow(schema: DescMessage, json: JsonValue, levels: number): string {
  if (levels === 0) return "";
  if (typeof json !== "object" || json === null || Array.isArray(json)) return "";
  for (const [key, value] of Object.entries(json)) {
    const field = schema.fields.find(({ jsonName, name }) => jsonName === key || name === key);
    if (field === undefined) return `.${key.slice(0, maxKeyChars)}`;
    if (!decodes(schema, { [key]: value }))
      return `.${field.jsonName}${faultInField(field, value, levels - 1)}`;
  }
  return "";
}

function faultInField(field: DescField, value: JsonValue, levels: number): string {
  if (field.fieldKind === "message") return faultBelow(field.message, value, levels);
  if (field.fieldKind !== "list" || field.listKind !== "message" || !Array.isArray(value)) return "";
  const at = value.findIndex((entry) => !decodes(field.message, entry));
  const entry = value[at];
  return entry === undefined ? "" : `[${at}]${faultBelow(field.message, entry, levels)}`;
}

function decodes(schema: DescMessage, json: JsonValue): boolean {
  try {
    fromJson(schema, json, { ignoreUnknownFields: false });
    return true;
  } catch {
    return false;
  }
}

// OpenAI's content parts as parts of the chat model.

import { invalidRequest } from "../../core/errors.ts";
import type {
  CacheHint,
  FilePart,
  ImagePart,
  MediaSource,
  TextPart,
  ToolResultPart,
} from "../../core/chat/request.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import {
  isArray,
  isObject,
  optionalObject,
  optionalString,
  optionalWord,
  refuseUnknown,
  requiredObject,
  requiredString,
  wrongType,
} from "../json-fields.ts";

export type ContentPart = TextPart | ImagePart | FilePart;

const textFields = new Set(["type", "text", "cache_control"]);
const refusalFields = new Set(["type", "refusal"]);
const imageFields = new Set(["type", "image_url", "cache_control"]);
const imageUrlFields = new Set(["url", "detail"]);
const filePartFields = new Set(["type", "file", "cache_control"]);
const fileFields = new Set(["file_data", "filename", "file_id"]);
const cacheControlFields = new Set(["type", "ttl"]);

const details = ["auto", "low", "high"] as const;

/** The content of a message at the path `at`: a string, or an array of parts. */
export function contentParts(message: JsonObject, at: string): readonly ContentPart[] {
  const { content } = message;
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (isArray(content)) return content.map((part, i) => contentPart(part, `${at}.content[${i}]`));
  throw wrongType(`${at}.content`, "a string or an array of parts", content);
}

export function toolContent(message: JsonObject, at: string): ToolResultPart["content"] {
  return contentParts(message, at).map((part, i) => {
    if (part.type !== "file") return part;
    throw invalidRequest(`${at}.content[${i}]`, "a tool's result holds text and image_url, not file");
  });
}

function contentPart(part: JsonValue, at: string): ContentPart {
  if (!isObject(part)) throw wrongType(at, "an object", part);
  switch (requiredString(part, "type", at)) {
    case "text":
      refuseUnknown(part, textFields, at);
      return { type: "text", text: requiredString(part, "text", at), cacheHint: cacheHint(part, at) };
    case "refusal":
      refuseUnknown(part, refusalFields, at);
      return { type: "text", text: requiredString(part, "refusal", at) };
    case "image_url":
      return imagePart(part, at);
    case "file":
      return filePart(part, at);
    case "input_audio":
      throw invalidRequest(`${at}.type`, "input_audio is not served; send text, image_url or file");
    default:
      throw invalidRequest(`${at}.type`, "must be one of text, image_url, file, refusal");
  }
}

function imagePart(part: JsonObject, at: string): ImagePart {
  refuseUnknown(part, imageFields, at);
  const image = requiredObject(part, "image_url", at);
  const field = `${at}.image_url`;
  refuseUnknown(image, imageUrlFields, field);
  return {
    type: "image",
    source: mediaSource(requiredString(image, "url", field), `${field}.url`),
    detail: optionalWord(image["detail"], details, `${field}.detail`),
    cacheHint: cacheHint(part, at),
  };
}

function filePart(part: JsonObject, at: string): FilePart {
  refuseUnknown(part, filePartFields, at);
  const file = requiredObject(part, "file", at);
  const field = `${at}.file`;
  refuseUnknown(file, fileFields, field);
  if (typeof file["file_id"] === "string") {
    throw invalidRequest(
      `${field}.file_id`,
      "names a file kept at one vendor; send its content as file_data",
    );
  }
  return {
    type: "file",
    source: mediaSource(requiredString(file, "file_data", field), `${field}.file_data`),
    filename: optionalString(file, "filename", field),
    cacheHint: cacheHint(part, at),
  };
}

const dataUrlForm = "data:<media type>;base64,<content>";

/** A `data:` URL (RFC 2397) as bytes with their media type; any other address as it is. */
function mediaSource(url: string, field: string): MediaSource {
  if (url.slice(0, 5).toLowerCase() !== "data:") return addressed(url, field);
  const comma = url.indexOf(",");
  const [mediaType, ...parameters] = url.slice(5, Math.max(comma, 5)).split(";", 8);
  if (comma === -1 || mediaType === undefined || mediaType === "" || parameters.at(-1) !== "base64") {
    throw invalidRequest(field, `must have the form ${dataUrlForm}`);
  }
  return { data: url.slice(comma + 1), mediaType };
}

function addressed(url: string, field: string): MediaSource {
  if (/^https?:\/\//i.test(url)) return { url };
  throw invalidRequest(field, `must be an http or https address, or ${dataUrlForm}`);
}

/** `cache_control` on a part, as OpenRouter and LiteLLM take it. */
export function cacheHint(from: JsonObject, at: string): CacheHint | undefined {
  const control = optionalObject(from, "cache_control", at);
  if (control === undefined) return undefined;
  const field = `${at}.cache_control`;
  refuseUnknown(control, cacheControlFields, field);
  if (control["type"] !== "ephemeral") throw invalidRequest(`${field}.type`, "must be ephemeral");
  return optionalWord(control["ttl"], ["5m", "1h"], `${field}.ttl`) === "1h" ? "long" : "short";
}

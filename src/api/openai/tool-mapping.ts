// OpenAI's `tools`, `tool_choice` and `response_format` in the chat model's words.

import { invalidRequest } from "../../core/errors.ts";
import type { ResponseFormat, Tool, ToolChoice } from "../../core/chat/request.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { cacheHint } from "./content-mapping.ts";
import {
  isObject,
  optionalArray,
  optionalBoolean,
  optionalObject,
  optionalString,
  refuseUnknown,
  requiredObject,
  requiredString,
  wrongType,
} from "../json-fields.ts";

const toolFields = new Set(["type", "function", "cache_control"]);
const functionFields = new Set(["name", "description", "parameters", "strict"]);
const choiceFields = new Set(["type", "function"]);
const chosenFields = new Set(["name"]);
const formatFields = new Set(["type", "json_schema"]);
const schemaFields = new Set(["name", "description", "schema", "strict"]);

export function toolsFrom(body: JsonObject): readonly Tool[] | undefined {
  return optionalArray(body, "tools")?.map((tool, i) => toolFrom(tool, `tools[${i}]`));
}

function toolFrom(tool: JsonValue, at: string): Tool {
  if (!isObject(tool)) throw wrongType(at, "an object", tool);
  if (tool["type"] !== "function") {
    throw invalidRequest(`${at}.type`, "must be function; tools of other types are a vendor's own");
  }
  refuseUnknown(tool, toolFields, at);
  const field = `${at}.function`;
  const declared = requiredObject(tool, "function", at);
  refuseUnknown(declared, functionFields, field);
  return {
    name: requiredString(declared, "name", field),
    description: optionalString(declared, "description", field),
    parameters: optionalObject(declared, "parameters", field),
    strict: optionalBoolean(declared, "strict", field),
    cacheHint: cacheHint(tool, at),
  };
}

export function toolChoiceFrom(body: JsonObject): ToolChoice | undefined {
  const choice = body["tool_choice"];
  if (choice === undefined || choice === null) return undefined;
  if (choice === "auto" || choice === "none" || choice === "required") return { type: choice };
  if (!isObject(choice)) {
    throw typeof choice === "string"
      ? invalidRequest("tool_choice", "must be auto, none, required or an object that names a function")
      : wrongType("tool_choice", "a string or an object", choice);
  }
  if (choice["type"] !== "function") throw invalidRequest("tool_choice.type", "must be function");
  refuseUnknown(choice, choiceFields, "tool_choice");
  const chosen = requiredObject(choice, "function", "tool_choice");
  refuseUnknown(chosen, chosenFields, "tool_choice.function");
  return { type: "tool", name: requiredString(chosen, "name", "tool_choice.function") };
}

export function responseFormatFrom(body: JsonObject): ResponseFormat | undefined {
  const format = optionalObject(body, "response_format");
  if (format === undefined) return undefined;
  refuseUnknown(format, formatFields, "response_format");
  switch (requiredString(format, "type", "response_format")) {
    case "text":
      return { type: "text" };
    case "json_object":
      return { type: "json" };
    case "json_schema": {
      const at = "response_format.json_schema";
      const described = requiredObject(format, "json_schema", "response_format");
      refuseUnknown(described, schemaFields, at);
      return {
        type: "json_schema",
        name: requiredString(described, "name", at),
        description: optionalString(described, "description", at),
        schema: requiredObject(described, "schema", at),
        strict: optionalBoolean(described, "strict", at),
      };
    }
    default:
      throw invalidRequest("response_format.type", "must be one of text, json_object, json_schema");
  }
}

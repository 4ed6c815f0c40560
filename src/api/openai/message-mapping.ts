// OpenAI's messages as messages of the chat model, one for one.

import { invalidRequest } from "../../core/errors.ts";
import type { Message, Part, ToolCallPart } from "../../core/chat/request.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { contentParts, toolContent } from "./content-mapping.ts";
import { reasoningFrom, toolCallProof } from "./given-reasoning.ts";
import {
  isArray,
  isObject,
  optionalArray,
  optionalString,
  refuseUnknown,
  requiredArray,
  requiredObject,
  requiredString,
  wrongType,
} from "../json-fields.ts";

const plainFields = new Set(["role", "content", "name"]);
const toolFields = new Set(["role", "content", "tool_call_id", "name"]);
const assistantFields = new Set([
  "role",
  "content",
  "name",
  "tool_calls",
  "reasoning_content",
  "reasoning",
  "reasoning_details",
  "refusal",
  "annotations",
  "images",
  // OpenAI's clients put what they made of the text beside it, and send it back.
  "parsed",
]);
// Clients that gather a stream send back the `index` that each call had there.
const toolCallFields = new Set(["id", "type", "function", "index", "extra_content"]);
const functionFields = new Set(["name", "arguments", "parsed_arguments"]);

export function messagesFrom(body: JsonObject): readonly Message[] {
  return requiredArray(body, "messages").map((message, i) => messageFrom(message, `messages[${i}]`));
}

function messageFrom(message: JsonValue, at: string): Message {
  if (!isObject(message)) throw wrongType(at, "an object", message);
  switch (requiredString(message, "role", at)) {
    case "user":
      refuseUnknown(message, plainFields, at);
      return { role: "user", parts: contentParts(message, at), name: optionalString(message, "name", at) };
    case "system":
    case "developer":
      refuseUnknown(message, plainFields, at);
      return { role: "system", parts: contentParts(message, at), name: optionalString(message, "name", at) };
    case "assistant":
      return assistantMessage(message, at);
    case "tool":
      return toolMessage(message, at);
    case "function":
      throw invalidRequest(`${at}.role`, "function is the old form; send role tool with its tool_call_id");
    default:
      throw invalidRequest(`${at}.role`, "must be one of system, developer, user, assistant, tool");
  }
}

function toolMessage(message: JsonObject, at: string): Message {
  refuseUnknown(message, toolFields, at);
  const toolCallId = requiredString(message, "tool_call_id", at);
  return {
    role: "tool",
    parts: [{ type: "tool_result", toolCallId, content: toolContent(message, at) }],
    name: optionalString(message, "name", at),
  };
}

function assistantMessage(message: JsonObject, at: string): Message {
  if (isObject(message["function_call"])) {
    throw invalidRequest(`${at}.function_call`, "is the old form; send tool_calls");
  }
  if (isObject(message["audio"])) {
    throw invalidRequest(`${at}.audio`, "names audio kept at one vendor; send its transcript as content");
  }
  if (isArray(message["images"]) && message["images"].length > 0) {
    throw invalidRequest(
      `${at}.images`,
      "is not taken back; leave it out, or send the images as image_url in a message of the user's",
    );
  }
  refuseUnknown(message, assistantFields, at);
  const calls = optionalArray(message, "tool_calls", at) ?? [];
  const reasoning = reasoningFrom(message, at);
  const parts: Part[] = [...reasoning.parts, ...assistantText(message, at, calls.length > 0)];
  for (const [i, value] of calls.entries()) {
    const call = toolCall(value, `${at}.tool_calls[${i}]`);
    parts.push(call.signature === undefined ? { ...call, ...reasoning.callProofs.get(call.id) } : call);
  }
  return { role: "assistant", parts, name: optionalString(message, "name", at) };
}

function assistantText(message: JsonObject, at: string, calls: boolean): readonly Part[] {
  const { content } = message;
  const refusal = optionalString(message, "refusal", at);
  if (content === undefined || content === null || content === "") {
    if (refusal !== undefined && refusal !== "") return [{ type: "text", text: refusal }];
    // Beside tool calls an empty text says nothing, and vendors refuse it.
    return content === "" && !calls ? [{ type: "text", text: "" }] : [];
  }
  return contentParts(message, at);
}

function toolCall(call: JsonValue, at: string): ToolCallPart {
  if (!isObject(call)) throw wrongType(at, "an object", call);
  const { type } = call;
  if (type !== undefined && type !== null && type !== "function") {
    throw invalidRequest(`${at}.type`, "must be function");
  }
  refuseUnknown(call, toolCallFields, at);
  const called = requiredObject(call, "function", at);
  refuseUnknown(called, functionFields, `${at}.function`);
  return {
    type: "tool_call",
    id: requiredString(call, "id", at),
    name: requiredString(called, "name", `${at}.function`),
    argumentsJson: requiredString(called, "arguments", `${at}.function`),
    ...toolCallProof(call, at),
  };
}

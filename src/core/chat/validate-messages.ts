// What may stand in messages, and where.

import { invalidRequest } from "../errors.ts";
import type { MediaSource, Message, Part, Role } from "./request.ts";
import { chatLimits } from "./limits.ts";

const allowedParts: Record<Role, ReadonlySet<Part["type"]>> = {
  system: new Set(["text"]),
  user: new Set(["text", "image", "file"]),
  assistant: new Set(["text", "reasoning", "tool_call"]),
  tool: new Set(["tool_result"]),
};

const mediaTypePattern = /^[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,63}\/[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,63}$/;
const addressPattern = /^https?:\/\//i;

export function validateMessages(messages: readonly Message[]): void {
  if (messages.length === 0) throw invalidRequest("messages", "must hold at least one message");
  if (messages.length > chatLimits.messages) {
    throw invalidRequest("messages", `has ${messages.length} entries; ${chatLimits.messages} are allowed`);
  }
  for (const [i, message] of messages.entries()) validateMessage(`messages[${i}]`, message);
}

function validateMessage(field: string, { role, parts }: Message): void {
  if (parts.length === 0) throw invalidRequest(`${field}.parts`, "must hold at least one part");
  if (parts.length > chatLimits.partsAMessage) {
    throw invalidRequest(`${field}.parts`, `has more than ${chatLimits.partsAMessage} entries`);
  }
  for (const [i, part] of parts.entries()) {
    const at = `${field}.parts[${i}]`;
    if (!allowedParts[role].has(part.type)) {
      const allowed = [...allowedParts[role]].join(", ");
      throw invalidRequest(at, `a message of role ${role} holds ${allowed}, not ${part.type}`);
    }
    validatePart(at, part);
  }
}

function validatePart(field: string, part: Part): void {
  switch (part.type) {
    case "text":
    case "reasoning":
      return;
    case "image":
    case "file":
      validateMedia(`${field}.source`, part.source);
      return;
    case "tool_call":
      if (part.id === "") throw invalidRequest(`${field}.id`, "must not be empty");
      if (part.name === "") throw invalidRequest(`${field}.name`, "must not be empty");
      return;
    case "tool_result":
      if (part.toolCallId === "") {
        throw invalidRequest(`${field}.toolCallId`, "must be the id of the tool call that it answers");
      }
      if (part.content.length > chatLimits.partsAMessage) {
        throw invalidRequest(`${field}.content`, `has more than ${chatLimits.partsAMessage} entries`);
      }
      for (const [i, content] of part.content.entries()) validatePart(`${field}.content[${i}]`, content);
  }
}

function validateMedia(field: string, source: MediaSource): void {
  const { mediaType } = source;
  if (mediaType !== undefined && !mediaTypePattern.test(mediaType)) {
    throw invalidRequest(`${field}.mediaType`, "must be a media type such as image/png");
  }
  if ("url" in source) {
    if (addressPattern.test(source.url) && URL.canParse(source.url)) return;
    throw invalidRequest(`${field}.url`, "must be an http or https address; send other content as data");
  }
  if (!isBase64(source.data)) throw invalidRequest(`${field}.data`, "must be base64 (RFC 4648, section 4)");
}

const isBase64 = (data: string): boolean =>
  data.length > 0 && data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(data);

/**
 * Wire formats in which a part has several optional contents hold it to exactly one.
 * @throws GatewayError `invalid_request`
 */
export function checkOneContent(field: string, present: readonly string[]): void {
  if (present.length === 1) return;
  const found = present.length === 0 ? "none" : present.join(" and ");
  throw invalidRequest(field, `must have exactly one content (text, image, …), not ${found}`);
}

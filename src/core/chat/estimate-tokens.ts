// About how many tokens a chat will use.

import {
  bytesPerToken,
  jsonBytes,
  type TokenEstimate,
  tokensOfBytes,
  type Utf8Bytes,
} from "../limits/token-estimate.ts";
import type { ChatRequest, MediaSource, Part } from "./request.ts";

/** What vendors count for a picture of usual size; also for a file that only its vendor will see. */
const mediaTokens = 1_000;

export function estimateChatTokens(request: ChatRequest, utf8Bytes: Utf8Bytes): TokenEstimate {
  let textBytes = 0;
  let tokens = 0;
  const add = (part: Part): void => {
    switch (part.type) {
      case "text":
      case "reasoning":
        textBytes += utf8Bytes(part.text);
        break;
      case "tool_call":
        textBytes += utf8Bytes(part.name) + utf8Bytes(part.argumentsJson);
        break;
      case "tool_result":
        for (const content of part.content) add(content);
        break;
      case "image":
        tokens += mediaTokens;
        break;
      case "file":
        tokens += fileTokens(part.source);
        break;
    }
  };
  for (const message of request.messages) for (const part of message.parts) add(part);
  for (const { name, description = "", parameters } of request.tools ?? []) {
    textBytes += utf8Bytes(name) + utf8Bytes(description);
    if (parameters !== undefined) textBytes += jsonBytes(parameters, utf8Bytes);
  }
  const format = request.responseFormat;
  if (format?.type === "json_schema") textBytes += jsonBytes(format.schema, utf8Bytes);
  // A vendor may have a member of its own for instructions, or for tools.
  if (request.providerOptions !== undefined) textBytes += jsonBytes(request.providerOptions, utf8Bytes);
  return { input: tokens + tokensOfBytes(textBytes), output: request.maxOutputTokens };
}

/** Three bytes in four characters of base64. */
const fileTokens = (source: MediaSource): number =>
  "data" in source ? tokensOfBytes((source.data.length * 3) / 4) : mediaTokens;

/**
 * Of a piece of an answer. Most vendors send a token or a few with each, so that it has one at least; its length is
 * that in characters, since it is asked for with every piece.
 */
export const tokensOfDelta = (text: string): number =>
  text === "" ? 0 : Math.max(1, text.length / bytesPerToken);

// The content of a `message` or of one `delta` of it: both have the same members.
// Source: platform.openai.com/docs/api-reference/chat/object and /chat/streaming

import type { MediaSource } from "../../core/chat/request.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { FamilyMember } from "./family.ts";
import { checkDepth } from "./parts.ts";
import type { PartWriter } from "./parts.ts";
import type { ReasoningReader } from "./reasoning.ts";
import type { ToolCallReader } from "./tool-calls.ts";
import { isJsonArray } from "../vendor-json.ts";
import { listIn, objectIn, saysSomething, textIn } from "./wire.ts";

export interface MessageReader {
  /** `logprobs` are those of the choice that holds the message. */
  read(message: JsonObject, logprobs: JsonValue | undefined): void;
}

interface Readers {
  readonly parts: PartWriter;
  readonly reasoning: ReasoningReader;
  readonly toolCalls: ToolCallReader;
}

const readMembers = new Set([
  "role",
  "content",
  "refusal",
  "reasoning",
  "reasoning_content",
  "reasoning_details",
  "images",
  "annotations",
  "tool_calls",
  "function_call",
]);

export function createMessageReader(member: FamilyMember, readers: Readers): MessageReader {
  const { parts, reasoning, toolCalls } = readers;
  return {
    read(message, logprobs) {
      reasoning.read(message);
      readText(message, told(logprobs));
      for (const image of listIn(message["images"])) readImage(image);
      for (const annotation of listIn(message["annotations"])) readAnnotation(annotation);
      for (const call of listIn(message["tool_calls"])) toolCalls.read(call);
      const legacy = objectIn(message["function_call"]);
      if (legacy !== undefined) toolCalls.readLegacy(legacy);
      for (const key in message) {
        if (readMembers.has(key) || member.deltaNotes.has(key)) continue;
        const value = message[key];
        if (saysSomething(value)) parts.opaque(key, value);
      }
    },
  };

  function readText(message: JsonObject, logprobs: JsonValue | undefined): void {
    const content = message["content"];
    const refusal = textIn(message["refusal"]);
    if (typeof content === "string") {
      // Log probabilities of a token without a visible text of its own must not be lost either.
      if (content !== "" || (logprobs !== undefined && refusal === undefined)) {
        parts.write("text", content, logprobs);
      }
    } else if (isJsonArray(content)) {
      for (const piece of content) readPiece(piece);
    } else if (saysSomething(content)) {
      parts.opaque("content", content);
    }
    if (refusal !== undefined)
      parts.write(
        "refusal",
        refusal,
        content === undefined || content === null || content === "" ? logprobs : undefined,
      );
  }

  // Content as a list, as it stands in requests; some servers answer so.
  function readPiece(value: JsonValue): void {
    const piece = objectIn(value);
    const type = piece?.["type"];
    if (piece !== undefined && type === "text" && typeof piece["text"] === "string") {
      if (piece["text"] !== "") parts.write("text", piece["text"]);
    } else if (piece !== undefined && type === "refusal" && typeof piece["refusal"] === "string") {
      if (piece["refusal"] !== "") parts.write("refusal", piece["refusal"]);
    } else if (type === "image_url") {
      readImage(value);
    } else {
      parts.opaque("content", value);
    }
  }

  function readImage(value: JsonValue): void {
    const url = textIn(objectIn(objectIn(value)?.["image_url"])?.["url"]);
    if (url === undefined) parts.opaque("images", value);
    else parts.whole({ kind: "image", source: sourceOf(url) });
  }

  function readAnnotation(value: JsonValue): void {
    const annotation = objectIn(value);
    const cited = annotation?.["type"] === "url_citation" ? objectIn(annotation["url_citation"]) : undefined;
    if (cited === undefined) {
      parts.opaque("annotations", value);
      return;
    }
    parts.whole({
      kind: "citation",
      citation: {
        url: textIn(cited["url"]),
        title: textIn(cited["title"]),
        citedText: textIn(cited["content"]),
        raw: checkDepth(value),
      },
    });
  }
}

/** The first chunk of a stream has lists without an entry. */
const told = (logprobs: JsonValue | undefined): JsonValue | undefined => {
  const lists = objectIn(logprobs);
  if (lists === undefined) return undefined;
  return listIn(lists["content"]).length > 0 || listIn(lists["refusal"]).length > 0 ? lists : undefined;
};

const dataUrlPattern = /^data:([^;,]+);base64,/i;

function sourceOf(url: string): MediaSource {
  const match = dataUrlPattern.exec(url.slice(0, 256));
  const mediaType = match?.[1];
  if (match === null || mediaType === undefined) return { url };
  return { data: url.slice(match[0].length), mediaType };
}

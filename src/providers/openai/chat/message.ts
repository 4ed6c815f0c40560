// The content of a `message` or of one `delta` of it: both have the same members.
// Source: platform.openai.com/docs/api-reference/chat/object and /chat/streaming

import type { JsonObject, JsonValue } from "../../../core/json.ts";
import type { PartWriter } from "../../part-writer.ts";
import { isJsonArray, listIn, objectIn, saysSomething, textIn } from "../../vendor-json.ts";
import { createPieceReader, type PieceReader } from "./content-pieces.ts";
import type { FamilyMember } from "./family-member.ts";
import { reasoningFields } from "./reasoning.ts";
import type { ReasoningReader } from "./reasoning.ts";
import type { ToolCallReader } from "./tool-calls.ts";

export interface MessageReader {
  /** `logprobs` are those of the choice that holds the message. */
  read(message: JsonObject, logprobs: JsonValue | undefined): void;
}

interface Readers {
  readonly parts: PartWriter;
  readonly reasoning: ReasoningReader;
  readonly toolCalls: ToolCallReader;
}

const readMembers: ReadonlySet<string> = new Set([
  "role",
  "content",
  "refusal",
  ...reasoningFields,
  "images",
  "annotations",
  "tool_calls",
  "function_call",
]);

export const createMessageReader = (member: FamilyMember, readers: Readers): MessageReader =>
  new FamilyMessageReader(member, readers);

class FamilyMessageReader implements MessageReader {
  readonly #member: FamilyMember;
  readonly #readers: Readers;
  /** Most messages have content in one piece. */
  #pieces: PieceReader | undefined;

  constructor(member: FamilyMember, readers: Readers) {
    this.#member = member;
    this.#readers = readers;
  }

  read(message: JsonObject, logprobs: JsonValue | undefined): void {
    if (isTextAlone(message)) {
      this.#readText(message, told(logprobs));
      return;
    }
    const { parts, reasoning, toolCalls } = this.#readers;
    const probabilities = told(logprobs);
    const written = textIn(message["content"]) ?? textIn(message["refusal"]);
    const taken = reasoning.read(message, written === undefined ? probabilities : undefined);
    this.#readText(message, taken ? undefined : probabilities);
    for (const image of listIn(message["images"])) this.#piecesReader().readImage(image);
    for (const annotation of listIn(message["annotations"])) this.#piecesReader().readAnnotation(annotation);
    for (const call of listIn(message["tool_calls"])) toolCalls.read(call);
    const legacy = objectIn(message["function_call"]);
    if (legacy !== undefined) toolCalls.readLegacy(legacy);
    for (const key in message) {
      if (readMembers.has(key) || this.#member.deltaNotes.has(key)) continue;
      const value = message[key];
      if (saysSomething(value)) parts.opaque(key, value);
    }
  }

  #readText(message: JsonObject, logprobs: JsonValue | undefined): void {
    const { parts } = this.#readers;
    const content = message["content"];
    const refusal = textIn(message["refusal"]);
    if (typeof content === "string") {
      // Log probabilities of a token without a visible text of its own must not be lost either.
      if (content !== "" || (logprobs !== undefined && refusal === undefined)) {
        parts.write("text", content, logprobs);
      }
    } else {
      if (isJsonArray(content)) for (const piece of content) this.#piecesReader().readPiece(piece);
      else if (saysSomething(content)) parts.opaque("content", content);
      // Those of a tool call, or of pieces: there is no telling which.
      if (logprobs !== undefined && refusal === undefined) parts.opaque("logprobs", logprobs);
    }
    if (refusal === undefined) return;
    const alone = content === undefined || content === null || content === "";
    parts.write("refusal", refusal, alone ? logprobs : undefined);
  }

  #piecesReader(): PieceReader {
    const { parts, reasoning } = this.#readers;
    return (this.#pieces ??= createPieceReader(parts, reasoning));
  }
}

/** What most pieces of a stream are. */
function isTextAlone(message: JsonObject): boolean {
  for (const key in message) {
    if (key !== "content" && key !== "role" && key !== "refusal") return false;
  }
  return true;
}

/** The first chunk of a stream has lists without an entry. */
function told(logprobs: JsonValue | undefined): JsonValue | undefined {
  if (logprobs === undefined || logprobs === null) return undefined;
  const lists = objectIn(logprobs);
  if (lists === undefined) return undefined;
  // Some servers have a form of their own.
  if (lists["content"] === undefined && lists["refusal"] === undefined) {
    return saysSomething(lists) ? lists : undefined;
  }
  return listIn(lists["content"]).length > 0 || listIn(lists["refusal"]).length > 0 ? lists : undefined;
}

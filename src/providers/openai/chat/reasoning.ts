// Reasoning in a message or delta. `reasoning_details` holds the same text as `reasoning`, with its proof.
// Source: openrouter.ai/docs/use-cases/reasoning-tokens; the other names are those of further servers.

import type { JsonObject, JsonValue } from "../../../core/json.ts";
import type { PartWriter } from "../../part-writer.ts";
import { isJsonArray, listIn, objectIn, saysSomething, textIn } from "../../vendor-json.ts";
import { vendorOfFormat } from "../proof-format.ts";
import type { ToolCallReader } from "./tool-calls.ts";

export interface ReasoningReader {
  /** Gives whether there was a text for `logprobs` to stand beside. */
  read(message: JsonObject, logprobs: JsonValue | undefined): boolean;
  /** Mistral's: a piece of the content, with its text in pieces. */
  readThinking(piece: JsonObject): void;
}

const plainFields = ["reasoning", "reasoning_content", "reasoning_text", "thinking"] as const;

export const reasoningFields: readonly string[] = [...plainFields, "reasoning_details"];

export const createReasoningReader = (parts: PartWriter, toolCalls: ToolCallReader): ReasoningReader =>
  new ReasoningFieldReader(parts, toolCalls);

class ReasoningFieldReader implements ReasoningReader {
  readonly #parts: PartWriter;
  readonly #toolCalls: ToolCallReader;
  /** Details of one index are one piece of reasoning. */
  #piece: JsonValue | undefined;

  constructor(parts: PartWriter, toolCalls: ToolCallReader) {
    this.#parts = parts;
    this.#toolCalls = toolCalls;
  }

  read(message: JsonObject, logprobs: JsonValue | undefined): boolean {
    const details = listIn(message["reasoning_details"]);
    // Servers that change the name of the field send the text under both for a while.
    let plain: string | undefined;
    for (const field of plainFields) {
      const value = message[field];
      if (value === undefined || value === null || value === "" || value === plain) continue;
      if (plain === undefined && typeof value === "string") plain = value;
      else if (saysSomething(value)) this.#parts.opaque(field, value);
    }
    const written = details.some((detail) => textOf(objectIn(detail)) !== undefined) ? undefined : plain;
    if (written !== undefined) this.#parts.write("reasoning", written, logprobs);
    for (const detail of details) this.#readDetail(detail);
    return written !== undefined;
  }

  readThinking(told: JsonObject): void {
    const thinking = told["thinking"];
    const pieces = isJsonArray(thinking) ? thinking : [thinking ?? null];
    for (const value of pieces) {
      const text = typeof value === "string" ? value : objectIn(value)?.["text"];
      if (typeof text !== "string") {
        if (saysSomething(value)) this.#parts.opaque("content", told);
      } else if (text !== "") {
        this.#parts.write("reasoning", text);
      }
    }
    const signature = textIn(told["signature"]);
    if (signature !== undefined) this.#parts.prove({ signature });
  }

  #readDetail(value: JsonValue): void {
    const detail = objectIn(value);
    const type = detail?.["type"];
    if (detail === undefined || typeof type !== "string" || !types.has(type)) {
      this.#parts.opaque("reasoning_details", value);
      return;
    }
    const vendor = vendorOfFormat(textIn(detail["format"]));
    const redactedData = textIn(detail["data"]);
    const id = textIn(detail["id"]);
    // Gemini's proofs of tool calls bear the id of their call, and may come before it.
    const ofCall = redactedData !== undefined && id !== undefined;
    if (ofCall && (vendor === "gemini" || this.#toolCalls.knows(id))) {
      this.#toolCalls.prove(id, { signature: redactedData, vendor });
      return;
    }
    const index = detail["index"];
    if (this.#piece !== undefined && index !== undefined && index !== this.#piece) this.#parts.closeWritten();
    this.#piece = index ?? this.#piece;
    const text = textOf(detail);
    if (text !== undefined) this.#parts.write("reasoning", text);
    const signature = textIn(detail["signature"]);
    if (signature !== undefined || redactedData !== undefined) {
      this.#parts.prove({ signature, redactedData, vendor });
    }
  }
}

const types = new Set(["reasoning.text", "reasoning.summary", "reasoning.encrypted"]);

const textOf = (detail: JsonObject | undefined): string | undefined =>
  textIn(detail?.["text"]) ?? textIn(detail?.["summary"]);

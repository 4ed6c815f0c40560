// Reasoning in a message or delta. `reasoning_details` holds the same text as `reasoning`, with its proof.
// Source: openrouter.ai/docs/use-cases/reasoning-tokens; `reasoning_content` is what many servers call it.

import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { PartWriter } from "./parts.ts";
import { listIn, objectIn, textIn } from "./wire.ts";

export interface ReasoningReader {
  read(message: JsonObject): void;
}

export function createReasoningReader(parts: PartWriter): ReasoningReader {
  // Details of one index are one piece of reasoning.
  let piece: JsonValue | undefined;

  function readDetail(value: JsonValue): void {
    const detail = objectIn(value);
    const type = detail?.["type"];
    if (detail === undefined || typeof type !== "string" || !types.has(type)) {
      parts.opaque("reasoning_details", value);
      return;
    }
    const index = detail["index"];
    if (piece !== undefined && index !== undefined && index !== piece) parts.closeWritten();
    piece = index ?? piece;
    const text = textOf(detail);
    if (text !== undefined) parts.write("reasoning", text);
    const signature = textIn(detail["signature"]);
    const redactedData = textIn(detail["data"]);
    if (signature !== undefined || redactedData !== undefined) parts.prove({ signature, redactedData });
  }

  return {
    read(message) {
      const plain = textIn(message["reasoning"]) ?? textIn(message["reasoning_content"]);
      const details = listIn(message["reasoning_details"]);
      if (plain !== undefined && !details.some((detail) => textOf(objectIn(detail)) !== undefined)) {
        parts.write("reasoning", plain);
      }
      for (const detail of details) readDetail(detail);
    },
  };
}

const types = new Set(["reasoning.text", "reasoning.summary", "reasoning.encrypted"]);

const textOf = (detail: JsonObject | undefined): string | undefined =>
  textIn(detail?.["text"]) ?? textIn(detail?.["summary"]);

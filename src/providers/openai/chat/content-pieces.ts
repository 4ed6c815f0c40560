// Content that is no plain string, and what stands beside it: pieces in a list, images, annotations.
// Sources: platform.openai.com/docs/api-reference/chat/object; docs.mistral.ai/capabilities/reasoning and
// /capabilities/citations (`thinking`, `tool_reference`)

import type { MediaSource } from "../../../core/chat/request.ts";
import type { JsonValue } from "../../../core/json.ts";
import { checkDepth } from "../../part-writer.ts";
import type { PartWriter } from "../../part-writer.ts";
import { objectIn, textIn } from "../../vendor-json.ts";
import type { ReasoningReader } from "./reasoning.ts";

export interface PieceReader {
  /** An entry of `content` where that is a list. */
  readPiece(value: JsonValue): void;
  /** An entry of `images`. */
  readImage(value: JsonValue): void;
  /** An entry of `annotations`. */
  readAnnotation(value: JsonValue): void;
}

export function createPieceReader(parts: PartWriter, reasoning: ReasoningReader): PieceReader {
  function readPiece(value: JsonValue): void {
    const piece = objectIn(value);
    const type = piece?.["type"];
    const text = piece?.["text"];
    const refusal = piece?.["refusal"];
    if (typeof value === "string") {
      if (value !== "") parts.write("text", value);
    } else if (type === "text" && typeof text === "string") {
      if (text !== "") parts.write("text", text);
    } else if (type === "refusal" && typeof refusal === "string") {
      if (refusal !== "") parts.write("refusal", refusal);
    } else if (type === "thinking" && piece !== undefined) {
      reasoning.readThinking(piece);
    } else if (type === "image_url") {
      readImage(value);
    } else if (type === "tool_reference" && textIn(piece?.["url"]) !== undefined) {
      cite(piece?.["url"], piece?.["title"], value);
    } else {
      parts.opaque("content", value);
    }
  }

  function cite(url: JsonValue | undefined, title: JsonValue | undefined, raw: JsonValue): void {
    parts.whole({
      kind: "citation",
      citation: { url: textIn(url), title: textIn(title), raw: checkDepth(raw) },
    });
  }

  function readImage(value: JsonValue): void {
    const image = objectIn(value)?.["image_url"];
    const url = textIn(image) ?? textIn(objectIn(image)?.["url"]);
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

  return { readPiece, readImage, readAnnotation };
}

const dataUrlPattern = /^data:([^;,]+);base64,/i;

function sourceOf(url: string): MediaSource {
  const match = dataUrlPattern.exec(url.slice(0, 256));
  const mediaType = match?.[1];
  if (match === null || mediaType === undefined) return { url };
  return { data: url.slice(match[0].length), mediaType };
}

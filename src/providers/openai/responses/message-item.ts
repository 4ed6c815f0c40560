// A message of the model's: texts with their annotations, refusals.
// Source: platform.openai.com/docs/api-reference/responses/object, `output`

import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { checkDepth } from "../../part-writer.ts";
import type { PartWriter } from "../../part-writer.ts";
import { isJsonObject, listIn, objectIn, saysSomething, stringIn, textIn } from "../../vendor-json.ts";
import { unknownMembers, untold } from "./item-reader.ts";
import type { ItemReader, PieceKey } from "./item-reader.ts";

/** Which piece the open written part belongs to: each piece is a part of its own. */
export interface Writing {
  piece: object | undefined;
}

interface Piece {
  readonly kind: "text" | "refusal";
  told: string;
  toldLogprobs: boolean;
  annotations: number;
}

const itemMembers = new Set(["type", "id", "role", "status", "content", "phase"]);
const pieceMembers = new Set(["type", "text", "refusal", "annotations", "logprobs"]);

export function createMessageReader(parts: PartWriter, writing: Writing): ItemReader {
  const pieces = new Map<number, Piece>();
  let phaseTold = false;

  function pieceAt(at: number, kind: Piece["kind"]): Piece {
    const before = pieces.get(at);
    if (before?.kind === kind) return before;
    const piece: Piece = { kind, told: "", toldLogprobs: false, annotations: 0 };
    pieces.set(at, piece);
    return piece;
  }

  function write(piece: Piece, text: string, logprobs: JsonValue | undefined): void {
    const told = saysSomething(logprobs) ? checkDepth(logprobs) : undefined;
    if (text === "" && told === undefined) return;
    if (writing.piece !== piece) parts.closeWritten();
    writing.piece = piece;
    piece.told += text;
    if (told !== undefined) piece.toldLogprobs = true;
    parts.write(piece.kind, text, told);
  }

  function whole(key: PieceKey, text: string, logprobs?: JsonValue): void {
    const piece = pieceAt(key.at, key.kind === "refusal" ? "refusal" : "text");
    write(piece, untold(piece.told, text), piece.toldLogprobs ? undefined : logprobs);
  }

  function annotate(at: number, annotation: JsonValue): void {
    pieceAt(at, "text").annotations += 1;
    writeAnnotation(parts, annotation);
  }

  function readPiece(at: number, value: JsonValue): void {
    const piece = objectIn(value);
    const type = piece?.["type"];
    const text = stringIn(piece?.["text"]);
    const refusal = stringIn(piece?.["refusal"]);
    if (piece !== undefined && refusal !== undefined) whole({ kind: "refusal", at }, refusal);
    else if (piece !== undefined && (type === "output_text" || type === "text") && text !== undefined) {
      whole({ kind: "text", at }, text, piece["logprobs"]);
      const told = pieceAt(at, "text").annotations;
      for (const annotation of listIn(piece["annotations"]).slice(told)) annotate(at, annotation);
    } else {
      parts.opaque(textIn(type) ?? "content", value);
      return;
    }
    for (const [name, extra] of unknownMembers(piece, pieceMembers)) {
      if (saysSomething(extra)) parts.opaque(`${textIn(type) ?? "content"}.${name}`, extra);
    }
  }

  // `final_answer` is what a message is anyway; `commentary` tells that it is not the answer.
  function readPhase(item: JsonObject): void {
    const phase = item["phase"];
    if (phaseTold || !saysSomething(phase) || phase === "final_answer") return;
    phaseTold = true;
    parts.opaque("message.phase", phase);
  }

  return {
    type: "message",
    begin: readPhase,
    delta(key, text, logprobs) {
      const piece = pieceAt(key.at, key.kind === "refusal" ? "refusal" : "text");
      write(piece, text, logprobs);
    },
    whole,
    annotate,
    done(item) {
      readPhase(item);
      const { content } = item;
      if (typeof content === "string") whole({ kind: "text", at: 0 }, content);
      else for (const [at, piece] of listIn(content).entries()) readPiece(at, piece);
      for (const [name, extra] of unknownMembers(item, itemMembers)) {
        if (saysSomething(extra)) parts.opaque(`message.${name}`, extra);
      }
      if (isJsonObject(content)) parts.opaque("message.content", content);
      parts.closeWritten();
    },
    abandon: () => parts.closeWritten(),
  };
}

function writeAnnotation(parts: PartWriter, value: JsonValue): void {
  const annotation = objectIn(value);
  const type = textIn(annotation?.["type"]);
  if (annotation === undefined || type === undefined || !type.endsWith("_citation")) {
    parts.opaque(type ?? "annotations", value);
    return;
  }
  const title = textIn(annotation["title"]) ?? textIn(annotation["filename"]);
  parts.whole({
    kind: "citation",
    citation: { url: textIn(annotation["url"]), title, raw: checkDepth(value) },
  });
}

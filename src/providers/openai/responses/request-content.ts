// Parts of messages as input content.

import type { FilePart, ImagePart, MediaSource, TextPart } from "../../../core/chat/request.ts";
import type { LossList } from "../../loss-list.ts";
import type { ResponsesMember } from "./member.ts";
import type { Content, InputContent } from "./wire.ts";

interface PartContext {
  readonly member: ResponsesMember;
  readonly losses: LossList;
  /** Of the part. */
  readonly field: string;
}

/** One text is sent as a plain string, which every vendor takes. */
export function contentOf(pieces: readonly InputContent[]): Content {
  const [first] = pieces;
  if (first === undefined) return "";
  return pieces.length === 1 && first.type === "input_text" ? first.text : pieces;
}

/** Undefined, with a loss, for what the member does not take. */
export function pieceOf(
  part: TextPart | ImagePart | FilePart,
  context: PartContext,
): InputContent | undefined {
  switch (part.type) {
    case "text":
      return { type: "input_text", text: part.text };
    case "image":
      return { type: "input_image", image_url: urlOf(part.source), detail: part.detail };
    case "file":
      return filePiece(part, context);
  }
}

function filePiece(
  { source, filename }: FilePart,
  { member, losses, field }: PartContext,
): InputContent | undefined {
  if (!member.takesFiles) {
    losses.add(field, `The file was left out: ${member.name} takes no files in messages.`);
    return undefined;
  }
  if (!("url" in source)) {
    return { type: "input_file", filename: filename ?? "file", file_data: urlOf(source) };
  }
  if (filename !== undefined) {
    losses.add(`${field}.filename`, "It was left out: a file by address has no name of its own there.");
  }
  return { type: "input_file", file_url: source.url };
}

const urlOf = (source: MediaSource): string =>
  "url" in source ? source.url : `data:${source.mediaType};base64,${source.data}`;

// Images and files as the vendor's blocks.

import type { FilePart, ImagePart } from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import type { DocumentBlock, ImageBlock } from "./wire.ts";

/** Where a part stands in the request, for its losses. */
export interface Place {
  readonly field: string;
  readonly losses: LossList;
}

export function imageBlock({ source, detail }: ImagePart, { field, losses }: Place): ImageBlock {
  if (detail !== undefined && detail !== "auto") {
    losses.add(`${field}.detail`, "Dropped: Anthropic chooses the detail itself.");
  }
  return { type: "image", source: mediaSource(source) };
}

/** Undefined, with a loss, for a file that the vendor has no block for. */
export function fileBlock(part: FilePart, place: Place): DocumentBlock | ImageBlock | undefined {
  const { source, filename } = part;
  const mediaType = source.mediaType?.toLowerCase();
  if (mediaType?.startsWith("image/") === true) return { type: "image", source: mediaSource(source) };
  const title = filename === undefined || filename === "" ? {} : { title: filename };
  if ("url" in source || mediaType === "application/pdf") {
    return { type: "document", source: mediaSource(source), ...title };
  }
  const text = isText(source.mediaType) ? decodeText(source.data) : undefined;
  if (text === undefined) {
    place.losses.add(
      place.field,
      `Dropped: Anthropic takes PDF, text and images, not this ${source.mediaType}.`,
    );
    return undefined;
  }
  if (mediaType !== "text/plain") {
    place.losses.add(
      `${place.field}.source.mediaType`,
      "Sent as text/plain: Anthropic takes text as that alone.",
    );
  }
  return { type: "document", source: { type: "text", media_type: "text/plain", data: text }, ...title };
}

function mediaSource(source: ImagePart["source"]): ImageBlock["source"] {
  return "url" in source
    ? { type: "url", url: source.url }
    : { type: "base64", media_type: source.mediaType.toLowerCase(), data: source.data };
}

const isText = (mediaType: string): boolean =>
  /^text\/|^application\/(json|xml|yaml|x-ndjson|javascript|[\w.-]+\+(json|xml))$/i.test(mediaType);

function decodeText(base64: string): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(base64, "base64"));
    return text.trim() === "" ? undefined : text;
  } catch {
    return undefined;
  }
}

// Images and files as the vendor's blocks: as bytes, of the formats that it names.
// Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html, …_ImageBlock.html
// and …_VideoBlock.html

import type { FilePart, ImagePart } from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import type {
  DocumentBlock,
  DocumentFormat,
  ImageBlock,
  ImageFormat,
  VideoBlock,
  VideoFormat,
} from "./wire.ts";

/** Where a part stands in the request, for its losses. */
export interface Place {
  readonly field: string;
  readonly losses: LossList;
}

const imageFormats: ReadonlyMap<string, ImageFormat> = new Map([
  ["image/png", "png"],
  ["image/jpeg", "jpeg"],
  ["image/jpg", "jpeg"],
  ["image/gif", "gif"],
  ["image/webp", "webp"],
]);

const documentFormats: ReadonlyMap<string, DocumentFormat> = new Map([
  ["application/pdf", "pdf"],
  ["text/csv", "csv"],
  ["application/msword", "doc"],
  ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"],
  ["application/vnd.ms-excel", "xls"],
  ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"],
  ["text/html", "html"],
  ["text/plain", "txt"],
  ["text/markdown", "md"],
]);

const videoFormats: ReadonlyMap<string, VideoFormat> = new Map([
  ["video/x-matroska", "mkv"],
  ["video/quicktime", "mov"],
  ["video/mp4", "mp4"],
  ["video/webm", "webm"],
  ["video/x-flv", "flv"],
  ["video/mpeg", "mpeg"],
  ["video/x-ms-wmv", "wmv"],
  ["video/3gpp", "three_gp"],
]);

const otherText = /^text\/|^application\/(json|xml|yaml|x-ndjson|javascript|[\w.-]+\+(json|xml))$/;

/** Undefined, with a loss, for an image that the vendor does not take. */
export function imageBlock(
  { source, detail }: Pick<ImagePart, "source" | "detail">,
  { field, losses }: Place,
): ImageBlock | undefined {
  if (detail !== undefined && detail !== "auto") {
    losses.add(`${field}.detail`, "Dropped: Bedrock chooses the detail itself.");
  }
  if ("url" in source) {
    losses.add(field, "Dropped: Bedrock fetches no addresses; send the image as data.");
    return undefined;
  }
  const format = imageFormats.get(source.mediaType.toLowerCase());
  if (format === undefined) {
    losses.add(field, `Dropped: Bedrock takes PNG, JPEG, GIF and WebP, not this ${source.mediaType}.`);
    return undefined;
  }
  return { image: { format, source: { bytes: source.data } } };
}

/** Undefined, with a loss, for a file that the vendor does not take. */
export function fileBlock(
  { source, filename = "" }: FilePart,
  place: Place & { readonly names: DocumentNames },
): DocumentBlock | ImageBlock | VideoBlock | undefined {
  const { field, losses } = place;
  const mediaType = source.mediaType?.toLowerCase() ?? "";
  if (mediaType.startsWith("image/")) return imageBlock({ source }, place);
  if ("url" in source) {
    losses.add(field, "Dropped: Bedrock fetches no addresses; send the file as data.");
    return undefined;
  }
  const video = videoFormats.get(mediaType);
  if (video !== undefined) {
    if (filename !== "") losses.add(`${field}.filename`, "Dropped: Bedrock knows no names of videos.");
    return { video: { format: video, source: { bytes: source.data } } };
  }
  const known = documentFormats.get(mediaType);
  const format = known ?? (otherText.test(mediaType) ? "txt" : undefined);
  if (format === undefined) {
    losses.add(
      field,
      `Dropped: Bedrock takes PDF, Office files, text, images and videos, not this ${mediaType}.`,
    );
    return undefined;
  }
  if (known === undefined)
    losses.add(`${field}.source.mediaType`, "Sent as plain text: Bedrock knows no such type.");
  const title = filename.replace(/\.[a-z0-9]{1,5}$/i, "");
  const name = place.names.take(title);
  if (filename !== "" && name !== title) {
    losses.add(
      `${field}.filename`,
      `Sent as "${name}": Bedrock takes few characters in it, and no name twice.`,
    );
  }
  return { document: { format, name, source: { bytes: source.data } } };
}

/** The names of one request's documents; the vendor refuses one that comes twice. */
export interface DocumentNames {
  take(title: string): string;
}

const longestName = 190;

export function createDocumentNames(): DocumentNames {
  const taken = new Set<string>();
  return {
    take(title) {
      const tidy = title
        .replaceAll(/[^a-zA-Z0-9\s()[\]-]+/g, "-")
        .replaceAll(/\s+/g, " ")
        .slice(0, longestName)
        .trim();
      // What is left of a name in another script says nothing.
      const name = /[a-zA-Z0-9]/.test(tidy) ? tidy : "Document";
      let free = name;
      for (let next = 2; taken.has(free); next += 1) free = `${name} (${next})`;
      taken.add(free);
      return free;
    },
  };
}

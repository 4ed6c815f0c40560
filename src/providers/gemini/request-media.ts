// Images and files as the vendor's parts. Sources: ai.google.dev/gemini-api/docs/file-input-methods
// and …/media-resolution

import type { FilePart, ImagePart, MediaSource } from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import type { MediaPart } from "./wire.ts";

/** Where a part stands in the request, for its losses. */
export interface Place {
  readonly field: string;
  readonly losses: LossList;
}

const resolutions = { low: "MEDIA_RESOLUTION_LOW", high: "MEDIA_RESOLUTION_HIGH" } as const;

/** `takesDetail`: whether a resolution may stand beside the image. */
export function imagePart(
  { source, detail = "auto" }: ImagePart,
  { field, losses, takesDetail }: Place & { readonly takesDetail: boolean },
): MediaPart {
  if (detail === "auto") return mediaPart(source);
  if (takesDetail) return { ...mediaPart(source), mediaResolution: { level: resolutions[detail] } };
  losses.add(
    `${field}.detail`,
    "Dropped: Gemini takes it from Gemini 3 on, and of no image in a tool's result.",
  );
  return mediaPart(source);
}

export function filePart({ source, filename }: FilePart, { field, losses }: Place): MediaPart {
  if (filename !== undefined && filename !== "") {
    losses.add(`${field}.filename`, "Dropped: Gemini knows no names of files.");
  }
  return mediaPart(source);
}

function mediaPart(source: MediaSource): MediaPart {
  if (!("url" in source))
    return { inlineData: { mimeType: source.mediaType.toLowerCase(), data: source.data } };
  const mimeType = source.mediaType?.toLowerCase() ?? guessedMediaType(source.url);
  return { fileData: { fileUri: source.url, ...(mimeType === undefined ? {} : { mimeType }) } };
}

/** Of what the vendor reads, by the ending of the address. */
const byEnding: ReadonlyMap<string, string> = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["webp", "image/webp"],
  ["gif", "image/gif"],
  ["heic", "image/heic"],
  ["heif", "image/heif"],
  ["pdf", "application/pdf"],
  ["txt", "text/plain"],
  ["html", "text/html"],
  ["md", "text/markdown"],
  ["csv", "text/csv"],
  ["json", "application/json"],
  ["mp3", "audio/mpeg"],
  ["wav", "audio/wav"],
  ["ogg", "audio/ogg"],
  ["flac", "audio/flac"],
  ["mp4", "video/mp4"],
  ["webm", "video/webm"],
  ["mov", "video/quicktime"],
]);

function guessedMediaType(url: string): string | undefined {
  const path = URL.canParse(url) ? new URL(url).pathname : "";
  return byEnding.get(path.slice(path.lastIndexOf(".") + 1).toLowerCase());
}

// Parts of messages as Chat Completions content.

import type { CacheHint, FilePart, ImagePart, MediaSource, TextPart } from "../../../core/chat/request.ts";
import type { LossList } from "../../loss-list.ts";
import type { FamilyMember } from "./family-member.ts";
import type { CacheControl, Content, ContentPart } from "./wire.ts";

/** One text without a cache mark is sent as a plain string, which every server of the family takes. */
export function contentOf(parts: readonly ContentPart[]): Content {
  const [first] = parts;
  if (first === undefined) return "";
  const plain = parts.length === 1 && first.type === "text" && first.cache_control === undefined;
  return plain ? first.text : parts;
}

export const textContent = (part: TextPart, member: FamilyMember): ContentPart => ({
  type: "text",
  text: part.text,
  cache_control: cacheControl(part.cacheHint, member),
});

export const imageContent = (part: ImagePart, member: FamilyMember): ContentPart => ({
  type: "image_url",
  image_url: { url: urlOf(part.source), detail: part.detail },
  cache_control: cacheControl(part.cacheHint, member),
});

/** Undefined, with a loss, where the member does not take the file. */
export function fileContent(
  part: FilePart,
  field: string,
  { member, losses }: { readonly member: FamilyMember; readonly losses: LossList },
): ContentPart | undefined {
  if (member.takesFiles === "no") {
    losses.add(field, `The file was left out: ${member.name} takes no files in messages.`);
    return undefined;
  }
  if ("url" in part.source && member.takesFiles === "data") {
    losses.add(field, `The file was left out: ${member.name} takes files as data, not by address.`);
    return undefined;
  }
  if (member.takesFiles === "documents") {
    return { type: "document_url", document_url: urlOf(part.source), document_name: part.filename };
  }
  return {
    type: "file",
    file: { filename: part.filename ?? "file", file_data: urlOf(part.source) },
    cache_control: cacheControl(part.cacheHint, member),
  };
}

/** Where the vendor caches by itself, a hint needs nothing and loses nothing. */
function cacheControl(hint: CacheHint | undefined, member: FamilyMember): CacheControl | undefined {
  if (hint === undefined || !member.takesCacheControl) return undefined;
  return hint === "long" ? { type: "ephemeral", ttl: "1h" } : { type: "ephemeral" };
}

const urlOf = (source: MediaSource): string =>
  "url" in source ? source.url : `data:${source.mediaType};base64,${source.data}`;

// Parts of a request's messages, from protobuf to the core.

import {
  CacheHint,
  ImageDetail,
  type MediaSource as MediaSourceMessage,
  type Part as PartMessage,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { invalidRequest } from "../../core/errors.ts";
import type { ImagePart, MediaSource, Part, TextPart } from "../../core/chat/request.ts";
import { checkOneContent } from "../../core/chat/validate-messages.ts";
import { createEnumReader, textOrAbsent } from "./field-reading.ts";

export const readCacheHint = createEnumReader({
  names: {
    [CacheHint.UNSPECIFIED]: undefined,
    [CacheHint.SHORT]: "short",
    [CacheHint.LONG]: "long",
  } as const,
  allowed: "CACHE_HINT_SHORT or CACHE_HINT_LONG",
});

const readDetail = createEnumReader({
  names: {
    [ImageDetail.UNSPECIFIED]: undefined,
    [ImageDetail.AUTO]: "auto",
    [ImageDetail.LOW]: "low",
    [ImageDetail.HIGH]: "high",
  } as const,
  allowed: "IMAGE_DETAIL_AUTO, IMAGE_DETAIL_LOW or IMAGE_DETAIL_HIGH",
});

/** @throws GatewayError `invalid_request` */
export function toPart(field: string, message: PartMessage): Part {
  const { content } = message;
  const cacheHint = readCacheHint(`${field}.cacheHint`, message.cacheHint);
  switch (content.case) {
    case "text":
      return { type: "text", text: content.value, cacheHint };
    case "image": {
      const { source, detail } = content.value;
      return {
        type: "image",
        source: toMediaSource(`${field}.source`, source),
        detail: readDetail(`${field}.detail`, detail),
        cacheHint,
      };
    }
    case "file": {
      const { source, filename } = content.value;
      return {
        type: "file",
        source: toMediaSource(`${field}.source`, source),
        filename: textOrAbsent(filename),
        cacheHint,
      };
    }
    case "toolCall": {
      const { id, name, argumentsJson, signature, vendor } = content.value;
      return {
        type: "tool_call",
        id,
        name,
        argumentsJson,
        signature: textOrAbsent(signature),
        vendor: textOrAbsent(vendor),
        cacheHint,
      };
    }
    case "toolResult":
      return {
        type: "tool_result",
        toolCallId: content.value.toolCallId,
        content: content.value.content.map((part, i) => toResultPart(`${field}.content[${i}]`, part)),
        isError: content.value.isError ? true : undefined,
        cacheHint,
      };
    case "reasoning":
      return {
        type: "reasoning",
        text: content.value.text,
        signature: textOrAbsent(content.value.signature),
        redactedData: textOrAbsent(content.value.redactedData),
        vendor: textOrAbsent(content.value.vendor),
        cacheHint,
      };
    case undefined:
      return noContent(field);
  }
}

function noContent(field: string): never {
  checkOneContent(field, []);
  throw invalidRequest(field, "must have a content");
}

// The kind is looked at before the part is mapped: tool results within tool results could be nested deeply.
function toResultPart(field: string, message: PartMessage): TextPart | ImagePart {
  const kind = message.content.case;
  if (kind === undefined || kind === "text" || kind === "image") {
    const part = toPart(field, message);
    if (part.type === "text" || part.type === "image") return part;
  }
  throw invalidRequest(field, `a tool's answer holds text and images, not ${kind}`);
}

function toMediaSource(field: string, message: MediaSourceMessage | undefined): MediaSource {
  switch (message?.source.case) {
    case "data":
      return { data: base64(message.source.value), mediaType: message.mediaType };
    case "url":
      return { url: message.source.value, mediaType: textOrAbsent(message.mediaType) };
    case undefined:
      throw invalidRequest(field, "must have data with its mediaType, or a url");
  }
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");

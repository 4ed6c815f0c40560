// From the schema's parts to the core's. Pure.

import type { MediaSource, Part, TextPart, ImagePart } from "../../core/chat/request.ts";
import { checkOneContent } from "../../core/chat/validate-messages.ts";
import { invalidRequest } from "../../core/errors.ts";
import type { PartInput } from "./schema/part-input.ts";

type PartFields = typeof PartInput.$inferInput;
type MediaFields = NonNullable<PartFields["image"]>["source"];
type ToolResultFields = NonNullable<PartFields["toolResult"]>;

/** @throws GatewayError `invalid_request` whose `field` is `at` or below it */
export function toPart(at: string, input: PartFields): Part {
  const { cacheHint: hint, ...contents } = input;
  const { text, image, file, toolCall, toolResult, reasoning } = contents;
  checkOneContent(
    at,
    Object.entries(contents).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [name],
    ),
  );
  const cacheHint = hint ?? undefined;
  if (image) {
    const detail = image.detail ?? undefined;
    return { type: "image", source: toSource(`${at}.source`, image.source), detail, cacheHint };
  }
  if (file) {
    const filename = file.filename ?? undefined;
    return { type: "file", source: toSource(`${at}.source`, file.source), filename, cacheHint };
  }
  if (toolCall) {
    return {
      type: "tool_call",
      id: toolCall.id,
      name: toolCall.name,
      argumentsJson: toolCall.argumentsJson,
      // The empty proof means the same as none, as in the protobuf.
      signature: toolCall.signature || undefined,
      vendor: toolCall.vendor || undefined,
      cacheHint,
    };
  }
  if (toolResult) {
    return {
      type: "tool_result",
      toolCallId: toolResult.toolCallId,
      content: toResultContent(at, toolResult),
      isError: toolResult.isError ?? undefined,
      cacheHint,
    };
  }
  if (reasoning) {
    return {
      type: "reasoning",
      text: reasoning.text ?? "",
      signature: reasoning.signature || undefined,
      redactedData: reasoning.redactedData || undefined,
      vendor: reasoning.vendor || undefined,
      cacheHint,
    };
  }
  return { type: "text", text: text ?? "", cacheHint };
}

const toResultContent = (at: string, { content }: ToolResultFields): (TextPart | ImagePart)[] =>
  content.map((input, i) => {
    const field = `${at}.content[${i}]`;
    if (input.toolResult) throw invalidRequest(field, "a tool result holds text and image, not toolResult");
    const part = toPart(field, input);
    if (part.type === "text" || part.type === "image") return part;
    throw invalidRequest(field, `a tool result holds text and image, not ${part.type}`);
  });

function toSource(at: string, { data, url, mediaType }: MediaFields): MediaSource {
  const hasData = data !== null && data !== undefined;
  const hasUrl = url !== null && url !== undefined;
  if (hasData && !hasUrl) return { data, mediaType: mediaType ?? "" };
  if (hasUrl && !hasData) return { url, mediaType: mediaType || undefined };
  throw invalidRequest(at, `must have exactly one of data and url, not ${hasData ? "both" : "none"}`);
}

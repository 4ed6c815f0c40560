// Results of tools as `functionResponse`, with their images in them or beside them.
// Source: ai.google.dev/gemini-api/docs/function-calling, multimodal function responses

import type { ToolResultPart } from "../../core/chat/request.ts";
import type { JsonObject } from "../../core/json.ts";
import { isJsonObject, isShallow, parseJson } from "../vendor-json.ts";
import type { ModelTraits } from "./model-traits.ts";
import type { Place } from "./request-media.ts";
import { imagePart } from "./request-media.ts";
import type { FunctionResponsePart, InlineData, MediaPart } from "./wire.ts";

const inResults: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/webp"]);

interface ResultContext extends Place {
  readonly traits: ModelTraits;
  /** Of the call that is answered; undefined where the conversation has no such call. */
  readonly name: string | undefined;
}

/** The result, and behind it the images that it cannot hold. */
export function resultParts(
  part: ToolResultPart,
  context: ResultContext,
): readonly [FunctionResponsePart, ...MediaPart[]] {
  const { traits, losses, field } = context;
  if (context.name === undefined) {
    losses.add(field, "The id of the call was sent as the function's name: no call before it has that id.");
  }
  const inside: { readonly inlineData: InlineData }[] = [];
  const beside: MediaPart[] = [];
  for (const [i, piece] of part.content.entries()) {
    if (piece.type !== "image") continue;
    const at = `${field}.content[${i}]`;
    const media = imagePart(piece, { field: at, losses, takesDetail: false });
    if (traits.isGemini3 && "inlineData" in media && inResults.has(media.inlineData.mimeType)) {
      inside.push(media);
    } else {
      losses.add(
        at,
        "Sent beside the result: Gemini takes it in there only as PNG, JPEG or WebP data, from Gemini 3 on.",
      );
      beside.push(media);
    }
  }
  const functionResponse = {
    id: part.toolCallId,
    name: context.name ?? part.toolCallId,
    response: responseOf(part),
    ...(inside.length === 0 ? {} : { parts: inside }),
  };
  return [{ functionResponse }, ...beside];
}

/** The members that the vendor reads as the result; all of an object without them is read as the result. */
const markers = ["output", "error"] as const;

function responseOf({ content, isError }: ToolResultPart): JsonObject {
  const text = content.flatMap((piece) => (piece.type === "text" ? [piece.text] : [])).join("\n");
  const object = objectWritten(text);
  if (isError === true) return { error: object ?? text };
  if (object === undefined) return { output: text };
  return markers.some((name) => Object.hasOwn(object, name)) ? { output: object } : object;
}

/** Undefined where the text is no JSON object, or would not survive as one: long numbers lose digits. */
function objectWritten(text: string): JsonObject | undefined {
  if (!text.trimStart().startsWith("{") || /\d{16}/.test(text)) return undefined;
  const value = parseJson(text);
  return isJsonObject(value) && isShallow(value) ? value : undefined;
}

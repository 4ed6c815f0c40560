// A stream of response events, which end with the whole response.
// Source: platform.openai.com/docs/api-reference/responses-streaming

import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { brokenReply } from "../../broken-reply.ts";
import type { StreamDecoder } from "../../decode-stream.ts";
import type { SseFrame } from "../../upstream/sse.ts";
import {
  countIn,
  isJsonObject,
  objectIn,
  parseJson,
  saysSomething,
  stringIn,
  textIn,
} from "../../vendor-json.ts";
import { readOpenAiErrorObject } from "../errors.ts";
import type { PieceKey } from "./item-reader.ts";
import { createReplyReader } from "./reply-reader.ts";
import type { ReplyContext, ReplyReader } from "./reply-reader.ts";
import { isEventNote, isNoteEvent } from "./response-notes.ts";

export function createResponsesStreamDecoder(context: ReplyContext): StreamDecoder<SseFrame> {
  const reader = createReplyReader(context);
  return {
    decode({ event: name, data }) {
      // Some servers end with `[DONE]`, which says nothing here, or keep the connection alive with empty events.
      if (data === "" || data === "[DONE]") return [];
      const event = parseJson(data);
      if (!isJsonObject(event)) throw brokenReply("an event of the stream is no JSON object");
      const type = textIn(event["type"]) ?? name;
      if (type === "error" || name === "error" || (type === undefined && saysSomething(event["error"]))) {
        throw readOpenAiErrorObject(event, context.member);
      }
      if (type === undefined) throw brokenReply("an event of the stream has no type");
      readEvent(type, event, reader);
      return reader.take();
    },
    isComplete: () => reader.ended(),
    untoldUsage: () => reader.untoldUsage(),
  };
}

function readEvent(type: string, event: JsonObject, reader: ReplyReader): void {
  switch (type) {
    case "response.output_text.delta":
      return delta(event, { kind: "text", at: at(event) }, reader);
    case "response.function_call_arguments.delta":
      return delta(event, argumentsKey, reader);
    case "response.reasoning_summary_text.delta":
    case "response.reasoning_summary.delta":
      return delta(event, { kind: "summary", at: at(event, "summary_index") }, reader);
    case "response.reasoning_text.delta":
    case "response.reasoning.delta":
      return delta(event, { kind: "reasoning", at: at(event) }, reader);
    case "response.refusal.delta":
      return delta(event, { kind: "refusal", at: at(event) }, reader);
    case "response.created":
    case "response.queued":
    case "response.in_progress":
      return reader.begin(objectIn(event["response"]) ?? {});
    case "response.completed":
    case "response.incomplete":
    case "response.failed":
    case "response.cancelled":
      return end(type.slice("response.".length), event, reader);
    default:
      if (!readDone(type, event, reader) && !isNoteEvent(type)) reader.parts.opaque(type, event);
  }
}

/** What ends an item or a piece of one, or comes once for it. */
function readDone(type: string, event: JsonObject, reader: ReplyReader): boolean {
  const { output } = reader;
  const index = countIn(event["output_index"]);
  switch (type) {
    case "response.output_item.added":
      output.added(index, itemIn(event));
      return true;
    case "response.output_item.done":
      output.done(index, itemIn(event));
      return true;
    case "response.output_text.annotation.added":
    case "response.output_text_annotation.added":
      if (saysSomething(event["annotation"])) output.annotate(index, at(event), event["annotation"]);
      return true;
    case "response.output_text.done":
      return whole(event, { key: { kind: "text", at: at(event) }, text: event["text"] }, reader);
    case "response.refusal.done":
      return whole(event, { key: { kind: "refusal", at: at(event) }, text: event["refusal"] }, reader);
    case "response.function_call_arguments.done":
      return whole(event, { key: argumentsKey, text: event["arguments"] }, reader);
    case "response.reasoning_summary_text.done":
    case "response.reasoning_summary.done":
      return whole(event, { key: summaryKey(event), text: event["text"] }, reader);
    case "response.reasoning_summary_part.done":
      return whole(event, { key: summaryKey(event), text: objectIn(event["part"])?.["text"] }, reader);
    case "response.reasoning_text.done":
    case "response.reasoning.done":
      return whole(event, { key: { kind: "reasoning", at: at(event) }, text: event["text"] }, reader);
    // The same is told again by the item's own end.
    case "response.content_part.added":
    case "response.content_part.done":
    case "response.reasoning_summary_part.added":
      return true;
    default:
      return false;
  }
}

const argumentsKey: PieceKey = { kind: "arguments", at: 0 };
const summaryKey = (event: JsonObject): PieceKey => ({ kind: "summary", at: at(event, "summary_index") });

const at = (event: JsonObject, member = "content_index"): number => countIn(event[member]) ?? 0;

function itemIn(event: JsonObject): JsonObject {
  const item = objectIn(event["item"]);
  if (item === undefined) throw brokenReply("an event of an output item has no item");
  return item;
}

function delta(event: JsonObject, key: PieceKey, { output }: ReplyReader): void {
  const text = stringIn(event["delta"]) ?? "";
  output.delta(countIn(event["output_index"]), key, { text, logprobs: event["logprobs"] });
}

function whole(
  event: JsonObject,
  { key, text }: { readonly key: PieceKey; readonly text: JsonValue | undefined },
  { output }: ReplyReader,
): true {
  const told = { text: stringIn(text) ?? "", logprobs: event["logprobs"] };
  output.whole(countIn(event["output_index"]), key, told);
  return true;
}

/** The event's name tells how it ended; the response's status only where it tells of worse. */
function end(word: string, event: JsonObject, reader: ReplyReader): void {
  for (const [name, value] of Object.entries(event)) {
    if (!isEventNote(name) && saysSomething(value)) reader.parts.opaque(name, value);
  }
  const response = objectIn(event["response"]) ?? {};
  if (word === "completed" && !saysSomething(response) && reader.parts.count() === 0) {
    throw brokenReply("its last event has no response, and there was no output before");
  }
  const status = textIn(response["status"]) ?? word;
  reader.end(
    response,
    status === "incomplete" || status === "failed" || status === "cancelled" ? status : word,
  );
}

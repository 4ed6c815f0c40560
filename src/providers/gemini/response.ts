// A whole answer, or the list of chunks that a stream without `alt=sse` is.

import type { ProviderChatEvent } from "../../core/chat/events.ts";
import { brokenReply } from "../broken-reply.ts";
import { isJsonArray, isJsonObject, parseJson } from "../vendor-json.ts";
import { createReplyReader } from "./reply-reader.ts";

/** @throws ProviderError for an error inside the answer, or an answer that is not of the format */
export function readGeminiAnswer(text: string): readonly ProviderChatEvent[] {
  const json = parseJson(text);
  const answers = isJsonArray(json) ? json : [json];
  const reader = createReplyReader();
  const events: ProviderChatEvent[] = [];
  for (const answer of answers) {
    if (!isJsonObject(answer)) throw brokenReply("it is no JSON object");
    for (const event of reader.read(answer)) events.push(event);
  }
  return [...events, ...reader.end()];
}

// The vendor's whole answer as events.

import type { ProviderChatEvent } from "../../core/chat/events.ts";
import { brokenReply } from "../broken-reply.ts";
import { isJsonArray, isJsonObject, parseJson, stringIn } from "../vendor-json.ts";
import { createNextIndex, openBlock } from "./blocks.ts";
import { readAnthropicError } from "./errors.ts";
import { finishedFor } from "./finish-reason.ts";
import { createMessageExtras } from "./message-extras.ts";
import { usageOf, withCounts } from "./usage.ts";

/**
 * The events of a 200's body.
 * @throws ProviderError for an error that stands in it; `broken_reply` when it is not a message
 */
export function readAnthropicAnswer(text: string): readonly ProviderChatEvent[] {
  const message = parseJson(text);
  if (!isJsonObject(message)) throw brokenReply("the body is no JSON object");
  if (isJsonObject(message["error"])) throw readAnthropicError({ status: 200, headers: {}, text });
  const content = message["content"];
  if (!isJsonArray(content)) throw brokenReply("the message has no content");
  if (content.length === 0 && stringIn(message["stop_reason"]) === undefined) {
    throw brokenReply("the message has neither content nor a stop reason");
  }
  const nextIndex = createNextIndex();
  const events: ProviderChatEvent[] = [{ type: "started", model: stringIn(message["model"]) }];
  for (const block of content) {
    if (!isJsonObject(block)) throw brokenReply("a content block is no object");
    const reader = openBlock(block, nextIndex);
    for (const event of reader.begin) events.push(event);
    for (const event of reader.end()) events.push(event);
  }
  const extras = createMessageExtras();
  extras.add(message);
  for (const event of extras.parts(nextIndex)) events.push(event);
  const usage = usageOf(withCounts({}, message["usage"]));
  if (usage !== undefined) events.push({ type: "usage", usage });
  events.push(finishedFor(message["stop_reason"], message["stop_sequence"]));
  return events;
}

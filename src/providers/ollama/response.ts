import type { ProviderChatEvent } from "../../core/chat/events.ts";
import { brokenReply } from "../broken-reply.ts";
import { objectIn, parseJson } from "../vendor-json.ts";
import { createReplyReader } from "./reply-reader.ts";

/**
 * The events of a 200's body.
 * @throws ProviderError for an error that stands in it; `broken_reply` when it is not a whole answer
 */
export function readOllamaAnswer(text: string): readonly ProviderChatEvent[] {
  const answer = objectIn(parseJson(text));
  if (answer === undefined) throw brokenReply("the body is no JSON object");
  const reader = createReplyReader();
  const events = reader.read(answer);
  if (!reader.isComplete()) throw brokenReply("the answer is not done");
  return events;
}

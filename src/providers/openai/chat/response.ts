// A whole `chat.completion`. Source: platform.openai.com/docs/api-reference/chat/object

import type { ProviderChatEvent } from "../../../core/chat/events.ts";
import type { JsonValue } from "../../../core/json.ts";
import { brokenReply } from "../../broken-reply.ts";
import { isJsonObject, listIn, parseJson } from "../../vendor-json.ts";
import { errorInside } from "./error-inside.ts";
import type { FamilyMember } from "./family-member.ts";
import { createReplyReader } from "./reply-reader.ts";

/** @throws ProviderError for an error inside the answer, or an answer that is not of the format */
export function readOpenAiAnswer(text: string, member: FamilyMember): readonly ProviderChatEvent[] {
  const answer = parseJson(text);
  if (!isJsonObject(answer)) throw brokenReply("it is no JSON object");
  if (errorInside(answer, member) === undefined) checkChoice(listIn(answer["choices"])[0]);
  const reader = createReplyReader(member, "message");
  return [...reader.read(answer), ...reader.end()];
}

/** An answer that was filtered away whole may lack its message. */
function checkChoice(choice: JsonValue | undefined): void {
  if (!isJsonObject(choice)) throw brokenReply("it has no choices");
  if (!isJsonObject(choice["message"]) && choice["finish_reason"] !== "content_filter") {
    throw brokenReply("its choice has no message");
  }
}

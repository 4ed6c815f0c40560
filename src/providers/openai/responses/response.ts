// A whole response. Source: platform.openai.com/docs/api-reference/responses/object

import type { ProviderChatEvent } from "../../../core/chat/events.ts";
import { brokenReply } from "../../broken-reply.ts";
import { isJsonArray, isJsonObject, parseJson, saysSomething, textIn } from "../../vendor-json.ts";
import { createReplyReader } from "./reply-reader.ts";
import type { ReplyContext } from "./reply-reader.ts";

/** @throws ProviderError for an error inside the answer, or an answer that is not of the format */
export function readResponsesAnswer(text: string, context: ReplyContext): readonly ProviderChatEvent[] {
  const response = parseJson(text);
  if (!isJsonObject(response)) throw brokenReply("it is no JSON object");
  const reader = createReplyReader(context);
  const status = textIn(response["status"]);
  const { output } = response;
  if (!saysSomething(response["error"])) {
    if (status === undefined && !saysSomething(output))
      throw brokenReply("it has neither output nor a status");
    if (status === "completed" && !isJsonArray(output)) throw brokenReply("it has no output");
  }
  reader.end(response, status ?? "completed");
  return reader.take();
}

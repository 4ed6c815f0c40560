// The headers of an answer, for what is known when they are sent.

import type { ReplyMeta } from "../../core/reply.ts";
import { addLimitHeaders } from "../limit-headers.ts";
import { replyHeaders } from "../reply-headers.ts";

/** The `x-sluice-*` headers, and OpenAI's name for the time that a call took, in whole milliseconds. */
export function metaHeaders(meta: ReplyMeta): Record<string, string> {
  const headers = replyHeaders(meta);
  if (meta.latencyMs !== undefined) headers["openai-processing-ms"] = String(Math.round(meta.latencyMs));
  return headers;
}

/**
 * Those of a good answer, with what is left of the caller's limits. OpenAI's clients read an id, which is ours where the
 * caller sent none.
 */
export function answerHeaders(meta: ReplyMeta): Record<string, string> {
  const headers = metaHeaders(meta);
  headers["x-request-id"] ??= meta.requestId;
  addLimitHeaders(headers, meta);
  return headers;
}

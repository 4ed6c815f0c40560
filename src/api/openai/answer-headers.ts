// The headers of a good answer, for what is known when they are sent.

import type { ReplyMeta } from "../../core/reply.ts";
import { replyHeaders } from "../reply-headers.ts";

/** The `x-sluice-*` headers, and those that OpenAI's clients read: our id where the caller sent none. */
export function answerHeaders(meta: ReplyMeta): Record<string, string> {
  const headers = { ...replyHeaders(meta), ...processingHeader(meta) };
  headers["x-request-id"] ??= meta.requestId;
  return headers;
}

/** OpenAI's name for the time that a call took, in whole milliseconds. */
export const processingHeader = ({ latencyMs }: ReplyMeta): Record<string, string> =>
  latencyMs === undefined ? {} : { "openai-processing-ms": String(Math.round(latencyMs)) };

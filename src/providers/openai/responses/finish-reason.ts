// How a response ended, in the core's words. Source: platform.openai.com/docs/api-reference/responses/object

import type { FinishReason } from "../../../core/chat/events.ts";

/** What the reply held: the vendor's word for its end does not tell. */
export interface ReplyHeld {
  readonly toolCalls: boolean;
  readonly refusal: boolean;
}

/** `incomplete` is the reason of an incomplete response. */
export function finishReasonOf(
  status: "completed" | "incomplete",
  incomplete: string | undefined,
  held: ReplyHeld,
): FinishReason {
  if (status === "incomplete") return incomplete === "content_filter" ? "content_filter" : "length";
  if (held.toolCalls) return "tool_calls";
  return held.refusal ? "refusal" : "stop";
}

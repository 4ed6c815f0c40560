import type { FinishReason } from "../../core/chat/events.ts";

const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ["stop", "stop"],
  ["length", "length"],
  ["tool_calls", "tool_calls"],
  ["function_call", "tool_calls"],
  ["content_filter", "content_filter"],
]);

/** What the reply held, where the vendor's word alone does not tell. */
export interface ReplyHeld {
  readonly toolCalls: boolean;
  readonly refusal: boolean;
}

/**
 * The vendor's `finish_reason` in the core's words. A refused answer ends with `stop` on the wire; some servers
 * end tool calls with `stop` or with a word of their own.
 */
export function finishReasonOf(raw: string | undefined, held: ReplyHeld): FinishReason {
  const reason = raw === undefined ? undefined : reasons.get(raw);
  if (reason !== undefined && reason !== "stop") return reason;
  if (held.toolCalls) return "tool_calls";
  return held.refusal ? "refusal" : "stop";
}

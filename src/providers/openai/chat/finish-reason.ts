// Why an answer ended. Sources: platform.openai.com/docs/api-reference/chat/object; docs.mistral.ai/api
// (`model_length`); api-docs.deepseek.com/api/create-chat-completion (`insufficient_system_resource`);
// docs.z.ai/api-reference/llm/chat-completion (`sensitive`, `network_error`, `model_context_window_exceeded`); `abort`
// is vLLM's.

import type { FinishReason } from "../../../core/chat/events.ts";
import type { FailureClass } from "../../../core/provider-error.ts";

/** All other words, as `stop` and Together's `eos`, say that the model came to its end. */
const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ["length", "length"],
  ["model_length", "length"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["content_filter", "content_filter"],
  ["sensitive", "content_filter"],
]);

const failures: ReadonlyMap<string, FailureClass> = new Map([
  ["error", "unavailable"],
  ["abort", "unavailable"],
  ["network_error", "unavailable"],
  ["insufficient_system_resource", "overloaded"],
]);

/** For a word that says that the answer broke off; undefined for all others. */
export const failureOfReason = (raw: string): FailureClass | undefined => failures.get(raw);

/** What the reply held, where the vendor's word alone does not tell. */
export interface ReplyHeld {
  readonly toolCalls: boolean;
  readonly refusal: boolean;
}

/**
 * The vendor's `finish_reason` in the core's words. A refused answer ends with `stop` on the wire; some servers
 * end tool calls with `stop` or with a word of their own, others say `tool_calls` where there are none.
 */
export function finishReasonOf(raw: string | undefined, held: ReplyHeld): FinishReason {
  const reason = raw === undefined ? undefined : reasons.get(raw);
  if (reason !== undefined) return reason;
  if (held.toolCalls) return "tool_calls";
  return held.refusal ? "refusal" : "stop";
}

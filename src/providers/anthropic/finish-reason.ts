import type { FinishReason, ProviderFinished } from "../../core/chat/events.ts";
import type { JsonValue } from "../../core/json.ts";
import { stringIn } from "../vendor-json.ts";

// `pause_turn` ends an answer in the midst of server tools: the caller sends it back to go on, as `rawReason`
// tells.
const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["pause_turn", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "tool_calls"],
  ["refusal", "refusal"],
]);

/** The event for a `stop_reason` and `stop_sequence`; an unknown reason is a stop with its own word beside it. */
export function finishedFor(
  stopReason: JsonValue | undefined,
  stopSequence: JsonValue | undefined,
): ProviderFinished {
  const rawReason = stringIn(stopReason);
  return {
    type: "finished",
    reason: (rawReason === undefined ? undefined : reasons.get(rawReason)) ?? "stop",
    rawReason,
    stopSequence: stringIn(stopSequence),
  };
}

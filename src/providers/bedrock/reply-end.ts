// How a reply ends: its reason, the sequence that stopped it, and what is told beside its content.
// Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_MessageStopEvent.html

import type { FinishReason, ProviderFinished } from "../../core/chat/events.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { brokenReply, brokenReplyQuoted } from "../broken-reply.ts";
import type { PartWriter } from "../part-writer.ts";
import { objectIn, saysSomething, stringIn, textIn } from "../vendor-json.ts";

// What the vendor calls malformed is handed on as far as the model wrote it; `rawReason` says so.
const reasons: ReadonlyMap<string, FinishReason> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["malformed_model_output", "stop"],
  ["malformed_tool_use", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "tool_calls"],
  ["guardrail_intervened", "content_filter"],
  ["content_filtered", "content_filter"],
  ["refusal", "refusal"],
]);

/**
 * For a whole answer, or a stream's `messageStop`. An unknown reason is a stop with its own word beside it.
 * @throws ProviderError `broken_reply` where the model failed before it wrote anything, or nothing was told at all
 */
export function finishedFor(
  { stopReason, additionalModelResponseFields: fields }: JsonObject,
  parts: PartWriter,
): ProviderFinished {
  const rawReason = textIn(stopReason);
  if (rawReason?.startsWith("malformed_") === true && parts.count() === 0) {
    throw brokenReplyQuoted(`the model failed at its answer (${rawReason.slice(0, 80)})`);
  }
  if (rawReason === undefined && parts.count() === 0) {
    throw brokenReply("it has neither content nor a stop reason");
  }
  return {
    type: "finished",
    reason: (rawReason === undefined ? undefined : reasons.get(rawReason)) ?? "stop",
    rawReason,
    stopSequence: stopSequenceIn(fields),
  };
}

/** A stream has it inside of `delta`. */
function stopSequenceIn(fields: JsonValue | undefined): string | undefined {
  const object = objectIn(fields);
  return stringIn(object?.["stop_sequence"]) ?? stringIn(objectIn(object?.["delta"])?.["stop_sequence"]);
}

/** Members that describe the answer, or are read elsewhere; `p` is padding. */
const notes: ReadonlySet<string> = new Set([
  "output",
  "stopReason",
  "usage",
  "metrics",
  "performanceConfig",
  "serviceTier",
  "p",
]);

/** Each other member as an opaque part: a guardrail's trace, fields of the model's own. */
export function writeExtras(members: JsonObject, parts: PartWriter): void {
  for (const name in members) {
    const value = members[name];
    if (notes.has(name) || !saysSomething(value)) continue;
    if (name === "additionalModelResponseFields" && isStopSequenceAlone(value)) continue;
    parts.opaque(name, value);
  }
}

function isStopSequenceAlone(fields: JsonValue): boolean {
  const object = objectIn(fields);
  if (object === undefined) return false;
  return Object.entries(object).every(
    ([name, value]) =>
      name === "stop_sequence" ||
      (name === "delta" && Object.keys(objectIn(value) ?? { other: null }).join() === "stop_sequence"),
  );
}

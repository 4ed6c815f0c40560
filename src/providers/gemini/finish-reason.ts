// Why the vendor stopped. Sources: ai.google.dev/api/generate-content#finishreason and #blockreason; the numbers are
// those of google/cloud/aiplatform/v1, whose path alone is known to write enums as numbers.

import type { FinishReason } from "../../core/chat/events.ts";
import type { JsonValue } from "../../core/json.ts";
import { textIn } from "../vendor-json.ts";

const finishNumbers: readonly string[] = [
  "",
  "STOP",
  "MAX_TOKENS",
  "SAFETY",
  "RECITATION",
  "OTHER",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "MALFORMED_FUNCTION_CALL",
  "MODEL_ARMOR",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
  "IMAGE_OTHER",
  "UNEXPECTED_TOOL_CALL",
  "NO_IMAGE",
];

const blockNumbers: readonly string[] = [
  "",
  "SAFETY",
  "OTHER",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "MODEL_ARMOR",
  "JAILBREAK",
];

/** The word of a `finishReason`; a number that is not known stays one. */
export const finishWord = (value: JsonValue | undefined): string | undefined => wordOf(value, finishNumbers);

/** The word of a `blockReason`. */
export const blockWord = (value: JsonValue | undefined): string | undefined => wordOf(value, blockNumbers);

function wordOf(value: JsonValue | undefined, numbers: readonly string[]): string | undefined {
  const word = typeof value === "number" ? (numbers[value] ?? String(value)) : textIn(value);
  return word === "" || word?.endsWith("REASON_UNSPECIFIED") === true ? undefined : word;
}

const filtered: ReadonlySet<string> = new Set([
  "SAFETY",
  "RECITATION",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "MODEL_ARMOR",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
]);

const failedCalls: ReadonlySet<string> = new Set([
  "MALFORMED_FUNCTION_CALL",
  "UNEXPECTED_TOOL_CALL",
  "TOO_MANY_TOOL_CALLS",
]);

/** Whether the model failed at a tool call: without an answer before it, such a reply is none. */
export const isFailedCall = (word: string | undefined): boolean =>
  word !== undefined && failedCalls.has(word);

/** The vendor ends tool calls with STOP. Words that are not known end a reply as STOP does. */
export function finishReasonOf(word: string | undefined, heldToolCalls: boolean): FinishReason {
  if (word === "MAX_TOKENS") return "length";
  if (word !== undefined && filtered.has(word)) return "content_filter";
  return heldToolCalls ? "tool_calls" : "stop";
}
